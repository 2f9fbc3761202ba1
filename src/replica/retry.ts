import type { ErrorCode, ReplicaError } from "../errors.ts";

/** When and how often a lost link is tried again. */
export interface ReconnectOptions {
  /** ms before the first new attempt; doubles with each one that fails. Default 100. */
  readonly minDelay?: number | undefined;
  /** ms that the delay does not exceed. Default 10,000. */
  readonly maxDelay?: number | undefined;
  /** Failures in a row after which a link that was online once gives up. Default: never. */
  readonly attempts?: number | undefined;
  /**
   * Failures in a row after which a link that was never online gives up: a wrong address should be said soon. Default 5.
   * A server that is loading or has lost its own primary is waited for without counting.
   */
  readonly initialAttempts?: number | undefined;
  /** A number in [0, 1) for the jitter: each delay is between half and all of its nominal length. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The server said "later"; it is up and knows us. */
const LATER: ReadonlySet<ErrorCode> = new Set(["LOADING", "NOMASTERLINK", "MASTERDOWN", "BUSY"]);
/** The link failed; the next one may not. */
const LINK: ReadonlySet<ErrorCode> = new Set(["CONNECT", "TIMEOUT", "DISCONNECTED"]);

/** The next attempt of a link. */
export interface Retry {
  /** 1 for the first attempt after success. */
  readonly attempt: number;
  /** ms to wait before it. */
  readonly delay: number;
}

/** Decides after each failure whether to try again and when. Exponential with jitter. */
export class RetryPolicy {
  readonly #minDelay: number;
  readonly #maxDelay: number;
  readonly #attempts: number;
  readonly #initialAttempts: number;
  readonly #random: () => number;
  readonly #enabled: boolean;
  #wasOnline = false;
  #heard = false;
  #failures = 0;
  #counted = 0;
  #placed: ReplicaError | undefined = undefined;

  /**
   * @param options `false`: the first failure ends the link.
   * @throws RangeError when a number is out of range.
   */
  constructor(options: ReconnectOptions | false = {}) {
    this.#enabled = options !== false;
    const given = options === false ? {} : options;
    this.#minDelay = positive("minDelay", given.minDelay ?? 100);
    this.#maxDelay = Math.max(this.#minDelay, positive("maxDelay", given.maxDelay ?? 10_000));
    this.#attempts = positive("attempts", given.attempts ?? Number.POSITIVE_INFINITY);
    this.#initialAttempts = positive("initialAttempts", given.initialAttempts ?? 5);
    this.#random = given.random ?? Math.random;
  }

  /** The peer said something: there is a server. */
  heard(): void {
    this.#heard = true;
  }

  /** The link is online: what failed before is forgotten. */
  succeeded(): void {
    this.#wasOnline = true;
    this.#failures = this.#counted = 0;
    this.#placed = undefined;
  }

  /**
   * The link failed.
   *
   * @throws ReplicaError the error itself when no further attempt is due: it cannot help, or there were enough. Of a row of
   * failures the one that knows where it happened is thrown.
   */
  failed(error: ReplicaError): Retry {
    if (error.offset !== undefined) this.#placed = error;
    this.#failures++;
    if (!LATER.has(error.code)) this.#counted++;
    if (!this.#mayRetry(error)) throw error.offset === undefined ? (this.#placed ?? error) : error;
    const nominal = Math.min(this.#maxDelay, this.#minDelay * 2 ** Math.min(this.#failures - 1, 30));
    return { attempt: this.#failures, delay: Math.round(nominal * (0.5 + this.#random() / 2)) };
  }

  #mayRetry({ code }: ReplicaError): boolean {
    if (!this.#enabled) return false;
    if (LATER.has(code)) return true;
    if (!LINK.has(code)) return false;
    if (this.#wasOnline) return this.#counted < this.#attempts;
    // Silence from a peer that never spoke to us is a wrong address, not a bad moment.
    return (this.#heard || code !== "TIMEOUT") && this.#counted < this.#initialAttempts;
  }
}

function positive(name: string, value: number): number {
  if (!(value > 0)) throw new RangeError(`Cannot reconnect: ${name} must be above 0, got ${value}`);
  return value;
}

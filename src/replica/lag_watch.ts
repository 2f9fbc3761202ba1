import { Connection } from "../client/connection.ts";
import { authenticate } from "../client/hello.ts";
import { parseInfo } from "../client/info.ts";
import { fieldsOf, textOf } from "../client/reply.ts";
import { ReplicaError } from "../errors.ts";
import type { Clock, Transport } from "../transport.ts";

/** What the primary says of its stream and of what it keeps for replicas. */
export interface PrimaryState {
  /** Offset of the stream's end. */
  readonly offset: number;
  /** Bytes of the stream that the primary keeps for a replica that comes back. */
  readonly backlog: number;
  /**
   * Bytes that may wait for a replica before it is cut: the lower of the hard and the soft limit. `undefined`: no limit, or
   * the user may not know.
   */
  readonly outputBuffer: number | undefined;
  /** The setting as it stands, `268435456 67108864 60`. */
  readonly outputBufferText: string | undefined;
}

/** Credentials for the second connection. */
export interface LagAccess {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/**
 * Asks a primary over a connection of its own how far its stream is and what it keeps. Needs `+info`, and `+config|get` for the
 * output buffer limit, without which that stays `undefined`. Closes the transport.
 */
export async function askPrimary(transport: Transport, access: LagAccess): Promise<PrimaryState> {
  const connection = new Connection(transport);
  try {
    const { username: user, password } = access;
    if (password !== undefined) await authenticate(connection, { user, password });
    const [info, config] = await Promise.all([
      connection.request(["INFO", "replication"]),
      connection.exchange(["CONFIG", "GET", "client-output-buffer-limit"]),
    ]);
    const { replication = {} } = parseInfo(textOf(info, "INFO"));
    const limits =
      config.type === "error"
        ? ""
        : [...fieldsOf(config, "CONFIG GET").values()].map((value) => textOf(value, "CONFIG GET")).join(" ");
    return {
      offset: Number(replication.master_repl_offset ?? 0),
      backlog: Math.max(
        Number(replication.repl_backlog_size ?? 0),
        Number(replication.repl_backlog_histlen ?? 0),
      ),
      ...replicaLimit(limits),
    };
  } finally {
    await connection.close();
  }
}

/** The replicas' part of `client-output-buffer-limit`: `normal 0 0 0 slave 268435456 67108864 60 pubsub …`. */
export function replicaLimit(setting: string): Pick<PrimaryState, "outputBuffer" | "outputBufferText"> {
  const match = /(?:^| )(?:slave|replica) (\d+) (\d+) (\d+)/.exec(setting);
  if (match === null) return { outputBuffer: undefined, outputBufferText: undefined };
  const limits = [Number(match[1]), Number(match[2])].filter((limit) => limit > 0);
  return {
    outputBuffer: limits.length === 0 ? undefined : Math.min(...limits),
    outputBufferText: match.slice(1).join(" "),
  };
}

/** A lag that is worth a warning. */
export interface LagWarning {
  readonly lag: number;
  readonly limit: number;
  readonly of: "backlog" | "output-buffer";
}

/** Parts of a limit at each of which a warning is due. */
const STEPS = [0.5, 0.75, 0.9];
/** Below this part the reader has recovered, and warnings begin anew. */
const RECOVERED = 0.25;

/** Says when a lag that grows comes near a limit: once at half, three quarters and nine tenths of it. */
export class LagAlarm {
  readonly #passed: Map<LagWarning["of"], number> = new Map();

  /** The warnings that are new with this lag. */
  judge(lag: number, state: PrimaryState): readonly LagWarning[] {
    const warnings: LagWarning[] = [];
    for (const [of, limit] of [
      ["output-buffer", state.outputBuffer],
      ["backlog", state.backlog],
    ] as const) {
      if (limit === undefined || limit <= 0) continue;
      const before = this.#passed.get(of) ?? 0;
      const now = STEPS.filter((step) => lag >= limit * step).length;
      if (now > before) warnings.push({ lag, limit, of });
      if (now > before || lag < limit * RECOVERED) this.#passed.set(of, now);
    }
    return warnings;
  }
}

/** ms between two questions while the lag is small, and while it is not. */
const CALM_PERIOD = 10_000;
const TENSE_PERIOD = 2000;
/** ms that an answer may take. */
const PATIENCE = 5000;

/** What a lag watch needs. */
export interface LagWatchOptions extends LagAccess {
  /** Opens a connection to the primary, beside the link. */
  readonly open: () => Promise<Transport>;
  readonly clock: Clock;
  /** Replication offset of what was handed out so far. */
  readonly offset: () => number;
  readonly onLag: (lag: number, warnings: readonly LagWarning[], state: PrimaryState) => void;
  /** The user may not ask; said once. */
  readonly onRefused: (error: ReplicaError) => void;
}

/**
 * Asks the primary about the lag now and then, over a connection opened for each question: only a reader that has fallen
 * behind asks at all. Failures of the network are passed over, the link itself will tell them.
 */
export class LagWatch {
  readonly #options: LagWatchOptions;
  readonly #alarm: LagAlarm = new LagAlarm();
  #askAt = Number.NEGATIVE_INFINITY;
  #asking = false;
  #refused = false;
  #transport: Transport | undefined = undefined;
  #cancel: (() => void) | undefined = undefined;

  constructor(options: LagWatchOptions) {
    this.#options = options;
  }

  /** The reader is behind: asks if it is time to. */
  poll(now: number): void {
    if (this.#asking || this.#refused || now < this.#askAt) return;
    this.#asking = true;
    this.#ask().then(
      () => this.#finish(),
      (error: unknown) => {
        this.#finish();
        const code = error instanceof ReplicaError ? error.code : "closed";
        if (code === "CONNECT" || code === "TIMEOUT" || code === "DISCONNECTED" || code === "closed") return;
        this.#refused = true;
        this.#options.onRefused(error as ReplicaError);
      },
    );
  }

  /** Ends a question under way. */
  stop(): void {
    this.#askAt = Number.POSITIVE_INFINITY;
    this.#refused = true;
    this.#cancel?.();
    void this.#transport?.close().catch(() => {});
  }

  async #ask(): Promise<void> {
    const { open, clock, offset, onLag } = this.#options;
    this.#askAt = clock.now() + TENSE_PERIOD;
    const transport = await open();
    if (this.#refused) {
      await transport.close();
      return;
    }
    this.#transport = transport;
    this.#cancel = clock.setTimer(PATIENCE, () => void transport.close().catch(() => {}));
    const state = await askPrimary(transport, this.#options);
    if (this.#refused) return;
    const lag = Math.max(0, state.offset - offset());
    const tense = lag * 10 > Math.min(state.outputBuffer ?? Number.POSITIVE_INFINITY, state.backlog);
    this.#askAt = clock.now() + (tense ? TENSE_PERIOD : CALM_PERIOD);
    onLag(lag, this.#alarm.judge(lag, state), state);
  }

  #finish(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#transport = undefined;
    this.#asking = false;
  }
}

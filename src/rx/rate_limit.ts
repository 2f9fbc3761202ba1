import {
  asyncScheduler,
  type MonoTypeOperatorFunction,
  type SchedulerLike,
  type Subscriber,
  type Subscription,
} from "rxjs";
import { ReplicaError } from "../errors.ts";
import type { Gate } from "./create_gate.ts";
import { operate } from "./operate.ts";

/** How fast {@link rateLimit} lets values through. */
export interface RateLimitOptions {
  /** Values a second, on average. */
  readonly perSecond: number;
  /** The gate of the source: held while the next value is not due. */
  readonly gate: Gate;
  /** Values that may pass at once after a pause. Default: what a twentieth of a second allows, at least 1. */
  readonly burst?: number | undefined;
  /** Values that may wait, from a source that does not look at the gate at once; `LIMIT` above. Default 10,000. */
  readonly maxWaiting?: number | undefined;
  /** Measures the time. Default: RxJS' `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/**
 * Lets values through at a bounded rate, all of them and in order, by holding the gate of the source whenever the next is not
 * due: what is ahead stays with the source, not in memory. In any span of time at most `perSecond` times its seconds pass, plus `burst`.
 *
 * A source without the gate is kept waiting in memory up to `maxWaiting` values, then `ReplicaError` code `LIMIT`. The end, or an
 * error, comes after what waits. A primary held back for long cuts the link: see its `client-output-buffer-limit`.
 *
 * Throws `RangeError` for numbers that are not positive.
 *
 * @example
 * ```ts
 * import { createGate, rateLimit } from "rxreplica";
 * import { lastValueFrom, range, toArray } from "rxjs";
 *
 * const gate = createGate();
 * const begun = Date.now();
 * const all = await lastValueFrom(range(1, 6).pipe(rateLimit({ perSecond: 100, burst: 1, gate }), toArray()));
 * if (all.length !== 6 || Date.now() - begun < 40) throw new Error("too fast");
 * ```
 */
export function rateLimit<T>(options: RateLimitOptions): MonoTypeOperatorFunction<T> {
  const { perSecond, gate, scheduler = asyncScheduler, maxWaiting = 10_000 } = options;
  if (!(perSecond > 0 && perSecond < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`Cannot limit the rate: perSecond must be above 0, got ${String(perSecond)}`);
  }
  const burst = options.burst ?? Math.max(1, perSecond / 20);
  if (!(burst >= 1))
    throw new RangeError(`Cannot limit the rate: burst must be 1 or more, got ${String(burst)}`);
  if (!(maxWaiting >= 0)) {
    throw new RangeError(`Cannot limit the rate: maxWaiting must be 0 or more, got ${String(maxWaiting)}`);
  }
  const settings: Settings = { perMs: perSecond / 1000, gate, burst, maxWaiting, scheduler };
  return (source) => operate<T, T>(source, (destination) => new Limiter<T>(settings, destination));
}

interface Settings {
  readonly perMs: number;
  readonly gate: Gate;
  readonly burst: number;
  readonly maxWaiting: number;
  readonly scheduler: SchedulerLike;
}

/** Sums of fractions of a value come out a little below the whole. */
const ALMOST_ONE = 1 - 1e-9;

class Limiter<T> {
  readonly #settings: Settings;
  readonly #destination: Subscriber<T>;
  #waiting: T[] = [];
  /** Of `waiting`, those before this have passed. */
  #head = 0;
  /** Values that may pass now, as of `#at`. */
  #credit: number;
  #at: number;
  #timer: Subscription | undefined = undefined;
  #release: (() => void) | undefined = undefined;
  #end: (() => void) | undefined = undefined;

  constructor(settings: Settings, destination: Subscriber<T>) {
    this.#settings = settings;
    this.#destination = destination;
    this.#credit = settings.burst;
    this.#at = settings.scheduler.now();
    destination.add(() => {
      this.#timer?.unsubscribe();
      this.#waiting = [];
      this.#open();
    });
  }

  next(value: T): void {
    this.#waiting.push(value);
    if (this.#timer === undefined) this.#pass();
    const waiting = this.#waiting.length - this.#head;
    if (waiting <= this.#settings.maxWaiting || this.#destination.closed) return;
    throw new ReplicaError(
      "LIMIT",
      `Cannot limit the rate: more than ${this.#settings.maxWaiting} values wait; give the source the same gate or raise maxWaiting`,
    );
  }

  error(error: unknown): void {
    this.#finish(() => this.#destination.error(error));
  }

  complete(): void {
    this.#finish(() => this.#destination.complete());
  }

  #finish(end: () => void): void {
    if (this.#head === this.#waiting.length) end();
    else this.#end = end;
  }

  /** Passes what is due, then holds the gate until the next is. */
  #pass(): void {
    this.#refill();
    while (this.#head < this.#waiting.length && this.#credit >= ALMOST_ONE) {
      this.#credit--;
      const value = this.#waiting[this.#head]!;
      this.#head++;
      if (this.#head === this.#waiting.length) {
        this.#waiting = [];
        this.#head = 0;
      }
      this.#destination.next(value);
      if (this.#destination.closed) return;
    }
    if (this.#credit >= ALMOST_ONE) {
      this.#end?.();
      this.#open();
      return;
    }
    if (this.#head === this.#waiting.length && this.#end !== undefined) {
      this.#end();
      return;
    }
    const { gate, perMs, scheduler } = this.#settings;
    this.#release ??= gate.hold();
    this.#timer = scheduler.schedule(
      () => {
        this.#timer = undefined;
        this.#pass();
      },
      Math.ceil((1 - this.#credit) / perMs),
    );
  }

  #refill(): void {
    const { burst, perMs, scheduler } = this.#settings;
    const now = scheduler.now();
    this.#credit = Math.min(burst, this.#credit + Math.max(0, now - this.#at) * perMs);
    this.#at = now;
  }

  #open(): void {
    this.#release?.();
    this.#release = undefined;
  }
}

import {
  asyncScheduler,
  type OperatorFunction,
  type SchedulerLike,
  type Subscriber,
  Subscription,
} from "rxjs";
import { ReplicaError } from "../errors.ts";
import type { Gate } from "./create_gate.ts";
import { detachSparse } from "./detach_sparse.ts";
import { eventBytes } from "./event_bytes.ts";
import { OpenTransactions } from "./open_transactions.ts";
import { operate } from "./operate.ts";

/** When {@link batch} closes a batch: at the first of the given limits. At least one is needed. */
export interface BatchOptions<T> {
  /** Values in a batch. */
  readonly count?: number | undefined;
  /** Bytes in a batch; the value that reaches the limit is part of it. */
  readonly bytes?: number | undefined;
  /** Age of the first value, ms. */
  readonly ms?: number | undefined;
  /** The gate of the source: while it is held, no batch is closed by its age. */
  readonly gate?: Gate | undefined;
  /** What `bytes` counts for a value. Default {@link eventBytes}. */
  readonly sizeOf?: ((value: T) => number) | undefined;
  /** `"whole"` (default): a batch that is due waits for the EXEC of a transaction. `"split"`: it does not. */
  readonly transactions?: "whole" | "split" | undefined;
  /** Bytes by which a transaction may lengthen a batch that is due. Default 64 MiB. */
  readonly maxExcess?: number | undefined;
  /** Measures `ms`. Default: RxJS' `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

const MAX_EXCESS = 64 * 1024 * 1024;
/** Values after which it is looked whether they keep more input than they are worth. */
const STRIDE = 16;

/**
 * Gathers values into arrays; the first limit that is reached closes the batch. Batches are never empty and keep the
 * order. On completion, and before an error, what is pending goes out.
 *
 * Events that stand far apart in the stream, as after a filter, are detached from their chunks: a batch keeps about the
 * memory of its events, not of everything between them.
 *
 * A transaction is not split unless told: its batch closes after EXEC. One that lengthens a batch by more than `maxExcess`
 * ends the stream with `ReplicaError` code `LIMIT`. The operator never holds the gate; it only looks at it, so that the clock does
 * not push a batch onto a consumer still at work on the last one.
 *
 * Throws `TypeError` without any limit, `RangeError` for a limit that is not positive.
 *
 * @example
 * ```ts
 * import { batch } from "rxreplica";
 * import { lastValueFrom, range, toArray } from "rxjs";
 *
 * const batches = await lastValueFrom(range(1, 5).pipe(batch({ count: 2, ms: 1000 }), toArray()));
 * if (JSON.stringify(batches) !== "[[1,2],[3,4],[5]]") throw new Error("unexpected");
 * ```
 */
export function batch<T>(options: BatchOptions<T>): OperatorFunction<T, T[]> {
  const limits = compileLimits(options);
  return (source) => operate(source, (destination) => new Batcher(limits, destination));
}

interface Limits<T> {
  readonly count: number;
  readonly bytes: number;
  readonly ms: number | undefined;
  readonly gate: Gate | undefined;
  readonly measures: boolean;
  readonly sizeOf: (value: T) => number;
  readonly whole: boolean;
  readonly maxExcess: number;
  readonly scheduler: SchedulerLike;
}

function compileLimits<T>(options: BatchOptions<T>): Limits<T> {
  const { count, bytes, ms } = options;
  if (count === undefined && bytes === undefined && ms === undefined) {
    throw new TypeError("Cannot batch without a limit: give count, bytes or ms");
  }
  if (count !== undefined && !(Number.isInteger(count) && count > 0)) {
    throw new RangeError(`Cannot batch by count: expected an integer from 1 on, got ${String(count)}`);
  }
  if (bytes !== undefined && !(bytes > 0)) {
    throw new RangeError(`Cannot batch by bytes: expected a number above 0, got ${String(bytes)}`);
  }
  if (ms !== undefined && !(ms > 0 && ms < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`Cannot batch by time: expected ms above 0, got ${String(ms)}`);
  }
  return {
    count: count ?? Number.POSITIVE_INFINITY,
    bytes: bytes ?? Number.POSITIVE_INFINITY,
    ms,
    gate: options.gate,
    measures: bytes !== undefined,
    sizeOf: options.sizeOf ?? eventBytes,
    whole: options.transactions !== "split",
    maxExcess: options.maxExcess ?? MAX_EXCESS,
    scheduler: options.scheduler ?? asyncScheduler,
  };
}

class Batcher<T> {
  readonly #limits: Limits<T>;
  readonly #destination: Subscriber<T[]>;
  readonly #transactions: OpenTransactions | undefined;
  #values: T[] = [];
  #bytes = 0;
  /** A limit was reached inside a transaction, and this many bytes came since. */
  #due = false;
  #excess = 0;
  /** When the first value came, on the scheduler's clock. */
  #since = 0;
  #timer: Subscription | undefined = undefined;

  constructor(limits: Limits<T>, destination: Subscriber<T[]>) {
    this.#limits = limits;
    this.#destination = destination;
    this.#transactions = limits.whole ? new OpenTransactions() : undefined;
    if (limits.ms !== undefined) destination.add(() => this.#timer?.unsubscribe());
  }

  next(value: T): void {
    const limits = this.#limits;
    const length = this.#values.push(value);
    if (length % STRIDE === 0) detachSparse(this.#values, length - STRIDE);
    this.#transactions?.note(value);
    if (length === 1 && limits.ms !== undefined) this.#start(limits.ms);
    if (this.#due) this.#excess += limits.sizeOf(value);
    else if (limits.measures) this.#bytes += limits.sizeOf(value);
    if (this.#due || length >= limits.count || this.#bytes >= limits.bytes) this.#close();
  }

  error(error: unknown): void {
    this.#flush();
    this.#destination.error(error);
  }

  complete(): void {
    this.#flush();
    this.#destination.complete();
  }

  /** Closes the batch, or notes that it is due when that would split a transaction. */
  #close(): void {
    if (this.#transactions?.any !== true) {
      this.#flush();
    } else if (this.#excess > this.#limits.maxExcess) {
      throw new ReplicaError(
        "LIMIT",
        `Cannot keep a transaction in one batch: it exceeds ${this.#limits.maxExcess} bytes; raise maxExcess or let transactions be split`,
      );
    } else this.#due = true;
  }

  #flush(): void {
    const values = this.#values;
    if (values.length === 0) return;
    this.#values = [];
    this.#bytes = 0;
    this.#due = false;
    this.#excess = 0;
    this.#destination.next(values);
  }

  /** Starts the age of a batch. A timer that runs for an earlier batch serves: it looks at the age when it ends. */
  #start(ms: number): void {
    this.#since = this.#limits.scheduler.now();
    this.#timer ??= this.#schedule(ms);
  }

  #schedule(ms: number): Subscription {
    return this.#limits.scheduler.schedule(() => this.#tick(), ms);
  }

  #tick(): void {
    this.#timer = undefined;
    const { ms, gate, scheduler } = this.#limits;
    if (this.#values.length === 0 || this.#destination.closed) return;
    const left = this.#since + ms! - scheduler.now();
    if (left > 0) {
      this.#timer = this.#schedule(left);
    } else if (gate?.held === true) {
      this.#await(gate);
    } else this.#close();
  }

  /** Lets the gate take the timer's place: what was due when it was held is judged anew when it opens. */
  #await(gate: Gate): void {
    this.#timer = new Subscription();
    void gate.opened().then(() => this.#tick());
  }
}

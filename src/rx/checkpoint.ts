import { asyncScheduler, type MonoTypeOperatorFunction, type SchedulerLike } from "rxjs";
import type { Position } from "../events.ts";
import { Checkpointer } from "./checkpointer.ts";
import type { Gate } from "./create_gate.ts";
import { operate } from "./operate.ts";
import type { CheckpointStore, Stateful } from "./saved.ts";

/** A value of the stream that {@link checkpoint} can place: an event, a unit of events with a position, or a batch of them. */
export type Checkpointable =
  | { readonly position: Position | undefined }
  | readonly { readonly position: Position | undefined }[];

/** How {@link checkpoint} works. */
export interface CheckpointOptions {
  /** The gate of the source: held while `process` or the store is at work. Without it, values queue up meanwhile. */
  readonly gate?: Gate | undefined;
  /** Save at most once in this many ms; what is left is saved when they have passed, and at the end. Default 0: every time. */
  readonly every?: number | undefined;
  /** Parts of the pipeline, before this operator, whose state is stored together with the position. */
  readonly states?: readonly Stateful[] | undefined;
  /** Measures `every`. Default: RxJS' `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/**
 * Processes the values one after the other and saves the position of each in `store` once it is done. Emits each value after
 * that. Whoever resumes at the saved position sees every event at least once: those since the last save again.
 *
 * `process` is done when it returns, or when the promise or Observable it returns has ended; a failure ends the stream and
 * nothing of that value is saved. It is called for every value, link events included; `link: progress` thereby moves the
 * saved position of a stream from which everything else was filtered. Nothing is saved inside a snapshot, where there is no
 * position, or inside a transaction. A batch has the position of its last event.
 *
 * When the source completes or fails, the values before are processed and their position saved first. Unsubscribing stops at
 * once and saves nothing more: to stop in order, complete the source (`takeUntil` before this operator).
 *
 * With `states`, each state stored is bound to the very position stored; while a part is ahead of it (an operator between
 * them keeps events), saving waits.
 *
 * @example
 * ```ts
 * import { checkpoint, createMemoryStore, type RedisEvent } from "rxreplica";
 * import { lastValueFrom, of } from "rxjs";
 *
 * const position = { replid: "0".repeat(40), offset: 120, db: 0 };
 * const event: RedisEvent = { kind: "link", event: "progress", lag: 0, position, receivedAt: undefined };
 * const store = createMemoryStore();
 * const seen: string[] = [];
 * await lastValueFrom(of(event).pipe(checkpoint(store, async (value) => void seen.push(value.event))));
 * if (seen.join() !== "progress" || (await store.load())?.position.offset !== 120) throw new Error("unexpected");
 * ```
 */
export function checkpoint<T extends Checkpointable>(
  store: CheckpointStore,
  process: (value: T) => unknown,
  options: CheckpointOptions = {},
): MonoTypeOperatorFunction<T> {
  if (typeof process !== "function") throw new TypeError("Cannot checkpoint: process must be a function");
  const every = options.every ?? 0;
  if (!(every >= 0 && every < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`Cannot checkpoint: every must be 0 ms or more, got ${String(every)}`);
  }
  const plan = {
    store,
    process,
    gate: options.gate,
    every,
    states: options.states ?? [],
    scheduler: options.scheduler ?? asyncScheduler,
  };
  return (source) => operate<T, T>(source, (destination) => new Checkpointer(plan, destination));
}

import { isObservable, type SchedulerLike, type Subscriber, type Subscription } from "rxjs";
import type { Position } from "../events.ts";
import type { Gate } from "./create_gate.ts";
import { OpenTransactions } from "./open_transactions.ts";
import { type CheckpointStore, type SavedState, type Stateful, samePosition } from "./saved.ts";

/** What `checkpoint` was told, defaults filled in. */
export interface CheckpointPlan<T> {
  readonly store: CheckpointStore;
  readonly process: (value: T) => unknown;
  readonly gate: Gate | undefined;
  readonly every: number;
  readonly states: readonly Stateful[];
  readonly scheduler: SchedulerLike;
}

/** How the stream ends once everything before is done. */
type End = { readonly error: unknown } | "complete";

/**
 * `checkpoint` at work on one subscription. One value is in work at a time; each is processed, settled (its position is now
 * the one to save), perhaps saved, and emitted. Only what really waits costs a promise.
 */
export class Checkpointer<T> {
  readonly #plan: CheckpointPlan<T>;
  readonly #destination: Subscriber<T>;
  readonly #transactions = new OpenTransactions();
  readonly #queue: T[] = [];
  /** Waiting for `process` or the store. */
  #busy = false;
  #draining = false;
  #release: (() => void) | undefined = undefined;
  #end: End | undefined = undefined;
  /** The value done last, while its position is not saved. The position is read only when it is saved. */
  #unsaved: { readonly value: T } | undefined = undefined;
  #savedPosition: Position | undefined = undefined;
  /** Runs while nothing may be saved because of `every`. */
  #pause: Subscription | undefined = undefined;

  constructor(plan: CheckpointPlan<T>, destination: Subscriber<T>) {
    this.#plan = plan;
    this.#destination = destination;
    destination.add(() => this.#stop());
  }

  next(value: T): void {
    if (this.#end !== undefined) return;
    this.#queue.push(value);
    this.#drain();
  }

  error(error: unknown): void {
    this.#fail(error);
    this.#drain();
  }

  complete(): void {
    this.#end ??= "complete";
    this.#drain();
  }

  /** Works off the queue until something has to be waited for; not recursive, however many values are done at once. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    while (!this.#busy && this.#queue.length > 0) this.#work(this.#queue.shift()!);
    this.#draining = false;
    if (this.#busy) return;
    if (this.#end !== undefined) this.#finish(this.#end);
    else this.#openGate();
  }

  #work(value: T): void {
    let result: unknown;
    try {
      result = this.#plan.process(value);
    } catch (error) {
      this.#stopAt(error);
      return;
    }
    if (isObservable(result)) {
      this.#wait();
      const done = result.subscribe({
        error: (error: unknown) => this.#resume(() => this.#stopAt(error)),
        complete: () => this.#resume(() => this.#settle(value)),
      });
      this.#destination.add(done);
    } else if (isPromiseLike(result)) {
      this.#waitFor(result, () => this.#settle(value));
    } else this.#settle(value);
  }

  /** The value is processed: its position may be saved. */
  #settle(value: T): void {
    if (Array.isArray(value)) for (const event of value) this.#transactions.note(event);
    else this.#transactions.note(value);
    this.#unsaved = { value };
    const saving = this.#pause === undefined ? this.#save() : undefined;
    if (saving === undefined) this.#destination.next(value);
    else this.#waitFor(saving, () => this.#destination.next(value));
  }

  /** Begins to save what is unsaved, if it can be saved now. */
  #save(): Promise<void> | undefined {
    if (this.#unsaved === undefined || this.#transactions.any) return undefined;
    const position = positionOf(this.#unsaved.value);
    if (position === undefined || samePosition(position, this.#savedPosition)) {
      this.#unsaved = undefined;
      return undefined;
    }
    const { states, every, scheduler } = this.#plan;
    // A part that is ahead has seen events that are not done: saved with this position they would count twice.
    if (!states.every((part) => samePosition(part.position, position))) return undefined;
    this.#unsaved = undefined;
    if (every > 0) this.#pause = scheduler.schedule(() => this.#endPause(), every);
    return this.#store(position);
  }

  async #store(position: Position): Promise<void> {
    const { store, states } = this.#plan;
    const saved: Record<string, SavedState> = {};
    for (const part of states) saved[part.name] = part.save();
    await store.save({ version: 1, position, states: saved });
    this.#savedPosition = position;
  }

  #endPause(): void {
    this.#pause = undefined;
    // A value in work saves by itself when it is done.
    if (this.#busy || this.#draining) return;
    const saving = this.#save();
    if (saving !== undefined) this.#waitFor(saving, nothing);
  }

  /** The source has ended and everything before is done. */
  #finish(end: End): void {
    const saving = this.#save();
    if (saving !== undefined) this.#waitFor(saving, nothing);
    else if (end === "complete") this.#destination.complete();
    else this.#destination.error(end.error);
  }

  /** A value could not be processed, or a position not saved: nothing after it is touched. */
  #stopAt(error: unknown): void {
    this.#queue.length = 0;
    this.#fail(error);
  }

  /** The first error is the one that is told. */
  #fail(error: unknown): void {
    if (this.#end === undefined || this.#end === "complete") this.#end = { error };
  }

  #waitFor(work: PromiseLike<unknown>, then: () => void): void {
    this.#wait();
    work.then(
      () => this.#resume(then),
      (error: unknown) => this.#resume(() => this.#stopAt(error)),
    );
  }

  #wait(): void {
    this.#busy = true;
    this.#release ??= this.#plan.gate?.hold();
  }

  #resume(step: () => void): void {
    if (this.#destination.closed) return;
    this.#busy = false;
    try {
      step();
      this.#drain();
    } catch (error) {
      this.#destination.error(error);
    }
  }

  #openGate(): void {
    this.#release?.();
    this.#release = undefined;
  }

  #stop(): void {
    this.#queue.length = 0;
    this.#pause?.unsubscribe();
    this.#openGate();
  }
}

function positionOf(value: unknown): Position | undefined {
  const event: unknown = Array.isArray(value) ? value[value.length - 1] : value;
  return (event as { readonly position?: Position | undefined } | undefined)?.position;
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { readonly then?: unknown }).then === "function"
  );
}

function nothing(): void {}

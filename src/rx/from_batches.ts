import { Observable, type Subscriber } from "rxjs";
import type { Gate } from "./create_gate.ts";

const NOTHING: readonly never[] = [];

/**
 * Makes an Observable of an iterable of event batches, pulled at the consumer's pace.
 *
 * Each subscription calls `batches` and iterates once: the next batch is asked for when the last event of the one before was
 * taken. While `gate` is held, no event is emitted and no batch is asked for; emission goes on in the same place. An
 * error arrives after all events before it, and like completion waits for the gate, so that work in progress on the last event is
 * not cut off. Unsubscribing calls the iterator's `return` at once, held or not; the iterator must let go of what it waits
 * for.
 *
 * Costs one promise a batch, none an event.
 *
 * @example
 * ```ts
 * import { fromBatches } from "rxreplica";
 * import { lastValueFrom, toArray } from "rxjs";
 *
 * async function* batches() {
 *   yield [1, 2];
 *   yield [3];
 * }
 * const values = await lastValueFrom(fromBatches(batches).pipe(toArray()));
 * if (values.join() !== "1,2,3") throw new Error("unexpected");
 * ```
 */
export function fromBatches<T>(batches: () => AsyncIterable<readonly T[]>, gate?: Gate): Observable<T> {
  return new Observable<T>((subscriber) => {
    const pump = new Pump(batches()[Symbol.asyncIterator](), gate, subscriber);
    subscriber.add(() => pump.stop());
    void pump.run();
  });
}

class Pump<T> {
  readonly #iterator: AsyncIterator<readonly T[]>;
  readonly #gate: Gate | undefined;
  readonly #subscriber: Subscriber<T>;
  #batch: readonly T[] = NOTHING;
  /** The iterator has neither ended nor failed: it has to be told when nobody wants more. */
  #live = true;

  constructor(iterator: AsyncIterator<readonly T[]>, gate: Gate | undefined, subscriber: Subscriber<T>) {
    this.#iterator = iterator;
    this.#gate = gate;
    this.#subscriber = subscriber;
  }

  async run(): Promise<void> {
    const gate = this.#gate;
    const subscriber = this.#subscriber;
    try {
      for (;;) {
        if (gate?.held === true) await this.#opened(gate);
        if (subscriber.closed) return;
        const result = await this.#iterator.next();
        if (subscriber.closed) return;
        if (result.done === true) break;
        this.#batch = result.value;
        let next = this.#emit(0);
        while (next < this.#batch.length) {
          await this.#opened(gate!);
          next = this.#emit(next);
        }
        if (subscriber.closed) return;
      }
    } catch (error) {
      // Only the iterator throws here, and then it has ended: RxJS takes exceptions of consumers for itself.
      this.#live = false;
      if (gate !== undefined) await this.#opened(gate);
      subscriber.error(error);
      return;
    }
    this.#live = false;
    if (gate?.held === true) await this.#opened(gate);
    subscriber.complete();
  }

  /** Called when the subscription ends, for whatever reason. Does not wait for the gate. */
  stop(): void {
    // A batch that waits at the gate must not live as long as the gate.
    this.#batch = NOTHING;
    if (!this.#live) return;
    this.#live = false;
    try {
      // Nobody is left to be told that closing failed.
      this.#iterator.return?.().then(undefined, ignore);
    } catch {}
  }

  /** Emits the batch from `from` on until its end, a held gate or the end of the subscription. Returns where it stopped. */
  #emit(from: number): number {
    const batch = this.#batch;
    const gate = this.#gate;
    const subscriber = this.#subscriber;
    let at = from;
    while (at < batch.length && gate?.held !== true) {
      subscriber.next(batch[at++]!);
      if (subscriber.closed) break;
    }
    return at;
  }

  async #opened(gate: Gate): Promise<void> {
    while (gate.held && !this.#subscriber.closed) await gate.opened();
  }
}

function ignore(): void {}

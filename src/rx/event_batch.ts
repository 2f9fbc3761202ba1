/** From so many events on it pays to make room for the next ones at once. */
const MANY = 64;

/**
 * Gathers the events of one chunk after another. An array that grows with each event is copied a dozen times over for a chunk
 * of thousands: the next one is made as large as the last turned out to be.
 */
export class EventBatch<T> {
  #events: T[] = [];
  #count = 0;

  push(event: T): void {
    this.#events[this.#count++] = event;
  }

  /** The events since the last call; `undefined` when there are none. */
  take(): readonly T[] | undefined {
    const events = this.#events;
    const count = this.#count;
    if (count === 0) return undefined;
    if (events.length > count) events.length = count;
    this.#events = count < MANY ? [] : new Array<T>(count + (count >> 4));
    this.#count = 0;
    return events;
  }
}

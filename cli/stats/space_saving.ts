/** What is known of one name. */
export interface Tracked {
  readonly name: string;
  /** Sum of the weights, too high by at most `error`. */
  readonly weight: number;
  /** How often it was added, exact when `error` is 0, else since it is tracked. */
  readonly count: number;
  readonly error: number;
}

interface Counter {
  name: string;
  weight: number;
  count: number;
  error: number;
  /** Place in the heap. */
  at: number;
}

/**
 * The heaviest of any number of names in bounded memory: the Space-Saving algorithm of Metwally, Agrawal and El Abbadi
 * (2005). Everything is exact until there are more names than `capacity`. From then on the lightest makes room for a
 * newcomer, which takes over its weight as possible error; a name heavier than the total divided by `capacity` is never missed.
 */
export class SpaceSaving {
  readonly #capacity: number;
  readonly #counters = new Map<string, Counter>();
  /** A heap with the lightest on top. */
  readonly #heap: Counter[] = [];

  constructor(capacity: number) {
    if (!(capacity >= 1)) throw new RangeError(`Cannot track ${capacity} names: need room for at least 1`);
    this.#capacity = capacity;
  }

  add(name: string, weight: number): void {
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = this.#heap.length < this.#capacity ? this.#open(name) : this.#replaceLightest(name);
    }
    counter.weight += weight;
    counter.count++;
    this.#down(counter);
  }

  /** The heaviest first. */
  entries(): readonly Tracked[] {
    return [...this.#heap].sort((a, b) => b.weight - a.weight);
  }

  #open(name: string): Counter {
    const counter: Counter = { name, weight: 0, count: 0, error: 0, at: this.#heap.length };
    this.#heap.push(counter);
    this.#counters.set(name, counter);
    this.#up(counter);
    return counter;
  }

  #replaceLightest(name: string): Counter {
    const counter = this.#heap[0]!;
    this.#counters.delete(counter.name);
    counter.name = name;
    counter.error = counter.weight;
    counter.count = 0;
    this.#counters.set(name, counter);
    return counter;
  }

  #up(counter: Counter): void {
    const heap = this.#heap;
    while (counter.at > 0) {
      const parent = heap[(counter.at - 1) >> 1]!;
      if (parent.weight <= counter.weight) return;
      this.#swap(parent, counter);
    }
  }

  #down(counter: Counter): void {
    const heap = this.#heap;
    for (;;) {
      const left = heap[2 * counter.at + 1];
      const right = heap[2 * counter.at + 2];
      const lighter = right !== undefined && right.weight < left!.weight ? right : left;
      if (lighter === undefined || lighter.weight >= counter.weight) return;
      this.#swap(counter, lighter);
    }
  }

  #swap(a: Counter, b: Counter): void {
    const at = a.at;
    a.at = b.at;
    b.at = at;
    this.#heap[a.at] = a;
    this.#heap[b.at] = b;
  }
}

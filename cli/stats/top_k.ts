/** The `k` largest of everything offered, exactly, in memory for `k`. */
export class TopK<T> {
  readonly #k: number;
  readonly #sizeOf: (entry: T) => number;
  /** A heap with the smallest on top: what a newcomer has to beat. */
  readonly #heap: T[] = [];

  constructor(k: number, sizeOf: (entry: T) => number) {
    this.#k = k;
    this.#sizeOf = sizeOf;
  }

  /** Whether an entry of this size would be kept, so that others need not be made. */
  wants(size: number): boolean {
    return this.#heap.length < this.#k || (this.#k > 0 && size > this.#sizeOf(this.#heap[0]!));
  }

  offer(entry: T): void {
    if (!this.wants(this.#sizeOf(entry))) return;
    if (this.#heap.length < this.#k) {
      this.#heap.push(entry);
      this.#up(this.#heap.length - 1);
    } else {
      this.#heap[0] = entry;
      this.#down();
    }
  }

  /** The entries, largest first. */
  entries(): readonly T[] {
    return [...this.#heap].sort((a, b) => this.#sizeOf(b) - this.#sizeOf(a));
  }

  #up(from: number): void {
    const heap = this.#heap;
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (this.#sizeOf(heap[parent]!) <= this.#sizeOf(heap[at]!)) return;
      [heap[parent], heap[at]] = [heap[at]!, heap[parent]!];
      at = parent;
    }
  }

  #down(): void {
    const heap = this.#heap;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && this.#sizeOf(heap[child]!) < this.#sizeOf(heap[least]!)) least = child;
      }
      if (least === at) return;
      [heap[least], heap[at]] = [heap[at]!, heap[least]!];
      at = least;
    }
  }
}

/** A range of the ring. */
export interface Extent {
  readonly at: number;
  readonly length: number;
}

interface Used extends Extent {
  free: boolean;
}

/** Gives out ranges of a file of fixed size, each in one piece, round and round. */
export class Ring {
  readonly #size: number;
  /** Ranges in the order they were taken, from the oldest that is still in use. */
  #used: Used[] = [];
  #oldest = 0;
  #bytes = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The next range of that length; `undefined` while there is no room for it. */
  take(length: number): Extent | undefined {
    const at = this.#placeFor(length);
    if (at === undefined) return undefined;
    const extent = { at, length, free: false };
    this.#used.push(extent);
    this.#bytes += length;
    return extent;
  }

  /** Gives a range back. Its place is used again once all that were taken before it are back too. */
  release(extent: Extent): void {
    const used = extent as Used;
    if (used.free) return;
    used.free = true;
    this.#bytes -= used.length;
    while (this.#used[this.#oldest]?.free === true) this.#oldest++;
    if (this.#oldest < 1024 && this.#oldest < this.#used.length) return;
    this.#used = this.#used.slice(this.#oldest);
    this.#oldest = 0;
  }

  #placeFor(length: number): number | undefined {
    const first = this.#used[this.#oldest];
    const last = this.#used[this.#used.length - 1];
    if (first === undefined || last === undefined) return length <= this.#size ? 0 : undefined;
    const end = last.at + last.length;
    // Wrapped round: free is what lies between the newest and the oldest.
    if (last.at < first.at) return end + length <= first.at ? end : undefined;
    if (end + length <= this.#size) return end;
    return length <= first.at ? 0 : undefined;
  }
}

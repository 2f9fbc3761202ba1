/** A range of a file. */
export interface Extent {
  readonly at: number;
  readonly length: number;
}

/**
 * Gives out ranges of a file of bounded size, each in one piece, always the first that is free: a file that is filled and
 * emptied for long does not grow beyond what it had to hold at once.
 */
export class FileSpace {
  readonly #size: number;
  /** Ranges in use, in the order of their places. */
  readonly #used: Extent[] = [];
  #bytes = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Where the last range in use ends: the file needs to be no longer. */
  get end(): number {
    const last = this.#used[this.#used.length - 1];
    return last === undefined ? 0 : last.at + last.length;
  }

  /** The first range of that length; `undefined` while there is no room for it. */
  take(length: number): Extent | undefined {
    let at = 0;
    let index = 0;
    for (; index < this.#used.length; index++) {
      const next = this.#used[index]!;
      if (next.at - at >= length) break;
      at = next.at + next.length;
    }
    if (at + length > this.#size) return undefined;
    const extent = { at, length };
    this.#used.splice(index, 0, extent);
    this.#bytes += length;
    return extent;
  }

  /** Gives a range back; once is enough. */
  release(extent: Extent): void {
    const index = this.#used.indexOf(extent);
    if (index < 0) return;
    this.#used.splice(index, 1);
    this.#bytes -= extent.length;
  }
}

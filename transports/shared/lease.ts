/** One read fills at most this much: a full socket buffer of a fast sender, in one system call. */
export const READ_SIZE = 262_144;

/**
 * The buffer that a socket reads into. A read that fills at least half of it takes the buffer along; a smaller one is
 * copied out, so that a kept chunk of a slow stream pins its own bytes only and never a large, mostly empty buffer.
 */
export class Lease {
  #buffer = new Uint8Array(READ_SIZE);
  #taken = false;

  /** Where the next read may write. */
  get buffer(): Uint8Array {
    if (this.#taken) {
      this.#buffer = new Uint8Array(READ_SIZE);
      this.#taken = false;
    }
    return this.#buffer;
  }

  /** The first `length` bytes as a chunk that nothing writes to again. */
  take(length: number): Uint8Array {
    if (length < READ_SIZE / 2) return this.#buffer.slice(0, length);
    this.#taken = true;
    return this.#buffer.subarray(0, length);
  }
}

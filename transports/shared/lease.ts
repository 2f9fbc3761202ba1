/** One read fills at most this much: a full socket buffer of a fast sender, in one system call. */
export const READ_SIZE = 262_144;

/** Chunks in a row that must have been given back before the next one is expected to be. */
const TRUSTED = 8;

/**
 * The buffers that a socket reads into. A read that fills at least half of one takes it along; a smaller one is copied out,
 * so that a kept chunk of a slow stream pins its own bytes only and never a large, mostly empty buffer. A reader that
 * gives its chunks back gets them uncopied, and two buffers serve it for ever: Node asks for the next one before it hands
 * out what it read.
 */
export class Lease {
  #buffer: Uint8Array = new Uint8Array(READ_SIZE);
  #taken = false;
  #spare: Uint8Array | undefined = undefined;
  /** The chunk handed out last, unless it came back, and the buffer that it lies in, if any. */
  #out: Uint8Array | undefined = undefined;
  #outBuffer: Uint8Array | undefined = undefined;
  #returns = 0;

  /** Where the next read may write. */
  get buffer(): Uint8Array {
    if (this.#taken) {
      this.#buffer = this.#spare ?? new Uint8Array(READ_SIZE);
      this.#spare = undefined;
      this.#taken = false;
    }
    return this.#buffer;
  }

  /** The first `length` bytes as a chunk that nothing writes to again unless it is given back. */
  take(length: number): Uint8Array {
    if (this.#out !== undefined) this.#returns = 0;
    this.#taken = length >= READ_SIZE / 2 || this.#returns >= TRUSTED;
    this.#outBuffer = this.#taken ? this.#buffer : undefined;
    this.#out = this.#taken ? this.#buffer.subarray(0, length) : this.#buffer.slice(0, length);
    return this.#out;
  }

  /** Takes back the chunk handed out last, of which nobody has a view any more. */
  give(chunk: Uint8Array): void {
    if (chunk !== this.#out) return;
    this.#out = undefined;
    this.#returns++;
    if (this.#outBuffer === undefined) return;
    if (this.#taken) this.#taken = false;
    else this.#spare = this.#outBuffer;
    this.#outBuffer = undefined;
  }
}

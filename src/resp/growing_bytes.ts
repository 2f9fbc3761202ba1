/** Up to this announced length memory is reserved at once: 1 MiB. */
const AT_ONCE = 1 << 20;
/** Memory up to this size is used again for the next string once the result was copied out of it: 64 KiB. */
const KEPT = 1 << 16;
const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * Memory for bytes that arrive in pieces and whose announced length cannot be trusted: reserved at once up to 1 MiB, and
 * above that grown with what really arrived, so that each byte is copied a bounded number of times.
 */
export class GrowingBytes {
  #bytes: Uint8Array = EMPTY;
  #length = 0;

  /** Bytes gathered so far. */
  get length(): number {
    return this.#length;
  }

  /** The memory; its first `length` bytes are filled. Valid until the next `append`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Adds a range of `source`. `total`: the length in the end as it was announced, `Infinity` when nobody said. */
  append(source: Uint8Array, start: number, end: number, total: number): void {
    const length = this.#length + (end - start);
    if (length > this.#bytes.length) this.#grow(length, total);
    if (end - start <= 16) {
      // A call of `set` costs more than a few bytes.
      for (let from = start, to = this.#length; from < end; from++) this.#bytes[to++] = source[from]!;
    } else {
      this.#bytes.set(source.subarray(start, end), this.#length);
    }
    this.#length = length;
  }

  #grow(length: number, total: number): void {
    const held = this.#bytes.length;
    const wanted =
      total === Infinity
        ? held + (held < AT_ONCE ? held : held >>> 2)
        : Math.min(total, Math.max(AT_ONCE, 2 * held));
    const grown = new Uint8Array(Math.max(length, wanted));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  /** What was gathered, on memory that nothing else uses and that is at most twice as large; then starts anew. */
  take(): Uint8Array {
    const bytes = this.#bytes;
    const length = this.#length;
    this.#length = 0;
    if (length === bytes.length) {
      this.#bytes = EMPTY;
      return bytes;
    }
    if (bytes.length <= KEPT) return bytes.slice(0, length);
    this.#bytes = EMPTY;
    return length < bytes.length >>> 1 ? bytes.slice(0, length) : bytes.subarray(0, length);
  }

  /** Forgets what was gathered. */
  clear(): void {
    this.#length = 0;
  }
}

import { type ByteTap, EMPTY } from "./byte_reader.ts";

const FIRST_SIZE = 64;

/** Bytes that come in pieces, kept in one run of memory up to a limit; above it only counted. */
export class GatheredBytes implements ByteTap {
  readonly #limit: number;
  #memory: Uint8Array = EMPTY;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that came, those not kept included. */
  get size(): number {
    return this.#size;
  }

  bytes(buf: Uint8Array, start: number, end: number): void {
    const before = this.#size;
    const size = before + end - start;
    this.#size = size;
    if (size > this.#limit) {
      this.#memory = EMPTY;
      return;
    }
    if (size > this.#memory.length) {
      const grown = new Uint8Array(
        Math.max(FIRST_SIZE, size, Math.min(this.#limit, this.#memory.length * 2)),
      );
      grown.set(this.#memory.subarray(0, before));
      this.#memory = grown;
    }
    this.#memory.set(buf.subarray(start, end), before);
  }

  /** What was kept, `undefined` if it was above the limit; begins anew. */
  take(): Uint8Array | undefined {
    const kept = this.#size <= this.#limit ? this.#memory.subarray(0, this.#size) : undefined;
    this.#memory = EMPTY;
    this.#size = 0;
    return kept;
  }
}

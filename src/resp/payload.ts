import { GrowingBytes } from "./growing_bytes.ts";
import { view } from "./scalars.ts";

const EMPTY: Uint8Array = new Uint8Array(0);

/** The bytes of the string being read: a view of its chunk when that has all of them, else memory of their own. */
export class Payload {
  readonly #held: GrowingBytes = new GrowingBytes();
  #bytes: Uint8Array = EMPTY;
  #length = 0;

  /** Begins a string of so many bytes. */
  expect(length: number): void {
    this.#length = length;
    this.#bytes = EMPTY;
  }

  /** Whether all bytes are there. */
  get whole(): boolean {
    return this.#bytes.length === this.#length;
  }

  /** Takes what `chunk` has of it from `at` on; returns the index after that. */
  fill(chunk: Uint8Array, at: number): number {
    const held = this.#held;
    const end = Math.min(chunk.length, at + this.#length - held.length);
    if (end - at === this.#length) {
      this.#bytes = view(chunk, at, end);
    } else {
      held.append(chunk, at, end, this.#length);
      if (held.length === this.#length) this.#bytes = held.take();
    }
    return end;
  }

  /** The bytes, which are then let go. */
  take(): Uint8Array {
    const bytes = this.#bytes;
    this.#bytes = EMPTY;
    return bytes;
  }

  clear(): void {
    this.#held.clear();
    this.#bytes = EMPTY;
  }
}

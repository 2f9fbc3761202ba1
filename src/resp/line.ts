import { latin1 } from "../bytes/text.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { parseLength } from "./numbers.ts";

const EMPTY: Uint8Array = new Uint8Array(0);
const MINUS = 0x2d;
const ZERO = 0x30;
const ONE = 0x31;
const QUESTION_MARK = 0x3f;

/** The line being read, without type byte and CR LF: a range of its chunk, or memory of its own when it came in pieces. */
export class Line {
  bytes: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  readonly #held: GrowingBytes = new GrowingBytes();

  /** Bytes of it that came with earlier chunks. */
  get held(): number {
    return this.#held.length;
  }

  /** Keeps a piece of a line whose end has not come. */
  hold(chunk: Uint8Array, start: number, end: number): void {
    this.#held.append(chunk, start, end, Infinity);
  }

  /** Ends it with a piece, all of it perhaps. */
  finish(chunk: Uint8Array, start: number, end: number): void {
    if (this.#held.length === 0) {
      this.bytes = chunk;
      this.start = start;
      this.end = end;
    } else {
      this.#held.append(chunk, start, end, Infinity);
      this.bytes = this.#held.take();
      this.start = 0;
      this.end = this.bytes.length;
    }
  }

  get isEmpty(): boolean {
    return this.start === this.end;
  }

  /** `?` instead of a length or count: it is told at the end. */
  get isStreamed(): boolean {
    return this.#isByte(QUESTION_MARK);
  }

  /** The length 0, which ends a streamed string. */
  get isZero(): boolean {
    return this.#isByte(ZERO);
  }

  /** The length of a null in RESP2. */
  get isMinusOne(): boolean {
    const { bytes, start, end } = this;
    return end - start === 2 && bytes[start] === MINUS && bytes[start + 1] === ONE;
  }

  /** It as a length or count, `undefined` when it is none. */
  length(): number | undefined {
    return parseLength(this.bytes, this.start, this.end);
  }

  /** It as a message shows it, cut short. */
  shown(): string {
    return JSON.stringify(latin1(this.bytes, this.start, Math.min(this.end, this.start + 40)));
  }

  /** Lets go of the chunk that it lies in. */
  release(): void {
    this.bytes = EMPTY;
  }

  clear(): void {
    this.#held.clear();
    this.release();
  }

  #isByte(byte: number): boolean {
    return this.end - this.start === 1 && this.bytes[this.start] === byte;
  }
}

import { utf8 } from "../bytes/text.ts";

/** Longest line of the handshake. Real ones stay below 600 bytes; a peer that sends more is no Redis. */
const MAX_LINE = 16_384;
const LF = 10;
const CR = 13;

/** Puts lines together from chunks cut anywhere. A line ends in LF; a CR before it is taken off. */
export class LineReader {
  #kept: Uint8Array | undefined = undefined;
  #keptLength = 0;
  #line: string | undefined = undefined;

  /** Whether the next byte begins a line. */
  get atStart(): boolean {
    return this.#keptLength === 0;
  }

  /** The line that the last `read` completed, without its end; `undefined` when it needs more bytes. */
  get line(): string | undefined {
    return this.#line;
  }

  /** Reads up to the end of a line or of the chunk; returns the index after what it took, −1 when the line is too long. */
  read(chunk: Uint8Array, start: number): number {
    const lf = chunk.indexOf(LF, start);
    const end = lf < 0 ? chunk.length : lf;
    if (this.#keptLength + end - start > MAX_LINE) return -1;
    if (lf < 0) {
      this.#keep(chunk, start, end);
      this.#line = undefined;
      return end;
    }
    if (this.#keptLength === 0) {
      this.#line = textOf(chunk, start, end);
    } else {
      this.#keep(chunk, start, end);
      this.#line = textOf(this.#kept!, 0, this.#keptLength);
      this.#keptLength = 0;
    }
    return lf + 1;
  }

  /** Forgets an unfinished line. */
  reset(): void {
    this.#keptLength = 0;
    this.#line = undefined;
  }

  #keep(chunk: Uint8Array, start: number, end: number): void {
    const needed = this.#keptLength + end - start;
    if (this.#kept === undefined || this.#kept.length < needed) {
      const grown = new Uint8Array(Math.max(needed * 2, 128));
      if (this.#kept !== undefined) grown.set(this.#kept.subarray(0, this.#keptLength));
      this.#kept = grown;
    }
    this.#kept.set(chunk.subarray(start, end), this.#keptLength);
    this.#keptLength = needed;
  }
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return utf8(bytes, start, end > start && bytes[end - 1] === CR ? end - 1 : end);
}

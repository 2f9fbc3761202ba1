/** Bytes a block starts with; it grows for a line that needs more. */
const BLOCK_SIZE = 128 * 1024;

/**
 * A growing block of output that lines are written into as bytes. Values come as bytes and leave as bytes: going through
 * JavaScript strings would decode, escape and encode each of them again.
 */
export class Block {
  bytes: Uint8Array = new Uint8Array(BLOCK_SIZE);
  length = 0;

  /** Hands out what was written and starts anew; the bytes handed out are not touched again. */
  take(): Uint8Array {
    const written = this.bytes.subarray(0, this.length);
    this.bytes = new Uint8Array(BLOCK_SIZE);
    this.length = 0;
    return written;
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Text that is known to be ASCII: names, punctuation, numbers. */
  ascii(text: string): void {
    this.reserve(text.length);
    const bytes = this.bytes;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Any text, as UTF-8. */
  text(text: string): void {
    this.reserve(text.length * 3);
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
  }
}

const encoder = new TextEncoder();

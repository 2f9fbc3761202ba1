import type { CommandSink } from "./command_sink.ts";

const CR = 0x0d;
const LF = 0x0a;
const STAR = 0x2a;
const ZERO = 0x30;

/** Digits that the quick scan reads of a number; a longer one is left to the careful scan. */
const MAX_DIGITS = 10;
/**
 * Bytes that the quick scan wants ahead of it: a type byte, the digits, CR LF and what a look at four bytes may touch. So
 * it needs no bounds check for each digit.
 */
export const HEADROOM = 16;
const CR_LF = 0x0d0a;
/** `*`, any byte, CR, LF. */
const HEAD = 0x2a000d0a;
const HEAD_MASK: number = 0xff00ffff | 0;
/** CR, LF, `$`, any byte. */
const LEAD = 0x0d0a2400;
const LEAD_MASK: number = 0xffffff00 | 0;

/**
 * Scans whole commands and stops at the first that is not wholly there, not well formed, or no command: the careful scan
 * then says which. Returns its index. Looks at four bytes in one go, which is worth a quarter of the time:
 *
 * ```text
 *   head   * digit CR LF         a command of up to nine arguments
 *   lead   CR LF $ digit         the end of what is before an argument, and its header's beginning
 *   tail   CR LF … or digit CR LF …   the rest of the header
 * ```
 */
export function scanQuickly(
  chunk: Uint8Array,
  start: number,
  sink: Pick<CommandSink, "onCommand">,
  limit: number,
): number {
  const words = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  const end = chunk.length;
  const last = end - HEADROOM;
  let frame = start;
  scan: while (frame <= last) {
    const head = words.getInt32(frame);
    let argc = ((head >> 16) & 0xff) - ZERO;
    if (argc < 1 || argc > 9) break;
    let at = frame + 4;
    if ((head & HEAD_MASK) !== HEAD) {
      if (head >>> 24 !== STAR) break;
      at = frame + 2;
      do {
        const digit = chunk[at++]! - ZERO;
        if (digit < 0 || digit > 9 || at > frame + MAX_DIGITS) break scan;
        argc = argc * 10 + digit;
      } while (chunk[at] !== CR);
      if (chunk[at + 1] !== LF) break;
      at += 2;
    }
    let nameStart = 0;
    let nameEnd = 0;
    for (let i = 0; i < argc; i++) {
      if (at > last) break scan;
      const lead = words.getInt32(at - 2);
      let length = (lead & 0xff) - ZERO;
      if ((lead & LEAD_MASK) !== LEAD || length < 0 || length > 9) break scan;
      const tail = words.getInt32(at + 2);
      let data = at + 4;
      if (tail >>> 16 !== CR_LF) {
        // A leading zero is malformed.
        const second = (tail >>> 24) - ZERO;
        if (length === 0 || second < 0 || second > 9) break scan;
        length = length * 10 + second;
        data = at + 5;
        if (((tail >>> 8) & 0xffff) !== CR_LF) {
          data = at + 3;
          do {
            const digit = chunk[data++]! - ZERO;
            if (digit < 0 || digit > 9 || data > at + MAX_DIGITS) break scan;
            length = length * 10 + digit;
          } while (chunk[data] !== CR);
          if (chunk[data + 1] !== LF) break scan;
          data += 2;
        }
      }
      if (i === 0) {
        nameStart = data;
        nameEnd = data + length;
      }
      at = data + length + 2;
    }
    if (at > end || chunk[at - 2] !== CR || chunk[at - 1] !== LF || at - frame > limit) break;
    sink.onCommand(frame, at, argc, nameStart, nameEnd);
    frame = at;
  }
  return frame;
}

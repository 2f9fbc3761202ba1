import { decimalLength } from "../bytes/integer.ts";
import { LZF_MAX_RATIO, lzfScratch } from "../bytes/lzf.ts";
import { type ByteReader, EMPTY } from "./byte_reader.ts";
import { OPCODE } from "./opcodes.ts";
import { readInteger, lengthAt as readLengthAt } from "./rdb_string.ts";

/** Longest length that a header of two bytes tells: the longest string that {@link countStrings} takes. */
export const PLAIN_MAX = 0x3fff;

/** What {@link countStrings} walked over: keys, decoded bytes of keys and of values. */
export const counted: { keys: number; bytes: number } = { keys: 0, bytes: 0 };

/** Decoded bytes of the string that {@link afterPlain} walked over last. */
export let plainBytes = 0;

/**
 * Walks over records that are a key and a string value, an expiry before it or not, as long as they are wholly there and
 * short, one after another; fills {@link counted}. It stops before anything else, which the record reader takes then. A server of
 * small strings has nothing but such records, and a count of them need not go through the machinery for events.
 */
export function countStrings(r: ByteReader, type: number): void {
  const { buf, end } = r;
  let { pos } = r;
  let keys = 0;
  let bytes = 0;
  while (pos < end) {
    let at = pos;
    if (buf[at] === OPCODE.EXPIRETIME_MS) at += 9;
    if (buf[at] !== type) break;
    const value = afterPlain(buf, at + 1, end);
    if (value < 0) break;
    const keyBytes = plainBytes;
    const next =
      buf[value] === COMPRESSED
        ? afterCompressed(buf, value, end, LZF_MAX_RATIO)
        : afterPlain(buf, value, end);
    if (next < 0) break;
    bytes += keyBytes + plainBytes;
    keys++;
    pos = next;
  }
  r.pos = pos;
  counted.keys = keys;
  counted.bytes = bytes;
}

/** The lead byte of a compressed string. */
export const COMPRESSED = 0xc3;

/** The compressed string that {@link afterCompressed} walked over last, decompressed; gone at the next decompression. */
export let unpacked: Uint8Array = EMPTY;

/**
 * The same for a compressed string, which is decompressed to see that it can be. −1 too when it makes more than `maxRatio`
 * times its size, and for whatever is wrong with it.
 */
export function afterCompressed(buf: Uint8Array, pos: number, end: number, maxRatio: number): number {
  const storedAt = pos + 1;
  const lengthAt = storedAt + (buf[storedAt]! < 0x40 ? 1 : 2);
  const start = lengthAt + (buf[lengthAt]! < 0x40 ? 1 : 2);
  if (start >= end || buf[storedAt]! >= 0x80 || buf[lengthAt]! >= 0x80) return -1;
  const stored = readLengthAt(buf, storedAt);
  const length = readLengthAt(buf, lengthAt);
  const next = start + stored;
  if (next > end || length > stored * maxRatio) return -1;
  try {
    unpacked = lzfScratch(buf, start, next, length);
  } catch {
    return -1;
  }
  plainBytes = length;
  return next;
}

/** Index after the string at `pos`; −1 when it is compressed, long or not wholly there. */
export function afterPlain(buf: Uint8Array, pos: number, end: number): number {
  if (pos + 1 >= end) return -1;
  const lead = buf[pos]!;
  let next: number;
  if (lead < 0x40) {
    plainBytes = lead;
    next = pos + 1 + lead;
  } else if (lead < 0x80) {
    plainBytes = ((lead & 0x3f) << 8) | buf[pos + 1]!;
    next = pos + 2 + plainBytes;
  } else {
    if (lead < 0xc0 || lead > 0xc2) return -1;
    const width = 1 << (lead & 3);
    next = pos + 1 + width;
    if (next > end) return -1;
    plainBytes = decimalLength(readInteger(buf, pos + 1, width));
  }
  return next <= end ? next : -1;
}

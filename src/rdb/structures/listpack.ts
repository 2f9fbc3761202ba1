import { decimalLength, int64DecimalLength, readInt64 } from "../../bytes/integer.ts";
import { ReplicaError } from "../../errors.ts";
import { decimalText, view } from "../rdb_string.ts";

/*
 * u32le total bytes · u16le count (65535: walk) · entries · FF            (listpack.c of the servers)
 *
 * entry = head + data + backlen
 *   0nnnnnnn                 unsigned 0–127          11110000 u32le  string
 *   10nnnnnn                 string                  F1 i16  F2 i24  F3 i32  F4 i64, little endian
 *   110nnnnn nnnnnnnn        signed 13 bits          backlen: size of head + data, base 128, high group first,
 *   1110nnnn nnnnnnnn        string                  every byte but the first with bit 7 set
 */

/** Bytes before the first entry. */
export const LISTPACK_HEADER = 6;

/** Decoded bytes of the entry that {@link nextListpackEntry} walked over last. */
export let listpackEntryLength = 0;

/** Checks the listpack in `buf[start..end)` but for its entries; returns the announced count, −1 when it has to be walked. */
export function checkListpackHeader(buf: Uint8Array, start: number, end: number, at: number): number {
  const count = checkListpackSize(buf, start, end - start, at);
  if (buf[end - 1] !== 0xff) throw broken("no end byte", at);
  return count;
}

/** The same where only the header need be there: `length` bytes are to come in all. */
export function checkListpackSize(buf: Uint8Array, start: number, length: number, at: number): number {
  if (length < LISTPACK_HEADER + 1) throw broken("shorter than its header", at);
  const total = u32leAt(buf, start);
  if (total !== length) throw broken(`its header says ${total} bytes, it has ${length}`, at);
  const count = buf[start + 4]! | (buf[start + 5]! << 8);
  return count === 0xffff ? -1 : count;
}

/**
 * Moves over the entry at `pos`, checks its bounds and its backlen, and leaves its decoded length in
 * {@link listpackEntryLength}. `end`: index of the end byte. Returns −1 if the entry is broken.
 */
export function nextListpackEntry(buf: Uint8Array, pos: number, end: number): number {
  const head = buf[pos]!;
  let size: number;
  if (head < 0x80) {
    size = 1;
    listpackEntryLength = head < 10 ? 1 : head < 100 ? 2 : 3;
  } else if (head < 0xc0) {
    listpackEntryLength = head & 0x3f;
    size = 1 + listpackEntryLength;
  } else if (head < 0xe0) {
    size = 2;
    listpackEntryLength = decimalLength(((((head & 0x1f) << 8) | buf[pos + 1]!) << 19) >> 19);
  } else if (head < 0xf0) {
    listpackEntryLength = ((head & 0x0f) << 8) | buf[pos + 1]!;
    size = 2 + listpackEntryLength;
  } else {
    size = largeEntrySize(buf, pos, end);
    if (size < 0) return -1;
  }
  const after = pos + size;
  if (after >= end) return -1;
  if (size < 0x80) return buf[after] === size ? after + 1 : -1;
  if (size < 0x3fff)
    return buf[after] === size >> 7 && buf[after + 1] === ((size & 0x7f) | 0x80) && after + 2 <= end
      ? after + 2
      : -1;
  return afterLongBacklen(buf, after, end, size);
}

function largeEntrySize(buf: Uint8Array, pos: number, end: number): number {
  const head = buf[pos]!;
  if (head === 0xf0) {
    if (end - pos < 5) return -1;
    const length =
      (buf[pos + 1]! | (buf[pos + 2]! << 8) | (buf[pos + 3]! << 16) | (buf[pos + 4]! << 24)) >>> 0;
    listpackEntryLength = length;
    return 5 + length;
  }
  const width = integerWidth(head);
  if (width === 0 || end - pos < 1 + width) return -1;
  listpackEntryLength =
    width === 8 ? int64DecimalLength(buf, pos + 1) : decimalLength(integerAt(buf, pos + 1, width));
  return 1 + width;
}

function integerWidth(head: number): number {
  return head === 0xf1 ? 2 : head === 0xf2 ? 3 : head === 0xf3 ? 4 : head === 0xf4 ? 8 : 0;
}

/**
 * Three sizes are written in two ways: servers before 2026 use one byte more than needed at exactly 2^14−1, 2^21−1 and
 * 2^28−1. The first byte tells, since only the wider form begins with 0 there.
 */
function afterLongBacklen(buf: Uint8Array, pos: number, end: number, size: number): number {
  let width = size <= 0x3fff ? 2 : size <= 0x1fffff ? 3 : size <= 0xfffffff ? 4 : 5;
  if ((size === 0x3fff || size === 0x1fffff || size === 0xfffffff) && buf[pos] === 0) width++;
  if (pos + width > end) return -1;
  let rest = size;
  for (let i = width - 1; i >= 0; i--) {
    const expected = i === 0 ? rest : (rest & 0x7f) | 0x80;
    if (buf[pos + i] !== expected) return -1;
    rest = Math.floor(rest / 128);
  }
  return pos + width;
}

/**
 * Index up to which bytes must be there to move over the entry at `pos`, or to tell how many that takes. Above `end`, where
 * the bytes end that are there: more are needed; −1: the entry is broken; else it is wholly there.
 */
export function listpackEntryNeed(buf: Uint8Array, pos: number, end: number): number {
  if (pos >= end) return pos + 1;
  const head = buf[pos]!;
  let size: number;
  if (head < 0x80) return pos + 2;
  if (head < 0xc0) size = 1 + (head & 0x3f);
  else if (head < 0xe0) return pos + 3;
  else if (head < 0xf0) {
    if (pos + 1 >= end) return pos + 2;
    size = 2 + (((head & 0x0f) << 8) | buf[pos + 1]!);
  } else if (head === 0xf0) {
    if (end - pos < 5) return pos + 5;
    size = 5 + u32leAt(buf, pos + 1);
  } else {
    const width = integerWidth(head);
    return width === 0 ? -1 : pos + 2 + width;
  }
  const after = pos + size;
  if (size < 0x80) return after + 1;
  if (size < 0x3fff) return after + 2;
  const width = size <= 0x3fff ? 2 : size <= 0x1fffff ? 3 : size <= 0xfffffff ? 4 : 5;
  const isTwofold = size === 0x3fff || size === 0x1fffff || size === 0xfffffff;
  return after + width + (isTwofold && after < end && buf[after] === 0 ? 1 : 0);
}

/** Index after the entry at `pos`, which is known to be sound. */
export function skipListpackEntry(buf: Uint8Array, pos: number): number {
  const head = buf[pos]!;
  let size: number;
  if (head < 0x80) return pos + 2;
  if (head < 0xc0) size = 1 + (head & 0x3f);
  else if (head < 0xe0) return pos + 3;
  else if (head < 0xf0) size = 2 + (((head & 0x0f) << 8) | buf[pos + 1]!);
  else if (head === 0xf0) size = 5 + u32leAt(buf, pos + 1);
  else return pos + 2 + integerWidth(head);
  const after = pos + size;
  if (size < 0x80) return after + 1;
  if (size < 0x3fff) return after + 2;
  let width = size <= 0x3fff ? 2 : size <= 0x1fffff ? 3 : size <= 0xfffffff ? 4 : 5;
  if ((size === 0x3fff || size === 0x1fffff || size === 0xfffffff) && buf[after] === 0) width++;
  return after + width;
}

/** The entry at `pos` as bytes: a view of a string, the decimal text of an integer. */
export function listpackEntryAt(buf: Uint8Array, pos: number): Uint8Array {
  const head = buf[pos]!;
  if (head >= 0x80 && head < 0xc0) return view(buf, pos + 1, head & 0x3f);
  if (head >= 0xe0 && head < 0xf0) return view(buf, pos + 2, ((head & 0x0f) << 8) | buf[pos + 1]!);
  if (head === 0xf0) return view(buf, pos + 5, u32leAt(buf, pos + 1));
  return decimalText(listpackIntegerAt(buf, pos)!);
}

/** Index after the entry that {@link readListpackEntry} made last. */
export let listpackNext = 0;

/**
 * The same for entries in a row: leaves the index after it in {@link listpackNext}. `memory` and `base` are the buffer's, asked
 * for once a row.
 */
export function readListpackEntry(
  buf: Uint8Array,
  memory: ArrayBufferLike,
  base: number,
  pos: number,
): Uint8Array {
  const head = buf[pos]!;
  // A short string, as most entries are: one byte before it, one behind it.
  if (head >= 0x80 && head < 0xc0) {
    const length = head & 0x3f;
    listpackNext = pos + length + 2;
    return new Uint8Array(memory, base + pos + 1, length);
  }
  listpackNext = skipListpackEntry(buf, pos);
  return listpackEntryAt(buf, pos);
}

/** The entry at `pos` as an integer; `undefined` when it is a string. */
export function listpackIntegerAt(buf: Uint8Array, pos: number): number | bigint | undefined {
  const head = buf[pos]!;
  if (head < 0x80) return head;
  if (head >= 0xc0 && head < 0xe0) return ((((head & 0x1f) << 8) | buf[pos + 1]!) << 19) >> 19;
  const width = integerWidth(head);
  if (width === 0) return undefined;
  return width === 8 ? readInt64(buf, pos + 1) : integerAt(buf, pos + 1, width);
}

/** A signed little-endian integer of 1 to 4 bytes. */
export function integerAt(buf: Uint8Array, pos: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i++) value |= buf[pos + i]! << (8 * i);
  const shift = 32 - 8 * width;
  return (value << shift) >> shift;
}

function u32leAt(buf: Uint8Array, pos: number): number {
  return (buf[pos]! | (buf[pos + 1]! << 8) | (buf[pos + 2]! << 16) | (buf[pos + 3]! << 24)) >>> 0;
}

/** The error for a listpack that lies `at` this offset of the input. */
export function broken(detail: string, at: number): ReplicaError {
  return new ReplicaError("MALFORMED", `Cannot decode listpack at byte ${at}: ${detail}`, { offset: at });
}

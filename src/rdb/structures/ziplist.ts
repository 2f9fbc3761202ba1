import { decimalLength, int64DecimalLength, readInt64 } from "../../bytes/integer.ts";
import { ReplicaError } from "../../errors.ts";
import { decimalText, view } from "../rdb_string.ts";
import { integerAt } from "./listpack.ts";

/*
 * u32le zlbytes · u32le zltail · u16le zllen (65535: walk) · entries · FF            (ziplist.c of the servers)
 *
 * entry = prevlen + encoding + data
 *   prevlen: one byte below FE, or FE u32le (also for small sizes)
 *   00nnnnnn string   01nnnnnn nnnnnnnn string   80 u32be string
 *   C0 i16  D0 i32  E0 i64  F0 i24  FE i8, little endian   F1–FD the numbers 0–12
 */

/** Bytes before the first entry. */
export const ZIPLIST_HEADER = 10;

/** Decoded bytes of the entry that {@link nextZiplistEntry} walked over last. */
export let ziplistEntryLength = 0;

/** Checks the ziplist in `buf[start..end)` but for its entries; returns the announced count, −1 when it has to be walked. */
export function checkZiplistHeader(buf: Uint8Array, start: number, end: number, at: number): number {
  const count = checkZiplistSize(buf, start, end - start, at);
  if (buf[end - 1] !== 0xff) throw brokenZiplist("no end byte", at);
  return count;
}

/** The same where only the header need be there: `length` bytes are to come in all. */
export function checkZiplistSize(buf: Uint8Array, start: number, length: number, at: number): number {
  if (length < ZIPLIST_HEADER + 1) throw brokenZiplist("shorter than its header", at);
  const total = u32leAt(buf, start);
  if (total !== length) throw brokenZiplist(`its header says ${total} bytes, it has ${length}`, at);
  const count = buf[start + 8]! | (buf[start + 9]! << 8);
  return count === 0xffff ? -1 : count;
}

/** The tail offset of the header. */
export function ziplistTail(buf: Uint8Array, start: number): number {
  return u32leAt(buf, start + 4);
}

/**
 * Moves over the entry at `pos`, checks its bounds and that its prevlen is `previous`, the size of the entry before it, and
 * leaves its decoded length in {@link ziplistEntryLength}. `end`: index of the end byte. Returns −1 if the entry is broken.
 */
export function nextZiplistEntry(buf: Uint8Array, pos: number, end: number, previous: number): number {
  let at = pos;
  const lead = buf[at]!;
  if (lead < 0xfe) {
    if (lead !== previous) return -1;
    at++;
  } else {
    if (lead === 0xff || end - at < 5 || u32leAt(buf, at + 1) !== previous) return -1;
    at += 5;
  }
  if (at >= end) return -1;
  const encoding = buf[at]!;
  if (encoding < 0x40) {
    ziplistEntryLength = encoding;
    at += 1 + encoding;
  } else if (encoding < 0x80) {
    ziplistEntryLength = ((encoding & 0x3f) << 8) | buf[at + 1]!;
    at += 2 + ziplistEntryLength;
  } else if (encoding === 0x80) {
    if (end - at < 5) return -1;
    ziplistEntryLength = u32beAt(buf, at + 1);
    at += 5 + ziplistEntryLength;
  } else {
    const width = integerWidth(encoding);
    if (width < 0 || end - at < 1 + width) return -1;
    ziplistEntryLength =
      width === 0
        ? decimalLength((encoding & 0x0f) - 1)
        : width === 8
          ? int64DecimalLength(buf, at + 1)
          : decimalLength(integerAt(buf, at + 1, width));
    at += 1 + width;
  }
  return at <= end ? at : -1;
}

/**
 * Index up to which bytes must be there to move over the entry at `pos`, or to tell how many that takes. Above `end`, where
 * the bytes end that are there: more are needed; −1: the entry is broken; else it is wholly there.
 */
export function ziplistEntryNeed(buf: Uint8Array, pos: number, end: number): number {
  if (pos >= end) return pos + 1;
  const at = pos + (buf[pos]! < 0xfe ? 1 : 5);
  if (at >= end) return at + 1;
  const encoding = buf[at]!;
  if (encoding < 0x40) return at + 1 + encoding;
  if (encoding < 0x80) return at + 1 < end ? at + 2 + (((encoding & 0x3f) << 8) | buf[at + 1]!) : at + 2;
  if (encoding === 0x80) return end - at < 5 ? at + 5 : at + 5 + u32beAt(buf, at + 1);
  const width = integerWidth(encoding);
  return width < 0 ? -1 : at + 1 + width;
}

/** Index after the entry at `pos`, which is known to be sound. */
export function skipZiplistEntry(buf: Uint8Array, pos: number): number {
  const at = pos + (buf[pos]! < 0xfe ? 1 : 5);
  const encoding = buf[at]!;
  if (encoding < 0x40) return at + 1 + encoding;
  if (encoding < 0x80) return at + 2 + (((encoding & 0x3f) << 8) | buf[at + 1]!);
  if (encoding === 0x80) return at + 5 + u32beAt(buf, at + 1);
  return at + 1 + integerWidth(encoding);
}

/** The entry at `pos` as bytes: a view of a string, the decimal text of an integer. */
export function ziplistEntryAt(buf: Uint8Array, pos: number): Uint8Array {
  const at = pos + (buf[pos]! < 0xfe ? 1 : 5);
  const encoding = buf[at]!;
  if (encoding < 0x40) return view(buf, at + 1, encoding);
  if (encoding < 0x80) return view(buf, at + 2, ((encoding & 0x3f) << 8) | buf[at + 1]!);
  if (encoding === 0x80) return view(buf, at + 5, u32beAt(buf, at + 1));
  const width = integerWidth(encoding);
  if (width === 0) return decimalText((encoding & 0x0f) - 1);
  return decimalText(width === 8 ? readInt64(buf, at + 1) : integerAt(buf, at + 1, width));
}

/** Bytes of data behind an integer encoding; 0 for the immediates, −1 for an invalid one. */
function integerWidth(encoding: number): number {
  if (encoding >= 0xf1 && encoding <= 0xfd) return 0;
  if (encoding === 0xfe) return 1;
  if (encoding === 0xc0) return 2;
  if (encoding === 0xf0) return 3;
  if (encoding === 0xd0) return 4;
  if (encoding === 0xe0) return 8;
  return -1;
}

function u32leAt(buf: Uint8Array, pos: number): number {
  return (buf[pos]! | (buf[pos + 1]! << 8) | (buf[pos + 2]! << 16) | (buf[pos + 3]! << 24)) >>> 0;
}

function u32beAt(buf: Uint8Array, pos: number): number {
  return ((buf[pos]! << 24) | (buf[pos + 1]! << 16) | (buf[pos + 2]! << 8) | buf[pos + 3]!) >>> 0;
}

/** The error for a ziplist that lies `at` this offset of the input. */
export function brokenZiplist(detail: string, at: number): ReplicaError {
  return new ReplicaError("MALFORMED", `Cannot decode ziplist at byte ${at}: ${detail}`, { offset: at });
}

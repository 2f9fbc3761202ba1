import { decimalLength } from "../../bytes/integer.ts";
import { decompressScratch } from "../blob.ts";
import type { ByteReader } from "../byte_reader.ts";
import { aboveLimit, checkCompressed, readInteger, STRING_FORM, scanned, scanString } from "../rdb_string.ts";
import type { ValueContext } from "../value_reading.ts";

/** Longest string that {@link fastString} takes. */
export const LONGEST_FAST = 0x3fff;

/** Decoded length of the string that {@link fastString} walked over last. */
export let fastStringLength = 0;

/** Walks over a string that is whole and not compressed; −1: take the strict way. */
export function fastString(buf: Uint8Array, pos: number, end: number): number {
  if (pos >= end) return -1;
  const lead = buf[pos]!;
  let next: number;
  if (lead < 0x40) {
    fastStringLength = lead;
    next = pos + 1 + lead;
  } else if (lead < 0x80) {
    if (pos + 1 >= end) return -1;
    const length = ((lead & 0x3f) << 8) | buf[pos + 1]!;
    fastStringLength = length;
    next = pos + 2 + length;
  } else if (lead >= 0xc0 && lead < 0xc3) {
    const width = 1 << (lead & 3);
    next = pos + 1 + width;
    if (next > end) return -1;
    fastStringLength = decimalLength(readInteger(buf, pos + 1, width));
  } else return -1;
  return next <= end ? next : -1;
}

/** Reads a string whole and checks it; returns its decoded length. */
export function strictString(r: ByteReader, v: ValueContext): number {
  const at = r.offset;
  scanString(r);
  const { form, start, stored, length } = scanned;
  const limit = v.limits.maxElementBytes;
  if (stored > limit || length > limit) throw aboveLimit("element", at, limit);
  r.require(stored);
  if (form === STRING_FORM.LZF && !v.skipping)
    verifyCompressed(r.buf, start, stored, length, r.base + start, v);
  r.pos = start + stored;
  return length;
}

/** Makes sure that a compressed string can be made later. Who only counts has it made now, as there is no later. */
export function verifyCompressed(
  buf: Uint8Array,
  start: number,
  stored: number,
  length: number,
  at: number,
  v: ValueContext,
): void {
  if (v.parts.counting) decompressScratch(buf, start, stored, length, at);
  else checkCompressed(buf, start, stored, length, at);
}

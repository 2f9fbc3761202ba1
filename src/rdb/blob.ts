import { copyScratch, lzfScratch } from "../bytes/lzf.ts";
import type { ByteReader } from "./byte_reader.ts";
import { checkCompressed, placed, STRING_FORM, scanned, scanString } from "./rdb_string.ts";
import { piece, setAside } from "./slab.ts";

/** A packed structure as one contiguous run of bytes: `buf[start..end)`. */
export interface Blob {
  readonly buf: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Offset in the input of the string that holds it. */
  readonly at: number;
  /** It was decompressed to where the next one will be: {@link keepBlob} makes it stay. */
  readonly isScratch: boolean;
}

/** Above this a claimed size is checked against the compressed bytes before memory is reserved for it. */
const TRUSTED_SIZE = 1 << 20;

/**
 * Reads the string that holds a packed structure. It is whole and contiguous afterwards: in place when stored raw,
 * decompressed into scratch memory otherwise. `undefined`: it is above `limit` bytes; nothing was read then.
 */
export function readBlob(r: ByteReader, limit: number): Blob | undefined {
  const from = r.pos;
  const at = r.offset;
  scanString(r);
  const { form, start, stored, length } = scanned;
  if (form === STRING_FORM.INTEGER) r.malformed("Cannot decode packed value: it is an integer", at);
  if (length > limit || stored > limit) {
    r.pos = from;
    return undefined;
  }
  r.require(stored);
  const dataAt = r.base + start;
  r.pos = start + stored;
  if (form === STRING_FORM.RAW) return { buf: r.buf, start, end: start + stored, at, isScratch: false };
  if (length > TRUSTED_SIZE) checkCompressed(r.buf, start, stored, length, dataAt);
  const buf = decompressScratch(r.buf, start, stored, length, dataAt);
  return { buf, start: 0, end: length, at, isScratch: true };
}

/** The same structure where events can view it for as long as they are kept. */
export function keepBlob(blob: Blob): Blob {
  if (!blob.isScratch) return blob;
  const length = blob.end;
  setAside(length);
  const { buf, start } = piece;
  copyScratch(blob.buf, length, buf, start);
  return { buf, start, end: start + length, at: blob.at, isScratch: false };
}

/**
 * Decompresses into memory that the next call writes again: for those who only look.
 * `at`: offset of the compressed bytes.
 */
export function decompressScratch(
  buf: Uint8Array,
  start: number,
  stored: number,
  length: number,
  at: number,
): Uint8Array {
  try {
    return lzfScratch(buf, start, start + stored, length);
  } catch (error) {
    throw placed(error, at);
  }
}

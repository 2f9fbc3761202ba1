import { lzfCheck, lzfScratch } from "../bytes/lzf.ts";
import { ReplicaError } from "../errors.ts";
import type { ByteReader } from "./byte_reader.ts";
import { decompress, placed, STRING_FORM, scanned, scanString } from "./rdb_string.ts";
import { piece } from "./slab.ts";

/** A packed structure as one contiguous run of bytes: `buf[start..end)`. */
export interface Blob {
  readonly buf: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Offset in the input of the string that holds it. */
  readonly at: number;
}

/** Above this a claimed size is checked against the compressed bytes before memory is reserved for it. */
const TRUSTED_SIZE = 1 << 20;

/**
 * Reads the string that holds a packed structure. It is whole and contiguous afterwards: in place when stored raw,
 * decompressed otherwise. Servers keep such strings far below 1 GiB; `limit` bounds what is accepted. With `scratch`, bytes
 * that had to be decompressed are gone at the next such call.
 */
export function readBlob(r: ByteReader, limit: number, scratch = false): Blob {
  const at = r.offset;
  scanString(r);
  const { form, start, stored, length } = scanned;
  if (form === STRING_FORM.INTEGER) r.malformed("Cannot decode packed value: it is an integer", at);
  if (length > limit || stored > limit)
    throw new ReplicaError(
      "LIMIT",
      `Cannot decode packed value at byte ${at}: ${length} bytes, the limit is ${limit}`,
      {
        offset: at,
      },
    );
  r.require(stored);
  r.pos = start + stored;
  if (form === STRING_FORM.RAW) return { buf: r.buf, start, end: start + stored, at };
  if (length > TRUSTED_SIZE) checkCompressed(r.buf, start, stored, length, at);
  if (scratch) return { buf: decompressScratch(r.buf, start, stored, length, at), start: 0, end: length, at };
  decompress(r.buf, start, stored, length, at);
  return { buf: piece.buf, start: piece.start, end: piece.start + length, at };
}

/**
 * Decompresses into memory that the next call writes again: for those who only look.
 * `at`: the offset to name in an error.
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

/** Throws the coded error that decompressing would give, without the output. */
export function checkCompressed(
  buf: Uint8Array,
  start: number,
  stored: number,
  length: number,
  at: number,
): void {
  try {
    lzfCheck(buf, start, start + stored, length);
  } catch (error) {
    throw placed(error, at);
  }
}

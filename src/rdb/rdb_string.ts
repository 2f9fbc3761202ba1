import { decimalLength, formatDecimal, writeDecimal } from "../bytes/integer.ts";
import { lzfCheck, lzfDecompress } from "../bytes/lzf.ts";
import { ReplicaError } from "../errors.ts";
import { type ByteReader, EMPTY } from "./byte_reader.ts";
import { piece, setAside, slab, slabMemory, takeSmall } from "./slab.ts";

/*
 * The string form that keys, members, packed blobs and much else use (rdb.c of the servers):
 *
 *   00nnnnnn                  n bytes follow            11000000 i8
 *   01nnnnnn nnnnnnnn         n bytes, 14-bit length    11000001 i16le
 *   10000000 u32be            n bytes                   11000010 i32le
 *   10000001 u64be            n bytes                   11000011 <c> <u> c bytes of LZF that yield u bytes
 */

/** What {@link scanString} found: how the bytes are stored. */
export const STRING_FORM = { RAW: 0, INTEGER: 1, LZF: 2 } as const;

/** A string's header as scanned; filled anew by each {@link scanString}, so read it at once. */
export const scanned: {
  form: number;
  /** Index in the buffer where the stored bytes begin. */
  start: number;
  /** Stored bytes. */
  stored: number;
  /** Bytes that the string yields. */
  length: number;
} = { form: 0, start: 0, stored: 0, length: 0 };

/** Reads a plain length at the reader's position (`len` in the layouts of this folder). */
export function readLength(r: ByteReader): number {
  const lead = r.u8();
  if (lead < 0x40) return lead;
  if (lead < 0x80) return ((lead & 0x3f) << 8) | r.u8();
  if (lead === 0x80) return readU32be(r);
  if (lead === 0x81) {
    const high = readU32be(r);
    const value = high * 4294967296 + readU32be(r);
    if (value > Number.MAX_SAFE_INTEGER) r.malformed("Cannot use length: above 2^53", r.offset - 9);
    return value;
  }
  return r.malformed(`Cannot read length: lead byte 0x${lead.toString(16)}`, r.offset - 1);
}

/** Reads a length that may use all of its 64 bits (ids, counters, module integers). */
export function readLength64(r: ByteReader): number | bigint {
  r.require(1);
  if (r.buf[r.pos] !== 0x81) return readLength(r);
  r.require(9);
  r.pos++;
  const high = readU32be(r);
  const low = readU32be(r);
  return high < 0x200000 ? high * 4294967296 + low : (BigInt(high) << 32n) | BigInt(low);
}

function readU32be(r: ByteReader): number {
  r.require(4);
  const { buf, pos } = r;
  r.pos = pos + 4;
  return ((buf[pos]! << 24) | (buf[pos + 1]! << 16) | (buf[pos + 2]! << 8) | buf[pos + 3]!) >>> 0;
}

/**
 * Reads a string's header at the reader's position into {@link scanned} and moves to its stored bytes, which need not be
 * there yet.
 */
export function scanString(r: ByteReader): void {
  if (r.pos >= r.end) r.underflow(r.pos + 1);
  const lead = r.buf[r.pos]!;
  if (lead < 0x40) {
    r.pos++;
    setScanned(STRING_FORM.RAW, r.pos, lead, lead);
  } else if (lead < 0xc0) {
    const length = readLength(r);
    setScanned(STRING_FORM.RAW, r.pos, length, length);
  } else if (lead < 0xc3) {
    const width = 1 << (lead & 3);
    r.require(1 + width);
    r.pos++;
    setScanned(STRING_FORM.INTEGER, r.pos, width, decimalLength(readInteger(r.buf, r.pos, width)));
  } else if (lead === 0xc3) {
    const at = r.offset;
    r.pos++;
    const stored = readLength(r);
    const length = readLength(r);
    // Three compressed bytes make at most 264, so a larger claim is a lie.
    if (length > stored * 88)
      r.malformed(`Cannot decompress string: ${stored} bytes cannot yield ${length}`, at);
    setScanned(STRING_FORM.LZF, r.pos, stored, length);
  } else {
    r.malformed(`Cannot read string: lead byte 0x${lead.toString(16)}`);
  }
}

function setScanned(form: number, start: number, stored: number, length: number): void {
  scanned.form = form;
  scanned.start = start;
  scanned.stored = stored;
  scanned.length = length;
}

/** Moves over a whole string, without looking into it. */
export function skipString(r: ByteReader): void {
  scanString(r);
  r.require(scanned.stored);
  r.pos += scanned.stored;
}

/** Above this a claimed size is checked against the compressed bytes before memory is reserved for it. */
const TRUSTED_SIZE = 1 << 20;

/** Reads a whole string of at most `limit` bytes: a view when it is stored raw, bytes of its own otherwise. */
export function readString(r: ByteReader, limit: number): Uint8Array {
  const at = r.offset;
  scanString(r);
  const { form, start, stored, length } = scanned;
  if (stored > limit || length > limit) throw aboveLimit("string", at, limit);
  r.require(stored);
  r.pos += stored;
  if (form === STRING_FORM.LZF && length > TRUSTED_SIZE)
    checkCompressed(r.buf, start, stored, length, r.base + start);
  return materialize(r.buf, form, start, stored, length, r.base + start);
}

/** The error for something at an offset that is longer than a limit set for it. */
export function aboveLimit(what: string, at: number, limit: number): ReplicaError {
  return new ReplicaError(
    "LIMIT",
    `Cannot decode ${what} at byte ${at}: it is above the limit of ${limit} bytes`,
    { offset: at },
  );
}

/** Throws the coded error that decompressing would give, without the output. `at`: offset of the compressed bytes. */
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

/** The string at `pos`, which is known to be whole and well-formed up to its LZF content. */
export function stringAt(buf: Uint8Array, pos: number): Uint8Array {
  const lead = buf[pos]!;
  if (lead < 0x40) return view(buf, pos + 1, lead);
  if (lead < 0x80) return view(buf, pos + 2, ((lead & 0x3f) << 8) | buf[pos + 1]!);
  if (lead === 0x80) return view(buf, pos + 5, lengthAt(buf, pos));
  if (lead === 0x81) return view(buf, pos + 9, lengthAt(buf, pos));
  if (lead < 0xc3) return decimalText(readInteger(buf, pos + 1, 1 << (lead & 3)));
  const stored = lengthAt(buf, pos + 1);
  const lengthPos = pos + 1 + lengthSize(buf[pos + 1]!);
  const start = lengthPos + lengthSize(buf[lengthPos]!);
  return materialize(buf, STRING_FORM.LZF, start, stored, lengthAt(buf, lengthPos), 0);
}

/** Bytes that the string at `pos` takes in the buffer, header included. */
export function stringSize(buf: Uint8Array, pos: number): number {
  const lead = buf[pos]!;
  if (lead < 0x40) return 1 + lead;
  if (lead < 0xc0) return lengthSize(lead) + lengthAt(buf, pos);
  if (lead < 0xc3) return 1 + (1 << (lead & 3));
  const lengthPos = pos + 1 + lengthSize(buf[pos + 1]!);
  return lengthPos + lengthSize(buf[lengthPos]!) - pos + lengthAt(buf, pos + 1);
}

/** How the string at `pos` is stored, in a word. */
export function stringEncoding(buf: Uint8Array, pos: number): "raw" | "int" | "lzf" {
  const lead = buf[pos]!;
  return lead < 0xc0 ? "raw" : lead < 0xc3 ? "int" : "lzf";
}

/** A plain length at `pos`, known to be whole. */
export function lengthAt(buf: Uint8Array, pos: number): number {
  const lead = buf[pos]!;
  if (lead < 0x40) return lead;
  if (lead < 0x80) return ((lead & 0x3f) << 8) | buf[pos + 1]!;
  const high = u32beAt(buf, pos + 1);
  return lead === 0x80 ? high : high * 4294967296 + u32beAt(buf, pos + 5);
}

/** Bytes that a plain length with this lead byte takes. */
export function lengthSize(lead: number): number {
  return lead < 0x40 ? 1 : lead < 0x80 ? 2 : lead === 0x80 ? 5 : 9;
}

function u32beAt(buf: Uint8Array, pos: number): number {
  return ((buf[pos]! << 24) | (buf[pos + 1]! << 16) | (buf[pos + 2]! << 8) | buf[pos + 3]!) >>> 0;
}

function materialize(
  buf: Uint8Array,
  form: number,
  start: number,
  stored: number,
  length: number,
  at: number,
): Uint8Array {
  if (form === STRING_FORM.RAW) return view(buf, start, stored);
  if (form === STRING_FORM.INTEGER) return decimalText(readInteger(buf, start, stored));
  decompress(buf, start, stored, length, at);
  return view(piece.buf, piece.start, length);
}

/** Makes the bytes of a compressed string, in {@link piece}. `at`: offset of the compressed bytes. */
export function decompress(buf: Uint8Array, start: number, stored: number, length: number, at: number): void {
  setAside(length);
  try {
    lzfDecompress(buf, start, start + stored, piece.buf, piece.start, length);
  } catch (error) {
    throw placed(error, at);
  }
}

/** Moves an error whose offset counts from the first compressed byte, which lies `at`, to its place in the input. */
export function placed(error: unknown, at: number): unknown {
  if (!(error instanceof ReplicaError)) return error;
  const offset = at + (error.offset ?? 0);
  return new ReplicaError(error.code, `Cannot decompress string: bad LZF at byte ${offset}`, {
    offset,
    cause: error,
  });
}

let viewed: Uint8Array = EMPTY;
let viewedBuffer: ArrayBufferLike = EMPTY.buffer;
let viewedOffset = 0;

/**
 * A plain `Uint8Array` over a range of another, never a subclass of it. Asking an array for its buffer and offset costs three
 * times what the view costs, and views come in runs over one chunk, so the last answer is remembered.
 */
export function view(buf: Uint8Array, start: number, length: number): Uint8Array {
  if (buf !== viewed) {
    viewed = buf;
    viewedBuffer = buf.buffer;
    viewedOffset = buf.byteOffset;
  }
  return new Uint8Array(viewedBuffer, viewedOffset + start, length);
}

/** Below this in size an integer is written with 32-bit arithmetic. */
const SMALL = 1_000_000_000;

/** The decimal text of an integer. */
export function decimalText(value: number | bigint): Uint8Array {
  if (typeof value === "bigint") return formatDecimal(value);
  if (value > -SMALL && value < SMALL) return smallDecimalText(value);
  const length = decimalLength(value);
  setAside(length);
  const { buf, memory, start } = piece;
  writeDecimal(value, buf, start);
  return new Uint8Array(memory, start, length);
}

function smallDecimalText(value: number): Uint8Array {
  const negative = value < 0;
  let rest = negative ? -value : value;
  const length = (negative ? 1 : 0) + smallDecimalLength(rest);
  const start = takeSmall(length);
  let place = start + length;
  do {
    const quotient = (rest / 10) | 0;
    slab[--place] = 0x30 + rest - quotient * 10;
    rest = quotient;
  } while (rest > 0);
  if (negative) slab[start] = 0x2d;
  return new Uint8Array(slabMemory, start, length);
}

function smallDecimalLength(value: number): number {
  if (value < 10_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 1_000_000) return value < 100_000 ? 5 : 6;
  return value < 10_000_000 ? 7 : value < 100_000_000 ? 8 : 9;
}

/** A signed little-endian integer of 1, 2 or 4 bytes. */
export function readInteger(buf: Uint8Array, pos: number, width: number): number {
  if (width === 1) return (buf[pos]! << 24) >> 24;
  if (width === 2) return ((buf[pos]! | (buf[pos + 1]! << 8)) << 16) >> 16;
  return buf[pos]! | (buf[pos + 1]! << 8) | (buf[pos + 2]! << 16) | (buf[pos + 3]! << 24);
}

import type { ByteReader } from "../byte_reader.ts";
import { readLength64 } from "../rdb_string.ts";

/** `ms-seq` of two unsigned 64-bit numbers. */
export function formatStreamId(ms: number | bigint, seq: number | bigint): string {
  return `${decimal(ms)}-${decimal(seq)}`;
}

const BILLION = 1_000_000_000;

/** Text of a whole number. Engines write integers of 31 bits in a third of the time that they take for larger ones. */
function decimal(value: number | bigint): string {
  if (typeof value === "bigint" || value < BILLION) return String(value);
  const high = Math.floor(value / BILLION);
  return `${high}${String(BILLION + (value - high * BILLION)).slice(1)}`;
}

/** The id stored as two big-endian 64-bit numbers at `pos`. */
export function streamIdAt(buf: Uint8Array, pos: number): string {
  return formatStreamId(u64beAt(buf, pos), u64beAt(buf, pos + 8));
}

/** An unsigned 64-bit big-endian number: a number when safe, else a bigint. */
export function u64beAt(buf: Uint8Array, pos: number): number | bigint {
  const high = u32beAt(buf, pos);
  const low = u32beAt(buf, pos + 4);
  return high < 0x200000 ? high * 4294967296 + low : (BigInt(high) << 32n) | BigInt(low);
}

function u32beAt(buf: Uint8Array, pos: number): number {
  return ((buf[pos]! << 24) | (buf[pos + 1]! << 16) | (buf[pos + 2]! << 8) | buf[pos + 3]!) >>> 0;
}

/** `base + difference` modulo 2^64. */
export function addToId(base: number | bigint, difference: number | bigint): number | bigint {
  if (typeof base === "number" && typeof difference === "number") {
    const sum = base + difference;
    if (sum >= 0 && sum <= Number.MAX_SAFE_INTEGER) return sum;
  }
  const sum = BigInt.asUintN(64, BigInt(base) + BigInt(difference));
  return sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : sum;
}

/** Reads an id stored as two lengths. */
export function readStreamId(r: ByteReader): string {
  const ms = readLength64(r);
  return formatStreamId(ms, readLength64(r));
}

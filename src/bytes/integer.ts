/**
 * Integers as the servers write them: canonical decimal text, and 64-bit little-endian fields. A value is a `number` when
 * that is exact and a `bigint` otherwise; decimal text of 64-bit fields is made without going through `bigint`.
 */

const TWO_32 = 4294967296;
const BILLION = 1e9;
/** Fifteen digits always fit a number exactly. */
const SAFE_DIGITS = 15;
const MINUS = 45;
const ZERO = 48;

/**
 * Reads canonical decimal text: an optional `-`, no leading zero, no `-0`, from −2^63 to 2^64−1. Anything else gives
 * `undefined` (the servers' own rule for "is an integer", widened to unsigned 64-bit ids).
 */
export function parseInteger(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): number | bigint | undefined {
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  const digits = end - first;
  if (digits <= 0 || digits > 20) return undefined;
  if (bytes[first] === ZERO) return digits === 1 && !negative ? 0 : undefined;
  const split = digits > SAFE_DIGITS ? first + SAFE_DIGITS : end;
  let head = 0;
  for (let i = first; i < split; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    head = head * 10 + digit;
  }
  if (split === end) return negative ? -head : head;
  let tail = 0;
  let scale = 1;
  for (let i = split; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    tail = tail * 10 + digit;
    scale *= 10;
  }
  const rough = head * scale + tail;
  if (rough <= Number.MAX_SAFE_INTEGER) return negative ? -rough : rough;
  const exact = BigInt(head) * BigInt(scale) + BigInt(tail);
  if (exact > (negative ? 0x8000_0000_0000_0000n : 0xffff_ffff_ffff_ffffn)) return undefined;
  return negative ? -exact : exact;
}

/** Reads a little-endian unsigned 32-bit field. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** Reads a little-endian signed 64-bit field: a number when safe, else a bigint. */
export function readInt64(bytes: Uint8Array, at: number): number | bigint {
  const low = readUint32(bytes, at);
  const high = readUint32(bytes, at + 4) | 0;
  if (high >= -0x200000 && high < 0x200000) {
    const value = high * TWO_32 + low;
    // −2^53 is in range of the test above but not a safe integer.
    if (value >= Number.MIN_SAFE_INTEGER) return value;
  }
  return BigInt(high) * 0x1_0000_0000n + BigInt(low);
}

/** Reads a little-endian unsigned 64-bit field: a number when safe, else a bigint. */
export function readUint64(bytes: Uint8Array, at: number): number | bigint {
  const low = readUint32(bytes, at);
  const high = readUint32(bytes, at + 4);
  return high < 0x200000 ? high * TWO_32 + low : BigInt(high) * 0x1_0000_0000n + BigInt(low);
}

/** Characters in the decimal text of a safe integer, the sign included. */
export function decimalLength(value: number): number {
  let length = value < 0 ? 2 : 1;
  let rest = Math.abs(value);
  while (rest >= 10000) {
    rest = Math.floor(rest / 10000);
    length += 4;
  }
  return rest >= 100 ? (rest >= 1000 ? length + 3 : length + 2) : rest >= 10 ? length + 1 : length;
}

/** Writes the decimal text of a safe integer into `output` at `at` (ASCII) and returns the index after it. */
export function writeDecimal(value: number, output: Uint8Array, at: number): number {
  const end = at + decimalLength(value);
  let rest = Math.abs(value);
  let place = end;
  do {
    const quotient = Math.floor(rest / 10);
    output[--place] = ZERO + (rest - quotient * 10);
    rest = quotient;
  } while (rest > 0);
  if (value < 0) output[at] = MINUS;
  return end;
}

/** The decimal text of an integer as ASCII bytes of its own. */
export function formatDecimal(value: number | bigint): Uint8Array {
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    const output = new Uint8Array(decimalLength(value));
    writeDecimal(value, output, 0);
    return output;
  }
  const text = BigInt(value).toString();
  const output = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) output[i] = text.charCodeAt(i);
  return output;
}

/** Characters in the decimal text of the signed 64-bit little-endian field at `at`, the sign included. */
export function int64DecimalLength(bytes: Uint8Array, at: number): number {
  const low = readUint32(bytes, at);
  const high = readUint32(bytes, at + 4) | 0;
  if (high >= -0x1fffff && high < 0x200000) return decimalLength(high * TWO_32 + low);
  splitBillions(low, high);
  return (high < 0 ? 1 : 0) + decimalLength(billions) + 9;
}

/** Writes the decimal text of the signed 64-bit little-endian field at `at` into `output`; returns the index after it. */
export function writeInt64Decimal(
  bytes: Uint8Array,
  at: number,
  output: Uint8Array,
  outputAt: number,
): number {
  const low = readUint32(bytes, at);
  const high = readUint32(bytes, at + 4) | 0;
  if (high >= -0x1fffff && high < 0x200000) return writeDecimal(high * TWO_32 + low, output, outputAt);
  splitBillions(low, high);
  if (high < 0) output[outputAt++] = MINUS;
  const middle = writeDecimal(billions, output, outputAt);
  let rest = belowBillion;
  for (let place = middle + 8; place >= middle; place--) {
    output[place] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return middle + 9;
}

let billions = 0;
let belowBillion = 0;

/** Splits a magnitude beyond 2^53 into whole billions and the rest, by long division in exact steps of 16 bits. */
function splitBillions(low: number, high: number): void {
  const negative = high < 0;
  const l = negative ? -low >>> 0 : low;
  const h = negative ? (~high + (low === 0 ? 1 : 0)) >>> 0 : high;
  const upper = (h % BILLION) * 65536 + (l >>> 16);
  const lower = (upper % BILLION) * 65536 + (l & 0xffff);
  billions =
    Math.floor(h / BILLION) * TWO_32 + Math.floor(upper / BILLION) * 65536 + Math.floor(lower / BILLION);
  belowBillion = lower % BILLION;
}

import { parseInteger as parseDecimal } from "../bytes/integer.ts";
import { latin1 } from "../bytes/text.ts";

/** The index after the run of digits that begins at `start`. */
function skipDigits(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i]! >= 0x30 && bytes[i]! <= 0x39) i++;
  return i;
}

/**
 * A length or count as servers write it: digits only, no sign, no leading zero. `undefined` when it is anything else.
 * Sixteen digits at most, so that the number is exact; a longer one is `Infinity`, which is above every limit.
 */
export function parseLength(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (start === end || skipDigits(bytes, start, end) !== end) return undefined;
  if (bytes[start] === 0x30 && end - start > 1) return undefined;
  if (end - start > 15) return Infinity;
  let value = 0;
  for (let i = start; i < end; i++) value = value * 10 + bytes[i]! - 0x30;
  return value;
}

/** `[-]digits` of any size; `undefined` when it is anything else. The cost grows faster than the digits: cap them. */
export function parseBigNumber(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  const first = bytes[start] === 0x2d ? start + 1 : start;
  if (first >= end || skipDigits(bytes, first, end) !== end) return undefined;
  const magnitude = BigInt(latin1(bytes, first, end));
  return first === start ? magnitude : -magnitude;
}

const INT64_MAX = 2n ** 63n - 1n;

/** A signed 64-bit integer, `bigint` when it is not safe as a number; `undefined` when malformed or out of range. */
export function parseInteger(bytes: Uint8Array, start: number, end: number): number | bigint | undefined {
  const value = parseDecimal(bytes, start, end);
  // The decimal reader takes unsigned 64-bit ids too.
  return typeof value === "bigint" && value > INT64_MAX ? undefined : value;
}

/**
 * `[-]digits[.digits][e[±]digits]`, `inf`, `-inf`, or NaN as any C library before Redis 7.2 spelled it (`nan`, `-nan`,
 * `NAN`, `nan(chars)`). `undefined` for everything else that `Number()` would take: "", "Infinity", hex, blanks.
 */
export function parseDouble(bytes: Uint8Array, start: number, end: number): number | undefined {
  const first = bytes[start] === 0x2d ? start + 1 : start;
  let i = skipDigits(bytes, first, end);
  if (i === first) return parseNonFinite(latin1(bytes, start, end));
  if (bytes[i] === 0x2e && i < end) {
    const fraction = i + 1;
    i = skipDigits(bytes, fraction, end);
    if (i === fraction) return undefined;
  }
  if (i < end && (bytes[i]! | 0x20) === 0x65) {
    i++;
    if (i < end && (bytes[i] === 0x2b || bytes[i] === 0x2d)) i++;
    const exponent = i;
    i = skipDigits(bytes, exponent, end);
    if (i === exponent) return undefined;
  }
  return i === end ? Number(latin1(bytes, start, end)) : undefined;
}

function parseNonFinite(text: string): number | undefined {
  if (text === "inf") return Infinity;
  if (text === "-inf") return -Infinity;
  return /^-?nan(\([0-9a-z_]*\))?$/i.test(text) ? Number.NaN : undefined;
}

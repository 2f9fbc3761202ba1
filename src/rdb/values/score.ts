import { latin1 } from "../../bytes/text.ts";

const WORDS: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  "+inf": Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
};

/** Characters of decimal numbers: digits, sign, point and exponent. */
const NUMERIC = new Uint8Array(256);
for (const character of "0123456789+-.eE") NUMERIC[character.charCodeAt(0)] = 1;

/** Cheap test that a score's text is a decimal number or an infinity; says nothing about where its characters stand. */
export function checkScoreText(text: Uint8Array): boolean {
  const { length } = text;
  if (length === 0 || length > 128) return false;
  for (let i = 0; i < length; i++) if (NUMERIC[text[i]!] === 0) return latin1(text).toLowerCase() in WORDS;
  return true;
}

/** Powers of ten that a number holds exactly; dividing an exact integer by one rounds correctly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** So many digits always fit a number exactly, and so many more are taken along as a second number. */
const HEAD_DIGITS = 15;
const TAIL_DIGITS = 4;
/** Digits of the upper half of the first number. */
const UPPER_DIGITS = 8;
const NINE = 57;
const POINT = 46;
const MINUS = 45;
const ZERO = 48;

/** Characters whose digits fit an integer of 32 bits. */
const SHORT = 9;

/** Digits with a point among them or not; −1 for anything else. Most scores are such. */
function shortScore(text: Uint8Array, start: number, end: number): number {
  let value = 0;
  let at = start;
  for (; at < end; at++) {
    const digit = text[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    value = (value * 10 + digit) | 0;
  }
  if (at === end) return end > start ? value : -1;
  const places = end - at - 1;
  if (text[at] !== POINT || end - start < 2) return -1;
  for (at++; at < end; at++) {
    const digit = text[at]! - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = (value * 10 + digit) | 0;
  }
  return value / POWERS[places]!;
}

/** A score written as decimal text, the way servers write it (up to 17 digits, an exponent, `inf`). */
export function scoreOf(text: Uint8Array, start = 0, end: number = text.length): number {
  const first = text[start] === MINUS ? start + 1 : start;
  if (end - first <= SHORT) {
    const short = shortScore(text, first, end);
    if (short >= 0) return first > start ? -short : short;
  }
  let digits = 0;
  let places = -1;
  // Three integers of 32 bits: those are multiplied in half the time.
  let upper = 0;
  let lower = 0;
  let tail = 0;
  for (let at = first; at < end; at++) {
    const digit = text[at]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (digits < UPPER_DIGITS) upper = (upper * 10 + digit) | 0;
      else if (digits < HEAD_DIGITS) lower = (lower * 10 + digit) | 0;
      else tail = (tail * 10 + digit) | 0;
      digits++;
      if (places >= 0) places++;
    } else if (text[at] === POINT && places < 0) places = 0;
    else return scoreOfWord(text, start, end);
  }
  const more = digits - HEAD_DIGITS;
  if (digits === 0 || more > TAIL_DIGITS) return scoreOfWord(text, start, end);
  const head =
    digits <= UPPER_DIGITS ? upper : upper * POWERS[Math.min(digits, HEAD_DIGITS) - UPPER_DIGITS]! + lower;
  let value = head;
  if (more <= 0) {
    if (places > 0) value /= POWERS[places]!;
  } else {
    value = divideLong(head, tail, POWERS[more]!, POWERS[Math.max(places, 0)]!);
    if (Number.isNaN(value)) return scoreOfWord(text, start, end);
  }
  return first > start ? -value : value;
}

/** 2^27 + 1 splits a number into two of 26 bits whose products are exact (Dekker, 1971). */
const SPLITTER = 134217729;
const TWO_24 = 0x100_0000;
/** Far above the error of the correction below, far below what decides a rounding. */
const DOUBT = 2 ** -40;

/**
 * `(head × scale + tail) ÷ divisor`, rounded once; NaN where that is too close to call. The dividend is held as two numbers, the
 * quotient corrected by what the division left over, all of it exact but for the last step, which is bracketed.
 */
function divideLong(head: number, tail: number, scale: number, divisor: number): number {
  const upper = Math.floor(head / TWO_24);
  const high = upper * scale * TWO_24;
  const low = (head - upper * TWO_24) * scale + tail;
  const dividend = high + low;
  const rest = low - (dividend - high);
  const quotient = dividend / divisor;
  const product = quotient * divisor;
  const q = SPLITTER * quotient;
  const quotientHigh = q - (q - quotient);
  const quotientLow = quotient - quotientHigh;
  const d = SPLITTER * divisor;
  const divisorHigh = d - (d - divisor);
  const divisorLow = divisor - divisorHigh;
  const error =
    quotientHigh * divisorHigh -
    product +
    quotientHigh * divisorLow +
    quotientLow * divisorHigh +
    quotientLow * divisorLow;
  const correction = (dividend - product - error + rest) / divisor;
  const least = quotient + correction * (1 - DOUBT);
  return least === quotient + correction * (1 + DOUBT) ? least : Number.NaN;
}

function scoreOfWord(text: Uint8Array, start: number, end: number): number {
  const word = latin1(text, start, end);
  // Infinities end with a letter, numbers never.
  return text[end - 1]! > NINE ? (WORDS[word.toLowerCase()] ?? Number(word)) : Number(word);
}

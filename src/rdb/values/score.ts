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
const EXACT_DIGITS = 15;
const NINE = 57;
const POINT = 46;
const MINUS = 45;
const ZERO = 48;

/** A score written as decimal text, the way servers write it (up to 17 digits, an exponent, `inf`). */
export function scoreOf(text: Uint8Array, start = 0, end: number = text.length): number {
  const first = text[start] === MINUS ? start + 1 : start;
  let digits = 0;
  let places = -1;
  let value = 0;
  for (let at = first; at < end; at++) {
    const digit = text[at]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
      if (places >= 0) places++;
    } else if (text[at] === POINT && places < 0) places = 0;
    else return longScore(text, start, end);
  }
  if (digits === 0 || digits > EXACT_DIGITS) return longScore(text, start, end);
  if (places > 0) value /= POWERS[places]!;
  return first > start ? -value : value;
}

function longScore(text: Uint8Array, start: number, end: number): number {
  const word = latin1(text, start, end);
  // Infinities end with a letter, numbers never.
  return text[end - 1]! > NINE ? (WORDS[word.toLowerCase()] ?? Number(word)) : Number(word);
}

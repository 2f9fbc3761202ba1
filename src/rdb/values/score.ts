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

/** A score written as decimal text, the way servers write it (up to 17 digits, an exponent, `inf`). */
export function scoreOf(text: Uint8Array): number {
  const word = latin1(text);
  return WORDS[word.toLowerCase()] ?? Number(word);
}

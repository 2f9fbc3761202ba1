import { textDecoder, textEncoder } from "./host.ts";
import { SHORT_ASCII, shortAscii } from "./short_ascii.ts";

/** Arguments of one `String.fromCharCode` call; engines limit them. */
const PIECE = 4096;

const fromCharCode = String.fromCharCode;

/**
 * Decodes a range of bytes as UTF-8. Invalid bytes become U+FFFD; a byte order mark stays. Short ASCII does not go through
 * the host's decoder.
 */
export function utf8(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  if (end - start <= SHORT_ASCII) {
    const text = shortAscii(bytes, start, end);
    if (text !== undefined) return text;
  }
  return textDecoder().decode(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
}

/** Decodes a range of bytes one character a byte (ISO 8859-1 proper, not the web's windows-1252). ASCII is the same either way. */
export function latin1(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  if (end - start <= SHORT_ASCII) {
    const text = shortAscii(bytes, start, end);
    if (text !== undefined) return text;
  }
  if (end - start <= PIECE) return codes(bytes, start, end);
  const pieces: string[] = [];
  for (let at = start; at < end; at += PIECE) pieces.push(codes(bytes, at, Math.min(at + PIECE, end)));
  return pieces.join("");
}

function codes(bytes: Uint8Array, start: number, end: number): string {
  return fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
}

/** Encodes text as UTF-8 into memory of its own. Lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return textEncoder().encode(text);
}

/**
 * Tells whether a range of bytes is valid UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF (Unicode, table
 * 3-7). Such bytes survive decoding and encoding unchanged.
 */
export function isUtf8(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  let at = start;
  while (at < end) {
    const lead = bytes[at++]!;
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return false;
    const more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (more > end - at) return false;
    // Only the first continuation byte has bounds that depend on the lead.
    const second = bytes[at++]!;
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let i = 1; i < more; i++) {
      if ((bytes[at++]! & 0xc0) !== 0x80) return false;
    }
  }
  return true;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Encodes a range of bytes as base64 with padding (RFC 4648 §4). */
export function base64(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  const pieces: string[] = [];
  let text = "";
  let at = start;
  for (; at + 3 <= end; at += 3) {
    const group = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    text +=
      ALPHABET[group >> 18]! +
      ALPHABET[(group >> 12) & 63]! +
      ALPHABET[(group >> 6) & 63]! +
      ALPHABET[group & 63]!;
    if (text.length >= PIECE) {
      pieces.push(text);
      text = "";
    }
  }
  if (end - at === 1) {
    const group = bytes[at]! << 4;
    text += `${ALPHABET[group >> 6]}${ALPHABET[group & 63]}==`;
  } else if (end - at === 2) {
    const group = (bytes[at]! << 10) | (bytes[at + 1]! << 2);
    text += `${ALPHABET[group >> 12]}${ALPHABET[(group >> 6) & 63]}${ALPHABET[group & 63]}=`;
  }
  pieces.push(text);
  return pieces.join("");
}

/** Decodes base64 (RFC 4648 §4, padding optional). Throws `TypeError` for any other character. */
export function fromBase64(text: string): Uint8Array {
  const digits = text.replace(/=+$/, "");
  const bytes = new Uint8Array((digits.length * 3) >> 2);
  let bits = 0;
  let width = 0;
  let at = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = ALPHABET.indexOf(digits[i]!);
    if (digit < 0) throw new TypeError(`Cannot decode base64: wrong character at index ${i}`);
    bits = ((bits << 6) | digit) & 0xfff;
    width += 6;
    if (width >= 8) {
      width -= 8;
      bytes[at++] = bits >> width;
    }
  }
  return bytes;
}

import { isUtf8 } from "../../src/bytes/text.ts";
import type { Block } from "./block.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The letter after the backslash for the control characters that have one: \b \t \n \f \r. */
const SHORT_ESCAPES: Readonly<Record<number, number>> = { 8: 0x62, 9: 0x74, 10: 0x6e, 12: 0x66, 13: 0x72 };
const HEX = "0123456789abcdef";

/**
 * Writes bytes as a JSON string where they are valid UTF-8, else as `{"base64":"…"}`. Plain printable ASCII, which nearly
 * everything is, is copied in the same loop that checks it.
 */
export function writeJsonBytes(block: Block, bytes: Uint8Array): void {
  const count = bytes.length;
  block.reserve(count + 2);
  const out = block.bytes;
  let at = block.length;
  out[at++] = QUOTE;
  for (let i = 0; i < count; i++) {
    const byte = bytes[i]!;
    if (byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) {
      writeUnusual(block, bytes);
      return;
    }
    out[at++] = byte;
  }
  out[at++] = QUOTE;
  block.length = at;
}

/** The same for bytes that hold something to escape or to check. Starts over: the fast loop has not moved the block. */
function writeUnusual(block: Block, bytes: Uint8Array): void {
  if (!isUtf8(bytes)) {
    block.ascii('{"base64":"');
    block.ascii(toBase64(bytes));
    block.ascii('"}');
    return;
  }
  // Worst case: each byte becomes \u00XX.
  block.reserve(bytes.length * 6 + 2);
  const out = block.bytes;
  let at = block.length;
  out[at++] = QUOTE;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) {
      out[at++] = byte;
      continue;
    }
    out[at++] = BACKSLASH;
    const letter = byte >= 0x20 ? byte : SHORT_ESCAPES[byte];
    if (letter !== undefined) {
      out[at++] = letter;
      continue;
    }
    out[at++] = 0x75;
    out[at++] = 0x30;
    out[at++] = 0x30;
    out[at++] = HEX.charCodeAt(byte >> 4);
    out[at++] = HEX.charCodeAt(byte & 15);
  }
  out[at++] = QUOTE;
  block.length = at;
}

/** Bytes that are never text (DUMP payloads): always the base64 form, so that a reader need not look. */
export function writeJsonBase64(block: Block, bytes: Uint8Array): void {
  block.ascii('{"base64":"');
  block.ascii(toBase64(bytes));
  block.ascii('"}');
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

/** An integer: a JSON number where that is exact, else a string. */
export function writeJsonInteger(block: Block, value: number | bigint): void {
  if (typeof value === "number" && Number.isSafeInteger(value)) block.ascii(String(value));
  else block.ascii(`"${value}"`);
}

/** A zset score: a number, or one of the words that JSON numbers lack. */
export function writeJsonScore(block: Block, score: number): void {
  if (Number.isFinite(score)) block.ascii(Object.is(score, -0) ? "-0" : String(score));
  else if (Number.isNaN(score)) block.ascii('"nan"');
  else block.ascii(score > 0 ? '"inf"' : '"-inf"');
}

/** Text or a small plain object. */
export function writeJson(block: Block, value: unknown): void {
  block.text(JSON.stringify(value));
}

/** Writes `items` as a JSON array, each through `write`. */
export function writeJsonArray<T>(
  block: Block,
  items: Iterable<T>,
  write: (block: Block, item: T) => void,
): void {
  block.ascii("[");
  let first = true;
  for (const item of items) {
    if (!first) block.ascii(",");
    first = false;
    write(block, item);
  }
  block.ascii("]");
}

/** A further property of an object, in the form that its value asks for. */
export function writeField(block: Block, name: string, value: unknown): void {
  block.ascii(`,"${name}":`);
  if (typeof value === "number" || typeof value === "bigint") writeJsonInteger(block, value);
  else if (value instanceof Uint8Array) writeJsonBytes(block, value);
  else writeJson(block, value);
}

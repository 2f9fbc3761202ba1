import { isUtf8, utf8 } from "../../src/bytes/text.ts";

/** Printable as it stands, without quotes: no space, quote or backslash, nothing that moves a terminal. */
const BARE = /^[^\s"'\\]+$/u;
/** What must not reach a terminal as it is: control characters, line separators, direction overrides. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const NAMED: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};

/**
 * Bytes for a person's eyes: bare where that is unambiguous, else quoted with escapes, `\xff` for bytes that are no text.
 * At most about `limit` characters are looked at; `…` tells that there was more.
 */
export function showBytes(bytes: Uint8Array, limit: number = Number.POSITIVE_INFINITY): string {
  const shown = bytes.length <= limit ? bytes : bytes.subarray(0, cutPoint(bytes, limit));
  const more = shown.length < bytes.length ? "…" : "";
  if (!isUtf8(shown)) return `"${escapeBytes(shown)}${more}"`;
  const text = utf8(shown);
  const escaped = text.replace(UNSAFE, escapeCharacter);
  if (escaped === text && BARE.test(text)) return text + more;
  return `"${escaped}${more}"`;
}

/** Text from elsewhere (names, messages) with everything that would move a terminal escaped. */
export function showText(text: string): string {
  return text.replace(UNSAFE, (character) =>
    character === '"' || character === "\\" ? character : escapeCharacter(character),
  );
}

/** The last place at or before `limit` that does not lie inside a UTF-8 sequence. */
function cutPoint(bytes: Uint8Array, limit: number): number {
  let at = Math.max(0, Math.floor(limit));
  for (let back = 0; back < 3 && at > 0 && (bytes[at]! & 0xc0) === 0x80; back++) at--;
  return at;
}

function escapeBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    if (byte >= 0x20 && byte < 0x7f) text += NAMED[character] ?? character;
    else text += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return text;
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  return NAMED[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

/** Columns a text takes on a terminal, near enough: wide East Asian characters and emoji count two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    columns += code >= 0x1100 && WIDE.test(character) ? 2 : 1;
  }
  return columns;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

const UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

/** `1.5 MB`: decimal units, three digits at most before them. */
export function showSize(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `1,234,567`. */
export function showCount(count: number | bigint): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 key`, `1,200 keys`. */
export function showNumber(count: number, noun: string): string {
  return `${showCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `45 s`, `3 m 20 s`, `2 h 5 m`, `4 d 1 h`. */
export function showDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** `2026-11-21 09:30:00.250Z`, or the plain number when it lies outside what dates can say. */
export function showTime(ms: number | bigint): string {
  if (typeof ms === "bigint" || !(Math.abs(ms) <= 8.64e15)) return String(ms);
  return new Date(ms).toISOString().replace("T", " ");
}

/** Single arguments as values of JavaScript, and back. */
import { parseInteger } from "../bytes/integer.ts";
import { encodeUtf8, isUtf8, latin1, utf8 } from "../bytes/text.ts";
import type { ValueKind } from "./syntax.ts";

/** A bound on scores: `value` is infinite for `-inf` and `+inf`; `exclusive` is written `(` on the wire. */
export interface ScoreBound {
  readonly value: number;
  readonly exclusive: boolean;
}

/** A bound on members in byte order: before the first (`-`), after the last (`+`), or at a member. */
export type LexBound = "-" | "+" | { readonly value: Uint8Array; readonly exclusive: boolean };

/** What an argument becomes. */
export type ArgumentValue = Uint8Array | string | number | bigint | ScoreBound | LexBound;

/** How one kind of argument is read and written. `read` gives `undefined` for bytes that are none. */
export interface ValueCodec {
  read(bytes: Uint8Array): ArgumentValue | undefined;
  write(value: unknown): Uint8Array;
  /** The same value can be spelled in several ways: the text is kept beside it where it is not the usual one. */
  readonly spelled: boolean;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** Longer text is no number that a server takes (it reads them into 200 bytes and fewer). */
const MAX_NUMBER = 400;
const OPEN = 0x28;
const CLOSED = 0x5b;

const bytesCodec: ValueCodec = {
  read: (bytes) => bytes,
  write: (value) => value as Uint8Array,
  spelled: false,
};
const textCodec: ValueCodec = { read: readText, write: (value) => encodeUtf8(String(value)), spelled: false };

export const VALUE_CODECS: Readonly<Record<ValueKind, ValueCodec>> = {
  bytes: bytesCodec,
  key: bytesCodec,
  /** Exact as a number; beyond 2^53 it cannot be read. */
  int: { read: readInt, write: (value) => encodeUtf8(String(value)), spelled: false },
  /** 64 bits: a bigint where a number would not be exact. */
  long: { read: (bytes) => parseInteger(bytes), write: (value) => encodeUtf8(String(value)), spelled: false },
  double: { read: readDouble, write: (value) => encodeUtf8(doubleText(value as number)), spelled: true },
  /** A decimal number as its text. */
  decimal: { read: readDecimal, write: (value) => encodeUtf8(String(value)), spelled: false },
  /** A stream id, `ms-seq` or what else stands for one, as its text. */
  id: textCodec,
  text: textCodec,
  score: { read: readScore, write: (value) => encodeUtf8(scoreText(value as ScoreBound)), spelled: true },
  lex: { read: readLex, write: (value) => lexBytes(value as LexBound), spelled: false },
};

function readInt(bytes: Uint8Array): number | undefined {
  const value = parseInteger(bytes);
  return typeof value === "number" ? value : undefined;
}

/** Other bytes than UTF-8 would not come back the same. */
function readText(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? utf8(bytes) : undefined;
}

function readDecimal(bytes: Uint8Array): string | undefined {
  return readDouble(bytes) === undefined ? undefined : latin1(bytes);
}

function readDouble(bytes: Uint8Array): number | undefined {
  if (bytes.length > MAX_NUMBER) return undefined;
  return numberOf(latin1(bytes));
}

function numberOf(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  const [, sign, word] = /^([+-]?)(inf|infinity)$/i.exec(text) ?? [];
  if (word === undefined) return undefined;
  return sign === "-" ? -Infinity : Infinity;
}

/** A number as servers print it, infinities as `inf` and `-inf`. */
function doubleText(value: number): string {
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

function readScore(bytes: Uint8Array): ScoreBound | undefined {
  const exclusive = bytes[0] === OPEN;
  const value = readDouble(exclusive ? bytes.subarray(1) : bytes);
  return value === undefined ? undefined : { value, exclusive };
}

function scoreText({ value, exclusive }: ScoreBound): string {
  return exclusive ? `(${doubleText(value)}` : doubleText(value);
}

function readLex(bytes: Uint8Array): LexBound | undefined {
  const first = bytes[0];
  if (bytes.length === 1 && (first === 0x2d || first === 0x2b)) return first === 0x2d ? "-" : "+";
  if (first !== OPEN && first !== CLOSED) return undefined;
  return { value: bytes.subarray(1), exclusive: first === OPEN };
}

function lexBytes(bound: LexBound): Uint8Array {
  if (typeof bound === "string") return encodeUtf8(bound);
  const bytes = new Uint8Array(bound.value.length + 1);
  bytes[0] = bound.exclusive ? OPEN : CLOSED;
  bytes.set(bound.value, 1);
  return bytes;
}

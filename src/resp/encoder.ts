import { decimalLength, writeDecimal } from "../bytes/integer.ts";
import { encodeUtf8, latin1 } from "../bytes/text.ts";
import type { RespEntry, RespValue } from "./value.ts";

/** An argument of a command: text goes out as UTF-8, numbers in decimal. */
export type CommandArgument = string | Uint8Array | number | bigint;

const CR = 0x0d;
const LF = 0x0a;
const STAR = 0x2a;
const DOLLAR = 0x24;

/**
 * Encodes one command as servers expect it: an array of bulk strings. Throws `RangeError` when there is no argument.
 *
 * @example
 * ```ts
 * import { encodeCommand } from "rxreplica/resp";
 *
 * const bytes = encodeCommand(["SET", "k", new Uint8Array([0, 255]), "EX", 10]);
 * if (bytes.length !== 44) throw new Error(`unexpected length ${bytes.length}`);
 * ```
 */
export function encodeCommand(args: readonly CommandArgument[]): Uint8Array {
  if (args.length === 0) throw new RangeError("Cannot encode a command without a name");
  const parts: Piece[] = [];
  let size = headerLength(args.length);
  for (const arg of args) {
    const part = typeof arg === "object" ? arg : pieceOf(String(arg));
    parts.push(part);
    size += headerLength(part.length) + part.length + 2;
  }
  const output = new Uint8Array(size);
  let at = writeHeader(output, 0, STAR, args.length);
  for (const part of parts) {
    at = writeHeader(output, at, DOLLAR, part.length);
    at = writePiece(output, at, part);
    output[at++] = CR;
    output[at++] = LF;
  }
  return output;
}

/** Pieces of output; text stands for ASCII. */
type Piece = string | Uint8Array;

/** Short text is mostly ASCII, and the host's encoder costs more than looking. */
function pieceOf(text: string): Piece {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return encodeUtf8(text);
  return text;
}

function writePiece(output: Uint8Array, at: number, piece: Piece): number {
  if (typeof piece === "string") {
    for (let i = 0; i < piece.length; i++) output[at + i] = piece.charCodeAt(i);
  } else {
    output.set(piece, at);
  }
  return at + piece.length;
}

function headerLength(count: number): number {
  return decimalLength(count) + 3;
}

function writeHeader(output: Uint8Array, start: number, type: number, count: number): number {
  output[start] = type;
  const at = writeDecimal(count, output, start + 1);
  output[at] = CR;
  output[at + 1] = LF;
  return at + 2;
}

const AGGREGATE_TYPES = { array: "*", set: "~", push: ">" } as const;
const NULLS = { bulk: "$-1\r\n", array: "*-1\r\n", resp3: "_\r\n" } as const;

/**
 * Encodes any value in its RESP3 form, attributes first; what `RespDecoder` makes of it is the value again. Throws
 * `RangeError` for a simple string or error with CR or LF, and for a verbatim format that is not three ASCII characters.
 *
 * @example
 * ```ts
 * import { encodeValue } from "rxreplica/resp";
 *
 * const bytes = encodeValue({ type: "integer", value: 42, attributes: undefined });
 * if (new TextDecoder().decode(bytes) !== ":42\r\n") throw new Error("unexpected");
 * ```
 */
export function encodeValue(value: RespValue): Uint8Array {
  const pieces: Piece[] = [];
  // A stack instead of recursion: text and bytes on it are ready for the output.
  const waiting: (RespValue | Piece)[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop()!;
    if (typeof next === "string" || next instanceof Uint8Array) {
      pieces.push(next);
      continue;
    }
    const after = unfold(next);
    for (let i = after.length - 1; i >= 0; i--) waiting.push(after[i]!);
  }
  return join(pieces);
}

/** One level of a value: what to write, in order. */
function unfold(value: RespValue): (RespValue | Piece)[] {
  const output: (RespValue | Piece)[] = [];
  if (value.attributes !== undefined) {
    output.push(`|${value.attributes.length}\r\n`);
    pushEntries(output, value.attributes);
  }
  switch (value.type) {
    case "simple":
      output.push("+", oneLine(value.bytes), "\r\n");
      break;
    case "error":
      if (value.form === "simple") output.push("-", oneLine(value.bytes), "\r\n");
      else output.push(`!${value.bytes.length}\r\n`, value.bytes, "\r\n");
      break;
    case "bulk":
      output.push(`$${value.bytes.length}\r\n`, value.bytes, "\r\n");
      break;
    case "verbatim":
      if (!/^[\x20-\x7e]{3}$/.test(value.format)) {
        throw new RangeError(
          `Cannot encode verbatim format "${value.format}": expected three ASCII characters`,
        );
      }
      output.push(`=${value.bytes.length + 4}\r\n${value.format}:`, value.bytes, "\r\n");
      break;
    case "integer":
      output.push(`:${value.value}\r\n`);
      break;
    case "big-number":
      output.push(`(${value.value}\r\n`);
      break;
    case "boolean":
      output.push(value.value ? "#t\r\n" : "#f\r\n");
      break;
    case "double":
      output.push(`,${doubleText(value.value)}\r\n`);
      break;
    case "null":
      output.push(NULLS[value.form]);
      break;
    case "map":
      output.push(`%${value.entries.length}\r\n`);
      pushEntries(output, value.entries);
      break;
    default:
      output.push(`${AGGREGATE_TYPES[value.type]}${value.items.length}\r\n`);
      for (const item of value.items) output.push(item);
  }
  return output;
}

function pushEntries(output: (RespValue | Piece)[], entries: readonly RespEntry[]): void {
  for (const [key, value] of entries) output.push(key, value);
}

function oneLine(bytes: Uint8Array): Uint8Array {
  if (bytes.includes(CR) || bytes.includes(LF)) {
    throw new RangeError(`Cannot encode a line with CR or LF in it: ${JSON.stringify(latin1(bytes, 0, 40))}`);
  }
  return bytes;
}

/** The shortest text that reads back as the same double; −0 keeps its sign. */
function doubleText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

function join(pieces: readonly Piece[]): Uint8Array {
  let size = 0;
  for (const piece of pieces) size += piece.length;
  const output = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) at = writePiece(output, at, piece);
  return output;
}

import { latin1 } from "../bytes/text.ts";
import { parseBigNumber, parseDouble, parseInteger } from "./numbers.ts";
import type { RespEntry, RespValue } from "./value.ts";

/** The bytes that stand for types on the wire. */
export const Type = {
  SIMPLE: 0x2b,
  ERROR: 0x2d,
  INTEGER: 0x3a,
  BULK: 0x24,
  ARRAY: 0x2a,
  NULL: 0x5f,
  BOOLEAN: 0x23,
  DOUBLE: 0x2c,
  BIG_NUMBER: 0x28,
  BLOB_ERROR: 0x21,
  VERBATIM: 0x3d,
  MAP: 0x25,
  SET: 0x7e,
  ATTRIBUTE: 0x7c,
  PUSH: 0x3e,
  /** A piece of a streamed string. */
  PIECE: 0x3b,
  /** The end of a streamed aggregate. */
  END: 0x2e,
} as const;

const COLON = 0x3a;

const VALUE_TYPES: ReadonlySet<number> = new Set(
  Object.values(Type).filter((type) => type !== Type.PIECE && type !== Type.END),
);

/** Whether a value (or attributes) may begin with this byte. */
export function isValueType(byte: number): boolean {
  return VALUE_TYPES.has(byte);
}

/** A byte as messages show it: `0x2a`. */
export function hexByte(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

/** The value that one line holds, its type byte and CR LF left out; `undefined` when it is malformed. */
export function parseScalar(
  type: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  attributes: readonly RespEntry[] | undefined,
): RespValue | undefined {
  switch (type) {
    case Type.SIMPLE:
      return { type: "simple", bytes: view(bytes, start, end), attributes };
    case Type.ERROR:
      return { type: "error", bytes: view(bytes, start, end), form: "simple", attributes };
    case Type.INTEGER: {
      const value = parseInteger(bytes, start, end);
      return value === undefined ? undefined : { type: "integer", value, attributes };
    }
    case Type.DOUBLE: {
      const value = parseDouble(bytes, start, end);
      return value === undefined ? undefined : { type: "double", value, attributes };
    }
    case Type.BIG_NUMBER: {
      const value = parseBigNumber(bytes, start, end);
      return value === undefined ? undefined : { type: "big-number", value, attributes };
    }
    case Type.BOOLEAN: {
      const letter = end - start === 1 ? bytes[start] : undefined;
      if (letter !== 0x74 && letter !== 0x66) return undefined;
      return { type: "boolean", value: letter === 0x74, attributes };
    }
    case Type.NULL:
      return start === end ? { type: "null", form: "resp3", attributes } : undefined;
    default:
      return undefined;
  }
}

/** The value that a whole string holds; `undefined` for a verbatim one without its format (three letters and a colon). */
export function stringValue(
  type: number,
  bytes: Uint8Array,
  attributes: readonly RespEntry[] | undefined,
): RespValue | undefined {
  if (type === Type.BULK) return { type: "bulk", bytes, attributes };
  if (type === Type.BLOB_ERROR) return { type: "error", bytes, form: "blob", attributes };
  if (bytes[3] !== COLON) return undefined;
  return { type: "verbatim", format: latin1(bytes, 0, 3), bytes: view(bytes, 4, bytes.length), attributes };
}

/** A `Uint8Array` over a range; cheaper than `subarray`, and plain even over a subclass. */
export function view(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}

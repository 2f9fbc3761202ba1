import { utf8 } from "../bytes/text.ts";

/** A key and its value in a {@link RespMap} or in attributes. Keys may be of any type, and may repeat. */
export type RespEntry = readonly [key: RespValue, value: RespValue];

interface Described {
  /** What a RESP3 server said about this value (`|`) ahead of it; `undefined` when it said nothing. */
  readonly attributes: readonly RespEntry[] | undefined;
}

/** `+`: a status line. Never holds CR or LF. */
export interface RespSimple extends Described {
  readonly type: "simple";
  readonly bytes: Uint8Array;
}

/** `-` or `!`: an error as a value; the first word is its code by convention. Decoding never throws because of one. */
export interface RespError extends Described {
  readonly type: "error";
  readonly bytes: Uint8Array;
  /** `blob` errors (`!`, RESP3) may hold CR and LF. */
  readonly form: "simple" | "blob";
}

/** `:`: a signed 64-bit integer, `bigint` when it is not safe as a number. */
export interface RespInteger extends Described {
  readonly type: "integer";
  readonly value: number | bigint;
}

/** `$`: binary-safe bytes. Views of the chunk when they came in one piece. */
export interface RespBulk extends Described {
  readonly type: "bulk";
  readonly bytes: Uint8Array;
}

/** Nothing. `form` keeps the three spellings apart: `$-1`, `*-1` (aborted EXEC, timed-out pop) and `_` (RESP3). */
export interface RespNull extends Described {
  readonly type: "null";
  readonly form: "bulk" | "array" | "resp3";
}

/** `#t` or `#f`. */
export interface RespBoolean extends Described {
  readonly type: "boolean";
  readonly value: boolean;
}

/** `,`: a double; may be infinite or NaN. */
export interface RespDouble extends Described {
  readonly type: "double";
  readonly value: number;
}

/** `(`: an integer of any size, always `bigint`. */
export interface RespBigNumber extends Described {
  readonly type: "big-number";
  readonly value: bigint;
}

/** `=`: text with a format of three characters (`txt`, `mkd`), which is not part of `bytes`. */
export interface RespVerbatim extends Described {
  readonly type: "verbatim";
  readonly format: string;
  readonly bytes: Uint8Array;
}

/** `*`, `~` or `>`: values in order. Servers do not promise that a set's are unique. */
export interface RespList extends Described {
  readonly type: "array" | "set" | "push";
  readonly items: readonly RespValue[];
}

/** `%`: entries in the order of the wire; not an object, because keys may be of any type and may repeat. */
export interface RespMap extends Described {
  readonly type: "map";
  readonly entries: readonly RespEntry[];
}

/**
 * One decoded RESP2 or RESP3 value: `type` tells which. Every decoded value has an `attributes` field.
 *
 * @example
 * ```ts
 * import { RespDecoder, type RespValue } from "rxreplica/resp";
 *
 * const values: RespValue[] = [];
 * new RespDecoder({ onValue: (value) => void values.push(value) }).write(new TextEncoder().encode(":42\r\n$-1\r\n"));
 * const [first, second] = values;
 * if (first?.type !== "integer" || first.value !== 42) throw new Error("expected 42");
 * if (second?.type !== "null" || second.form !== "bulk") throw new Error("expected a null");
 * ```
 */
export type RespValue =
  | RespSimple
  | RespError
  | RespInteger
  | RespBulk
  | RespNull
  | RespBoolean
  | RespDouble
  | RespBigNumber
  | RespVerbatim
  | RespList
  | RespMap;

/**
 * The text of a value that has one: strings and errors as UTF-8, numbers and booleans as they are written; `undefined`
 * for nulls and aggregates.
 *
 * @example
 * ```ts
 * import { respText } from "rxreplica/resp";
 *
 * if (respText({ type: "integer", value: 7, attributes: undefined }) !== "7") throw new Error("expected 7");
 * ```
 */
export function respText(value: RespValue): string | undefined {
  switch (value.type) {
    case "simple":
    case "error":
    case "bulk":
    case "verbatim":
      return utf8(value.bytes);
    case "integer":
    case "double":
    case "big-number":
    case "boolean":
      return String(value.value);
    default:
      return undefined;
  }
}

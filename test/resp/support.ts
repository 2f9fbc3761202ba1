import type { ReplicaError } from "../../src/errors.ts";
import { RespDecoder, type RespDecoderOptions, type RespValue } from "../../src/resp/mod.ts";

/** Latin-1 text to bytes, so that a test can write any byte. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** What decoding gave: values in order, then the error if there was one. */
export interface Outcome {
  readonly values: readonly RespValue[];
  readonly error: { readonly code: string; readonly offset: number | undefined } | undefined;
}

/** Decodes chunks and ends the input. */
export function decode(
  chunks: readonly Uint8Array[],
  options: Omit<RespDecoderOptions, "onValue"> = {},
): Outcome {
  const values: RespValue[] = [];
  const decoder = new RespDecoder({ ...options, onValue: (value) => void values.push(value) });
  try {
    for (const chunk of chunks) decoder.write(chunk);
    decoder.end();
  } catch (error) {
    const { code, offset } = error as ReplicaError;
    if (code === undefined) throw error;
    return { values, error: { code, offset } };
  }
  return { values, error: undefined };
}

/** The ways to cut an input that every decoder must not care about: whole, each byte alone, once at every index. */
export function* cuttings(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [bytes];
  yield Array.from(bytes, (byte) => Uint8Array.of(byte));
  for (let at = 1; at < bytes.length; at++) yield [bytes.slice(0, at), bytes.slice(at)];
}

/** Cuts at the given fractions of the length; for random cuts. */
export function cutAt(bytes: Uint8Array, fractions: readonly number[]): Uint8Array[] {
  const places = fractions.map((fraction) => Math.floor(fraction * bytes.length)).sort((a, b) => a - b);
  const chunks: Uint8Array[] = [];
  let from = 0;
  for (const place of places) {
    chunks.push(bytes.slice(from, place));
    from = place;
  }
  chunks.push(bytes.slice(from));
  return chunks;
}

/** A value in short form, for tables of tests. */
export function brief(value: RespValue): unknown {
  const bare = briefBare(value);
  if (value.attributes === undefined) return bare;
  return { about: value.attributes.map(([k, v]) => [brief(k), brief(v)]), value: bare };
}

function briefBare(value: RespValue): unknown {
  switch (value.type) {
    case "simple":
      return `+${textOf(value.bytes)}`;
    case "error":
      return `${value.form === "blob" ? "!" : "-"}${textOf(value.bytes)}`;
    case "bulk":
      return `$${textOf(value.bytes)}`;
    case "verbatim":
      return `=${value.format}:${textOf(value.bytes)}`;
    case "integer":
    case "boolean":
    case "double":
    case "big-number":
      return { [value.type]: value.value };
    case "null":
      return { null: value.form };
    case "map":
      return { map: value.entries.map(([k, v]) => [brief(k), brief(v)]) };
    default:
      return { [value.type]: value.items.map(brief) };
  }
}

import { concat } from "../../src/bytes/concat.ts";
import { Crc64 } from "../../src/bytes/crc64.ts";
import { ReplicaError } from "../../src/errors.ts";
import type { RdbEvent } from "../../src/events.ts";
import { RdbDecoder, type RdbDecoderOptions, type RdbWarning } from "../../src/rdb/mod.ts";

/** Bytes of a hex text; blanks and bars are separators. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replace(/[\s|]/g, "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Bytes of Latin-1 text. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** JSON of a value, bytes as Latin-1 text, so that two values can be compared and read. */
export function show(value: unknown): string {
  return JSON.stringify(value, (_, part) => {
    if (part instanceof Uint8Array) return Buffer.from(part).toString("latin1");
    if (typeof part === "bigint") return `${part}n`;
    if (part === Number.POSITIVE_INFINITY) return "inf";
    if (part === Number.NEGATIVE_INFINITY) return "-inf";
    return part;
  });
}

/** Everything that an event tells, as one line. */
export function showEvent(event: RdbEvent | RdbWarning): string {
  if (event.event !== "key") return show(event);
  const { db, key, type, encoding, expireAt, idle, freq, part, last, total, count, offset, value, raw } =
    event;
  return show({
    db,
    key,
    type,
    encoding,
    expireAt,
    idle,
    freq,
    part,
    last,
    total,
    count,
    offset,
    value,
    raw,
  });
}

/** What a decoder made of chunks: its events, and the error that ended it, as lines. */
export function decodeChunks(
  chunks: Iterable<Uint8Array>,
  options: Omit<RdbDecoderOptions, "onEvent"> = {},
): readonly string[] {
  const lines: string[] = [];
  const decoder = new RdbDecoder({ ...options, onEvent: (event) => lines.push(showEvent(event)) });
  try {
    for (const chunk of chunks) decoder.write(chunk);
    decoder.end();
  } catch (error) {
    if (!(error instanceof ReplicaError)) throw error;
    lines.push(`error ${error.code} at ${error.offset}: ${error.message}`);
  }
  return lines;
}

/** The input cut after each of the given sizes in turn. Every chunk has memory of its own. */
export function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length]!);
    yield bytes.slice(at, at + size);
    at += size;
  }
}

/** An RDB file around records, with its checksum. */
export function rdbFile(version: number, ...records: readonly Uint8Array[]): Uint8Array {
  const magic =
    version < 80 ? `REDIS${String(version).padStart(4, "0")}` : `VALKEY${String(version).padStart(3, "0")}`;
  const body = concat([latin1(magic), ...records, Uint8Array.of(0xff)]);
  if (version < 5) return body;
  const crc = new Crc64();
  crc.update(body);
  const sum = new Uint8Array(8);
  crc.writeTo(sum, 0);
  return concat([body, sum]);
}

/** A DUMP payload around a body, with its footer. */
export function dumpPayload(version: number, body: Uint8Array): Uint8Array {
  const payload = concat([body, Uint8Array.of(version & 0xff, version >> 8), new Uint8Array(8)]);
  const crc = new Crc64();
  crc.update(payload, 0, payload.length - 8);
  crc.writeTo(payload, payload.length - 8);
  return payload;
}

/** The record of a key whose value is the body of a DUMP payload. */
export function keyRecord(key: string, body: Uint8Array): Uint8Array {
  return concat([body.subarray(0, 1), Uint8Array.of(key.length), latin1(key), body.subarray(1)]);
}

/** The body (type and value) of a DUMP payload. */
export function dumpBody(payload: Uint8Array): Uint8Array {
  return payload.subarray(0, payload.length - 10);
}

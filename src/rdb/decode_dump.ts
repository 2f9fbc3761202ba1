import { Crc64 } from "../bytes/crc64.ts";
import { ReplicaError } from "../errors.ts";
import type { EventContext, RdbFamily, RdbKey } from "../events.ts";
import { ByteReader, UNDERFLOW } from "./byte_reader.ts";
import { RDB_LIMITS } from "./decoder.ts";
import type { KeyHead } from "./key_event.ts";
import type { ModuleParsers } from "./module_parser.ts";
import { ModuleItemsReading } from "./modules.ts";
import { familyOf, OPCODE, VALUE_KINDS, type ValueKind } from "./opcodes.ts";
import { PartBuilder } from "./part_builder.ts";
import { DUMP_FOOTER } from "./raw_capture.ts";
import { readLength } from "./rdb_string.ts";
import { TemplateTable } from "./templates.ts";
import type { RdbLimits, ValueContext } from "./value_reading.ts";
import { startValue } from "./values/start_value.ts";

/** How {@link decodeDump} reads a payload. */
export interface DecodeDumpOptions {
  /** What a wrong checksum is. Default `error`. A checksum of 0 counts as not computed. */
  readonly checksum?: "error" | "off" | undefined;
  readonly modules?: ModuleParsers | undefined;
  readonly limits?: Partial<RdbLimits> | undefined;
}

/** A decoded DUMP payload. */
export interface DecodedDump {
  /** RDB version in the footer. */
  readonly version: number;
  readonly family: RdbFamily;
  /** The value as key events without a key, in parts if it is above the bounds. */
  readonly parts: readonly RdbKey[];
  /** Bytes between the value and the footer; servers ignore them, no server writes any. */
  readonly trailing: number;
}

const CONTEXT: EventContext = { replid: undefined, receivedAt: undefined, shard: undefined, file: undefined };
/** The stored form of an empty key. */
const NO_KEY = new Uint8Array(1);

/**
 * Decodes what `DUMP` answered: `[key metadata] type value u16le version u64le crc64`.
 *
 * Throws `ReplicaError`: `TRUNCATED` when the payload is too short, `CHECKSUM`, `UNKNOWN_TYPE`, `UNSUPPORTED`, `MALFORMED`.
 *
 * @example
 * ```ts
 * import { decodeDump } from "rxreplica/rdb";
 *
 * // Redis 7.0, SET k hello
 * const payload = Uint8Array.from("000568656c6c6f0a006372df766534200a".match(/../g)!, (hex) => Number.parseInt(hex, 16));
 * const [part] = decodeDump(payload).parts;
 * if (part?.type !== "string" || new TextDecoder().decode(part.value) !== "hello") throw new Error("unexpected");
 * ```
 */
export function decodeDump(payload: Uint8Array, options: DecodeDumpOptions = {}): DecodedDump {
  const body = payload.length - DUMP_FOOTER;
  if (body < 1)
    throw new ReplicaError("TRUNCATED", `Cannot decode DUMP payload: it has ${payload.length} bytes`, {
      offset: payload.length,
    });
  const version = payload[body]! | (payload[body + 1]! << 8);
  if (options.checksum !== "off") verify(payload);
  const family = familyOf(version);
  const reader = new ByteReader();
  reader.push(new Uint8Array(payload.buffer, payload.byteOffset, body));
  const parts: RdbKey[] = [];
  try {
    readValue(reader, family, parts, options);
  } catch (error) {
    if (error !== UNDERFLOW) throw error;
    throw new ReplicaError("TRUNCATED", `Cannot decode DUMP payload: its value ends at byte ${body}`, {
      offset: body,
    });
  }
  return { version, family, parts, trailing: body - reader.offset };
}

function verify(payload: Uint8Array): void {
  const at = payload.length - 8;
  if (payload.subarray(at).every((byte) => byte === 0)) return;
  const crc = new Crc64();
  crc.update(payload, 0, at);
  if (!crc.matches(payload, at))
    throw new ReplicaError(
      "CHECKSUM",
      `Cannot trust DUMP payload: the checksum at byte ${at} does not match`,
      {
        offset: at,
      },
    );
}

function readValue(r: ByteReader, family: RdbFamily, out: RdbKey[], options: DecodeDumpOptions): void {
  if (r.buf[0] === OPCODE.FAMILY_243 && family === "redis") skipKeyMeta(r);
  const offset = r.offset;
  const byte = r.u8();
  const kind = VALUE_KINDS[family][byte];
  const reading = kind && startValue(kind.form);
  if (kind === undefined || reading === undefined)
    throw new ReplicaError(
      kind === undefined ? "UNKNOWN_TYPE" : "UNSUPPORTED",
      `Cannot decode DUMP payload: type ${byte} at byte ${offset}`,
      { offset, type: kind?.form ?? String(byte) },
    );
  r.commit();
  const limits = { ...RDB_LIMITS, ...options.limits };
  const parts = new PartBuilder(limits, (event) => out.push(event));
  const context: ValueContext = {
    parts,
    limits,
    modules: options.modules ?? {},
    templates: new TemplateTable(),
    skipping: false,
    warn: (code, message, cause) => {
      throw new ReplicaError(code, `Cannot decode DUMP payload: ${message}`, { offset, cause });
    },
  };
  const head: KeyHead = {
    context: CONTEXT,
    db: 0,
    kind,
    keyBuf: NO_KEY,
    keyPos: 0,
    expireAt: undefined,
    idle: undefined,
    freq: undefined,
    offset,
  };
  parts.begin(head);
  try {
    reading.step(r, context);
  } catch (error) {
    throw typed(error, kind);
  }
  r.commit();
  if (parts.isEmpty && kind.type !== "stream" && kind.type !== "module")
    throw new ReplicaError("MALFORMED", `Cannot decode DUMP payload: the ${kind.type} has no elements`, {
      offset,
      type: kind.type,
    });
  parts.finish();
}

/** Adds the value's type to an error. */
function typed(error: unknown, { type }: ValueKind): unknown {
  if (!(error instanceof ReplicaError) || error.type !== undefined) return error;
  return new ReplicaError(error.code, error.message, { offset: error.offset, type, cause: error });
}

function skipKeyMeta(r: ByteReader): void {
  r.u8();
  const classes = readLength(r);
  for (let i = 0; i < classes; i++) {
    r.u32le();
    r.commit();
    new ModuleItemsReading().step(r);
  }
}

import { ReplicaError } from "../errors.ts";
import type { EventContext, RdbEvent } from "../events.ts";
import { type ByteReader, EMPTY } from "./byte_reader.ts";
import { counted, countStrings, PLAIN_MAX } from "./count_strings.ts";
import { emitStrings } from "./emit_strings.ts";
import { KeyAttributes } from "./key_attributes.ts";
import type { KeyHead } from "./key_event.ts";
import { RdbKeyHeader, type RdbLevel } from "./key_header.ts";
import { readMagic } from "./magic.ts";
import { familyOf, OPCODE, PLAIN_STRING, VALUE_KINDS, type ValueForm, type ValueKind } from "./opcodes.ts";
import { OtherRecords } from "./other_records.ts";
import type { PartBuilder } from "./part_builder.ts";
import { RawCapture } from "./raw_capture.ts";
import { readLength } from "./rdb_string.ts";
import type { RecordRest } from "./record_rest.ts";
import type { ValueContext, ValueReading } from "./value_reading.ts";
import { startValue } from "./values/start_value.ts";
import { takeSmallString } from "./values/string.ts";
import { strictString } from "./values/string_element.ts";

export type { RdbKeyHeader, RdbLevel } from "./key_header.ts";

/** What the record reader works with, made once a decoder. */
export interface RecordOptions {
  readonly emit: ((event: RdbEvent) => void) | undefined;
  readonly select: ((header: RdbKeyHeader) => RdbLevel) | undefined;
  /** Context for values that are wanted, and one whose parts go nowhere. */
  readonly wanted: ValueContext;
  readonly skipped: ValueContext;
  readonly context: () => EventContext;
}

/** `rest`: of a record that is no key. */
type State = "magic" | "record" | "value" | "rest" | "end";

/**
 * References to templates cannot stand alone: in a DUMP payload the fields come along, under another type byte
 * (rdb.c of the servers).
 */
const DUMP_TYPE: Readonly<Partial<Record<ValueForm, number>>> = {
  "hash-template-listpack-ref": 29,
  "hash-template-ref": 31,
};

const MAX_DB = 0x7fff_ffff;

/** Reads the records of an RDB payload from its magic to its end mark. */
export class RecordReader {
  readonly #options: RecordOptions;
  #state: State = "magic";
  #version = 0;
  #kinds: readonly (ValueKind | undefined)[] = VALUE_KINDS.redis;
  #db = 0;
  readonly #attributes: KeyAttributes = new KeyAttributes();
  #head: KeyHead | undefined = undefined;
  #reading: ValueReading | undefined = undefined;
  #value: ValueContext;
  /** Sends the events of the value that is being read. */
  #parts: PartBuilder;
  #capture: RawCapture | undefined = undefined;
  readonly #others: OtherRecords;
  #rest: RecordRest | undefined = undefined;
  #keys = 0;
  /** All plain strings are wanted, and none is above a limit. */
  readonly #takesPlain: boolean;

  constructor(options: RecordOptions) {
    this.#options = options;
    const { wanted, select, emit, context } = options;
    const { maxElementBytes, maxPartBytes } = wanted.limits;
    this.#takesPlain = select === undefined && Math.min(maxElementBytes, maxPartBytes) >= PLAIN_MAX;
    this.#others = new OtherRecords({
      emit,
      context,
      templates: wanted.templates,
      maxString: maxElementBytes,
    });
    this.#value = wanted;
    this.#parts = wanted.parts;
  }

  /** Version in the header; 0 before it was read. */
  get version(): number {
    return this.#version;
  }

  /** Keys met, skipped ones included. */
  get keys(): number {
    return this.#keys;
  }

  /** The key whose value is being read. */
  get head(): KeyHead | undefined {
    return this.#head;
  }

  /** Reads on until the end mark; throws UNDERFLOW whenever more bytes are needed. */
  run(r: ByteReader): void {
    while (this.#state !== "end") this.#step(r);
  }

  /** Sends off what is there of a value that cannot be finished. */
  abandon(): void {
    if (this.#head !== undefined) this.#parts.abandon();
  }

  #step(r: ByteReader): void {
    switch (this.#state) {
      case "record":
        this.#readRecord(r);
        break;
      case "value":
        this.#readValue(r);
        break;
      case "rest":
        this.#rest!.step(r);
        this.#rest = undefined;
        this.#state = "record";
        break;
      default:
        this.#readMagic(r);
    }
  }

  #readMagic(r: ByteReader): void {
    this.#version = readMagic(r);
    const family = familyOf(this.#version);
    this.#others.family = family;
    this.#kinds = VALUE_KINDS[family];
    this.#state = "record";
    const { emit, context } = this.#options;
    const { receivedAt, shard } = context();
    const version = this.#version;
    emit?.({ kind: "rdb", event: "begin", version, family, position: undefined, receivedAt, shard });
    r.commit();
  }

  #readRecord(r: ByteReader): void {
    if (this.#takesPlain && this.#takeStrings(r)) return;
    const at = r.offset;
    const byte = r.u8();
    const kind = this.#kinds[byte];
    if (kind !== undefined) this.#readKey(r, kind, at);
    else if (!this.#readOpcode(r, byte))
      throw new ReplicaError(
        "UNKNOWN_TYPE",
        `Cannot decode record: unknown type or opcode ${byte} at byte ${at}`,
        {
          offset: at,
          db: this.#db,
          type: String(byte),
        },
      );
    // The handler has been called: what it was told must not be read again.
    r.commit();
  }

  /** `false`: no plain string comes next. */
  #takeStrings(r: ByteReader): boolean {
    const next = r.buf[r.pos];
    if (next !== PLAIN_STRING && next !== OPCODE.EXPIRETIME_MS) return false;
    const { parts } = this.#options.wanted;
    const { emit } = parts;
    const { expireAt, idle, freq } = this.#attributes;
    if (emit === undefined) countStrings(r, PLAIN_STRING);
    else {
      // These are read in the usual way: few servers have them.
      if (idle !== undefined || freq !== undefined) return false;
      const kind = this.#kinds[PLAIN_STRING]!;
      emitStrings(r, { context: this.#options.context(), db: this.#db, kind, emit }, expireAt);
    }
    const { keys, bytes } = counted;
    if (keys === 0) return false;
    // One of them may have been begun before, in the usual way.
    this.#head = undefined;
    this.#keys += keys;
    this.#resetAttributes();
    parts.countStrings(keys, bytes);
    r.commit();
    return true;
  }

  #readKey(r: ByteReader, kind: ValueKind, offset: number): void {
    const keyBuf = r.buf;
    const keyPos = r.pos;
    const { wanted, skipped, select } = this.#options;
    const keyBytes = strictString(r, wanted);
    const level =
      select === undefined ? "data" : select(new RdbKeyHeader(this.#db, kind.type, keyBuf, keyPos));
    const { parts } = level === "skip" ? skipped : wanted;
    const head: KeyHead = {
      context: this.#options.context(),
      db: this.#db,
      kind,
      keyBuf,
      keyPos,
      expireAt: this.#attributes.expireAt,
      idle: this.#attributes.idle,
      freq: this.#attributes.freq,
      offset,
    };
    // From here on an error knows its key.
    this.#head = head;
    parts.begin(head);
    if (level === "data" && kind.form === "string" && takeSmallString(r, wanted)) {
      this.#keys++;
      this.#resetAttributes();
      parts.countKey(kind, keyBytes);
      this.#head = undefined;
      parts.finish();
      return;
    }
    this.#parts = parts;
    this.#beginValue(r, kind, head, level);
    parts.countKey(kind, keyBytes);
  }

  #beginValue(r: ByteReader, kind: ValueKind, head: KeyHead, level: RdbLevel): void {
    const reading = startValue(kind.form);
    if (reading === undefined)
      throw new ReplicaError(
        "UNSUPPORTED",
        `its type ${kind.id} (${kind.form}) at byte ${head.offset} has no known layout`,
        {
          offset: head.offset,
          type: kind.form,
        },
      );
    r.commit();
    this.#keys++;
    this.#reading = reading;
    const { wanted, skipped } = this.#options;
    this.#value = level === "data" ? wanted : skipped;
    this.#state = "value";
    if (level === "raw") {
      this.#capture = new RawCapture(this.#parts, {
        type: DUMP_TYPE[kind.form] ?? kind.id,
        bound: wanted.limits.maxPartBytes,
        meta: this.#others.meta.take() ?? EMPTY,
      });
      this.#value = { ...skipped, capture: this.#capture };
      r.tap = this.#capture;
    }
    this.#resetAttributes();
  }

  #readValue(r: ByteReader): void {
    this.#reading!.step(r, this.#value);
    r.commit();
    this.#checkNotEmpty();
    if (this.#capture !== undefined) {
      r.tap = undefined;
      this.#capture.finish(this.#version);
      this.#capture = undefined;
    }
    this.#head = this.#reading = undefined;
    this.#state = "record";
    this.#parts.finish();
  }

  /** Only a stream may be empty: a collection without elements does not exist, and servers refuse or drop it. */
  #checkNotEmpty(): void {
    const { type } = this.#head!.kind;
    if (!this.#value.skipping && this.#parts.isEmpty && type !== "stream" && type !== "module")
      throw new ReplicaError("MALFORMED", `The ${type} at byte ${this.#head!.offset} has no elements`, {
        offset: this.#head!.offset,
      });
  }

  /** Reads the record behind an opcode; `false` if there is none of this number. */
  #readOpcode(r: ByteReader, opcode: number): boolean {
    switch (opcode) {
      case OPCODE.EOF:
        this.#state = "end";
        return true;
      case OPCODE.SELECTDB:
        this.#selectDb(r);
        return true;
      default:
        if (this.#attributes.read(r, opcode)) return true;
        if (!this.#others.read(r, opcode)) return false;
        this.#rest = this.#others.takeRest();
        if (this.#rest !== undefined) this.#state = "rest";
        return true;
    }
  }

  #selectDb(r: ByteReader): void {
    const at = r.offset;
    const db = readLength(r);
    if (db > MAX_DB) r.malformed(`Cannot use database index ${db}`, at);
    this.#db = db;
  }

  #resetAttributes(): void {
    this.#attributes.reset();
    this.#others.meta.take();
  }
}

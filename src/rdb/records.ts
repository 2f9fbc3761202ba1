import { concat } from "../bytes/concat.ts";
import { readInt64 } from "../bytes/integer.ts";
import { encodeUtf8, utf8 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import type { EventContext, RdbEvent, RdbFamily, ValueType } from "../events.ts";
import { type ByteReader, EMPTY, UNDERFLOW } from "./byte_reader.ts";
import { counted, countStrings, PLAIN_MAX } from "./count_strings.ts";
import { emitStrings } from "./emit_strings.ts";
import { GatheredBytes } from "./gathered_bytes.ts";
import { type KeyHead, keyTextAt } from "./key_event.ts";
import { readMagic } from "./magic.ts";
import { ModuleItemsReading, readModuleId } from "./modules.ts";
import { familyOf, OPCODE, VALUE_KINDS, type ValueForm, type ValueKind } from "./opcodes.ts";
import type { PartBuilder } from "./part_builder.ts";
import { RawCapture } from "./raw_capture.ts";
import { readLength, readString, stringAt } from "./rdb_string.ts";
import { NAME_WEIGHT } from "./templates.ts";
import type { ValueContext, ValueReading } from "./value_reading.ts";
import { strictString } from "./values/sequence.ts";
import { startValue } from "./values/start_value.ts";
import { readSmallString } from "./values/string.ts";

/**
 * What happens to a value: passed over with its key, passed over while the key is told, kept as the DUMP payload, or
 * decoded.
 */
export type RdbLevel = "skip" | "key" | "raw" | "data";

/** What is known of a key before its value is read. */
export class RdbKeyHeader {
  readonly db: number;
  readonly type: ValueType;
  private readonly buf: Uint8Array;
  private readonly pos: number;

  constructor(db: number, type: ValueType, buf: Uint8Array, pos: number) {
    this.db = db;
    this.type = type;
    this.buf = buf;
    this.pos = pos;
  }

  get key(): Uint8Array {
    return stringAt(this.buf, this.pos);
  }

  get keyText(): string {
    return keyTextAt(this.buf, this.pos);
  }
}

/** What the record reader works with, made once a decoder. */
export interface RecordOptions {
  readonly emit: ((event: RdbEvent) => void) | undefined;
  readonly select: ((header: RdbKeyHeader) => RdbLevel) | undefined;
  /** Context for values that are wanted, and one whose parts go nowhere. */
  readonly wanted: ValueContext;
  readonly skipped: ValueContext;
  readonly context: () => EventContext;
}

type State = "magic" | "record" | "value" | "module-aux" | "key-meta" | "template" | "slot-import" | "end";

/**
 * References to templates cannot stand alone: in a DUMP payload the fields come along, under another type byte
 * (rdb sheet, 13).
 */
const DUMP_TYPE: Readonly<Partial<Record<ValueForm, number>>> = {
  "hash-template-listpack-ref": 29,
  "hash-template-ref": 31,
};

/** The type byte of a string, in all families. */
const PLAIN_STRING = 0;
const MAX_DB = 0x7fff_ffff;
const MAX_SLOT = 16383;
const MAX_KEY_META = 1 << 20;

/** Reads the records of an RDB payload from its magic to its end mark. */
export class RecordReader {
  readonly #options: RecordOptions;
  #state: State = "magic";
  #version = 0;
  #family: RdbFamily = "redis";
  #kinds: readonly (ValueKind | undefined)[] = VALUE_KINDS.redis;
  #db = 0;
  #expireAt: number | bigint | undefined = undefined;
  #idle: number | undefined = undefined;
  #freq: number | undefined = undefined;
  #head: KeyHead | undefined = undefined;
  #reading: ValueReading | undefined = undefined;
  #value: ValueContext;
  /** Sends the events of the value that is being read. */
  #parts: PartBuilder;
  #capture: RawCapture | undefined = undefined;
  #items: ModuleItemsReading | undefined = undefined;
  #metaLeft = 0;
  readonly #meta: GatheredBytes = new GatheredBytes(MAX_KEY_META);
  #keys = 0;
  #template: { readonly id: number; readonly count: number; readonly at: number } | undefined = undefined;
  #fields: Uint8Array[] = [];
  #fieldBytes = 0;
  /** Numbers left of a record that is passed over. */
  #numbersLeft = 0;
  /** All plain strings are wanted, and none is above a limit. */
  readonly #takesPlain: boolean;

  constructor(options: RecordOptions) {
    this.#options = options;
    const { wanted, select } = options;
    const { maxElementBytes, maxPartBytes } = wanted.limits;
    this.#takesPlain = select === undefined && Math.min(maxElementBytes, maxPartBytes) >= PLAIN_MAX;
    this.#value = options.wanted;
    this.#parts = options.wanted.parts;
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
      case "magic":
        this.#readMagic(r);
        break;
      case "module-aux":
        this.#items!.step(r);
        this.#items = undefined;
        this.#state = "record";
        break;
      case "template":
        this.#readTemplate(r);
        break;
      case "slot-import":
        this.#skipNumbers(r);
        break;
      default:
        this.#readKeyMeta(r);
    }
  }

  #readMagic(r: ByteReader): void {
    this.#version = readMagic(r);
    this.#family = familyOf(this.#version);
    this.#kinds = VALUE_KINDS[this.#family];
    this.#state = "record";
    this.#emit({
      kind: "rdb",
      event: "begin",
      version: this.#version,
      family: this.#family,
      ...this.#placed(),
    });
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
    if (emit === undefined) countStrings(r, PLAIN_STRING);
    else {
      // These are read in the usual way: few servers have them.
      if (this.#idle !== undefined || this.#freq !== undefined) return false;
      const kind = this.#kinds[PLAIN_STRING]!;
      emitStrings(r, { context: this.#options.context(), db: this.#db, kind, emit }, this.#expireAt);
    }
    const { keys, bytes } = counted;
    if (keys === 0) return false;
    // One of them may have been begun before, in the usual way.
    this.#head = undefined;
    this.#keys += keys;
    this.#resetAttributes();
    const { totals } = parts;
    totals.keys += keys;
    totals.elements += keys;
    totals.bytes += bytes;
    totals.types.string = (totals.types.string ?? 0) + keys;
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
      expireAt: this.#expireAt,
      idle: this.#idle,
      freq: this.#freq,
      offset,
    };
    // From here on an error knows its key.
    this.#head = head;
    parts.begin(head);
    if (level === "data" && kind.form === "string" && this.#readWholeString(r, wanted)) {
      this.#keys++;
      this.#resetAttributes();
      parts.countKey(kind.type, keyBytes);
      this.#head = undefined;
      parts.finish();
      return;
    }
    this.#parts = parts;
    this.#beginValue(r, kind, head, level);
    parts.countKey(kind.type, keyBytes);
  }

  /** `false`: the string is too long for one event, or not wholly there; the reader stands before it then. */
  #readWholeString(r: ByteReader, value: ValueContext): boolean {
    const { pos } = r;
    try {
      return readSmallString(r, value);
    } catch (error) {
      // The key is not read again for it: whoever selects is asked once.
      if (error !== UNDERFLOW) throw error;
      r.pos = pos;
      return false;
    }
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
        meta: this.#meta.take() ?? EMPTY,
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
        this.#db = this.#bounded(r, MAX_DB, "database index");
        return true;
      case OPCODE.EXPIRETIME_MS: {
        r.require(8);
        const at = readInt64(r.buf, r.pos);
        r.pos += 8;
        this.#expireAt = at === -1 ? undefined : at;
        return true;
      }
      case OPCODE.EXPIRETIME: {
        const at = r.u32le() | 0;
        this.#expireAt = at === -1 ? undefined : at * 1000;
        return true;
      }
      case OPCODE.FREQ:
        this.#freq = r.u8();
        return true;
      case OPCODE.IDLE:
        this.#idle = readLength(r);
        return true;
      case OPCODE.RESIZEDB:
        readLength(r);
        readLength(r);
        return true;
      case OPCODE.AUX:
        this.#readAux(r);
        return true;
      case OPCODE.FUNCTION2:
        this.#emitFunction(readString(r, this.#maxString));
        return true;
      case OPCODE.FUNCTION_PRE_GA:
        this.#readPreGaFunction(r);
        return true;
      case OPCODE.MODULE_AUX:
        this.#readModuleAux(r);
        return true;
      case OPCODE.SLOT_INFO: {
        const slot = this.#bounded(r, MAX_SLOT, "slot");
        const keys = readLength(r);
        this.#emitSlotInfo(slot, keys, readLength(r));
        return true;
      }
      case OPCODE.ENTERPRISE_LRU:
      case OPCODE.ENTERPRISE_SLOT:
        readLength(r);
        return true;
      default:
        return this.#readFamilyOpcode(r, opcode);
    }
  }

  /** Opcodes whose meaning depends on who wrote the input. */
  #readFamilyOpcode(r: ByteReader, opcode: number): boolean {
    if (opcode === OPCODE.FAMILY_243) {
      if (this.#family === "valkey") this.#beginSlotImport(r);
      else {
        const at = r.offset;
        const classes = readLength(r);
        if (classes < 1 || classes > 7) r.malformed(`Cannot decode key metadata: ${classes} classes`, at);
        this.#keepMeta(r.buf, r.safe, r.pos, r.offset);
        this.#metaLeft = classes;
        this.#state = "key-meta";
      }
      return true;
    }
    if (opcode !== OPCODE.FAMILY_242) return false;
    if (this.#family === "valkey")
      throw new ReplicaError(
        "UNSUPPORTED",
        `Cannot decode a command inside the snapshot at byte ${r.offset}`,
        {
          offset: r.offset,
        },
      );
    const at = r.offset;
    const id = readLength(r);
    const count = readLength(r);
    if (count === 0) r.malformed(`Cannot add hash template ${id}: it has no fields`, at);
    this.#template = { id, count, at };
    this.#state = "template";
    return true;
  }

  /** Reads the names of a template, each for itself. */
  #readTemplate(r: ByteReader): void {
    const { id, count, at } = this.#template!;
    const { templates } = this.#options.wanted;
    while (this.#fields.length < count) {
      const left = templates.room - this.#fieldBytes;
      if (left < NAME_WEIGHT)
        throw new ReplicaError("LIMIT", `Cannot keep hash template ${id} at byte ${at}: too large`, {
          offset: at,
        });
      const field = readString(r, left - NAME_WEIGHT).slice();
      this.#fieldBytes += field.length + NAME_WEIGHT;
      this.#fields.push(field);
      r.commit();
    }
    templates.add(id, this.#fields, at);
    this.#template = undefined;
    this.#fields = [];
    this.#fieldBytes = 0;
    this.#state = "record";
  }

  /** Valkey's record of a slot import under way: job name, then ranges. */
  #beginSlotImport(r: ByteReader): void {
    readString(r, this.#maxString);
    const ranges = readLength(r);
    if (ranges > MAX_SLOT + 1) r.malformed(`Cannot decode slot import: ${ranges} ranges`);
    this.#numbersLeft = ranges * 2;
    this.#state = "slot-import";
  }

  #skipNumbers(r: ByteReader): void {
    for (; this.#numbersLeft > 0; this.#numbersLeft--) {
      readLength(r);
      r.commit();
    }
    this.#state = "record";
  }

  #readKeyMeta(r: ByteReader): void {
    while (this.#metaLeft > 0) {
      if (this.#items === undefined) {
        r.u32le();
        this.#keepMeta(r.buf, r.safe, r.pos, r.offset);
        r.commit();
        this.#items = new ModuleItemsReading();
      }
      r.tap = { bytes: (buf, start, end) => this.#keepMeta(buf, start, end, r.offset) };
      this.#items.step(r);
      r.tap = undefined;
      this.#items = undefined;
      this.#metaLeft--;
    }
    this.#state = "record";
  }

  #keepMeta(buf: Uint8Array, start: number, end: number, at: number): void {
    this.#meta.bytes(buf, start, end);
    if (this.#meta.size > MAX_KEY_META)
      throw new ReplicaError("LIMIT", `Cannot keep key metadata at byte ${at}: above ${MAX_KEY_META} bytes`, {
        offset: at,
      });
  }

  #readAux(r: ByteReader): void {
    const key = utf8(readString(r, this.#maxString));
    const value = readString(r, this.#maxString);
    const slot = key === "slot-info" ? /^(\d+),(\d+),(\d+)/.exec(utf8(value)) : null;
    if (slot !== null) this.#emitSlotInfo(Number(slot[1]), Number(slot[2]), Number(slot[3]));
    else
      this.#emit({
        kind: "rdb",
        event: "aux",
        key,
        value,
        get valueText() {
          return utf8(value);
        },
        ...this.#placed(),
      });
  }

  /** Name, engine, description and code stand apart in 7.0 release candidates; a header line says the same (rdb sheet, 8). */
  #readPreGaFunction(r: ByteReader): void {
    const name = utf8(readString(r, this.#maxString));
    const engine = utf8(readString(r, this.#maxString)).toLowerCase();
    if (readLength(r) !== 0) readString(r, this.#maxString);
    const code = readString(r, this.#maxString);
    this.#emitFunction(concat([encodeUtf8(`#!${engine} name=${name}\n`), code]));
  }

  #readModuleAux(r: ByteReader): void {
    const { name, version } = readModuleId(r);
    const at = r.offset;
    if (readLength(r) !== 2) r.malformed("Cannot decode module aux: no opcode before its time", at);
    const when = readLength(r);
    if (when !== 1 && when !== 2) r.malformed(`Cannot decode module aux: time ${when}`, at);
    this.#items = new ModuleItemsReading();
    this.#state = "module-aux";
    this.#emit({
      kind: "rdb",
      event: "module-aux",
      name,
      version,
      when: when === 1 ? "before" : "after",
      ...this.#placed(),
    });
  }

  #emitFunction(code: Uint8Array): void {
    this.#emit({
      kind: "rdb",
      event: "function",
      code,
      get codeText() {
        return utf8(code);
      },
      ...this.#placed(),
    });
  }

  #emitSlotInfo(slot: number, keys: number, expires: number): void {
    this.#emit({ kind: "rdb", event: "slot-info", slot, keys, expires, ...this.#placed() });
  }

  /** Bytes that a name, a library or an aux value may have. */
  get #maxString(): number {
    return this.#options.wanted.limits.maxElementBytes;
  }

  #emit(event: RdbEvent): void {
    this.#options.emit?.(event);
  }

  #placed(): { position: undefined; receivedAt: EventContext["receivedAt"]; shard: string | undefined } {
    const { receivedAt, shard } = this.#options.context();
    return { position: undefined, receivedAt, shard };
  }

  #bounded(r: ByteReader, max: number, what: string): number {
    const at = r.offset;
    const value = readLength(r);
    if (value > max) r.malformed(`Cannot use ${what} ${value}`, at);
    return value;
  }

  #resetAttributes(): void {
    this.#expireAt = this.#idle = this.#freq = undefined;
    if (this.#meta.size > 0) this.#meta.take();
  }
}

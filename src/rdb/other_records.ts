import { concat } from "../bytes/concat.ts";
import { encodeUtf8, utf8 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import type { EventContext, RdbEvent, RdbFamily } from "../events.ts";
import type { ByteReader } from "./byte_reader.ts";
import { KeyMeta } from "./key_meta.ts";
import { ModuleItemsReading, readModuleId } from "./modules.ts";
import { OPCODE } from "./opcodes.ts";
import { readLength, readString } from "./rdb_string.ts";
import type { RecordRest } from "./record_rest.ts";
import { TemplateReading } from "./template_reading.ts";
import type { TemplateTable } from "./templates.ts";

const MAX_SLOT = 16383;

/** What {@link OtherRecords} works with. */
export interface OtherRecordOptions {
  readonly emit: ((event: RdbEvent) => void) | undefined;
  readonly context: () => EventContext;
  readonly templates: TemplateTable;
  /** Bytes that a name, a library or an aux value may have. */
  readonly maxString: number;
}

/** Reads the records that are neither keys nor what is said of the next key alone: aux, functions, modules' data, hints. */
export class OtherRecords {
  /** Metadata of the next key. */
  readonly meta: KeyMeta = new KeyMeta();
  /** Whose table of opcodes holds. */
  family: RdbFamily = "redis";
  readonly #options: OtherRecordOptions;
  #rest: RecordRest | undefined = undefined;

  constructor(options: OtherRecordOptions) {
    this.#options = options;
  }

  /** What is left of the record that was read last; asked for once. */
  takeRest(): RecordRest | undefined {
    const rest = this.#rest;
    this.#rest = undefined;
    return rest;
  }

  /** Reads the record behind an opcode; `false` if there is none of this number. */
  read(r: ByteReader, opcode: number): boolean {
    switch (opcode) {
      case OPCODE.RESIZEDB:
        readLength(r);
        readLength(r);
        return true;
      case OPCODE.AUX:
        this.#readAux(r);
        return true;
      case OPCODE.FUNCTION2:
        this.#emitFunction(this.#readString(r));
        return true;
      case OPCODE.FUNCTION_PRE_GA:
        this.#readPreGaFunction(r);
        return true;
      case OPCODE.MODULE_AUX:
        this.#readModuleAux(r);
        return true;
      case OPCODE.SLOT_INFO: {
        const at = r.offset;
        const slot = readLength(r);
        if (slot > MAX_SLOT) r.malformed(`Cannot use slot ${slot}`, at);
        const keys = readLength(r);
        this.#emitSlotInfo(slot, keys, readLength(r));
        return true;
      }
      case OPCODE.ENTERPRISE_LRU:
      case OPCODE.ENTERPRISE_SLOT:
        readLength(r);
        return true;
      case OPCODE.FAMILY_242:
        this.#rest = this.#begin242(r);
        return true;
      case OPCODE.FAMILY_243:
        this.#rest = this.#begin243(r);
        return true;
      default:
        return false;
    }
  }

  /** A hash template of Redis; Valkey has commands inside the snapshot there. */
  #begin242(r: ByteReader): RecordRest {
    if (this.family === "redis") return new TemplateReading(r, this.#options.templates);
    throw new ReplicaError("UNSUPPORTED", `Cannot decode a command inside the snapshot at byte ${r.offset}`, {
      offset: r.offset,
    });
  }

  /** Metadata of the next key, by Redis; a slot import under way, by Valkey: job name, then ranges. */
  #begin243(r: ByteReader): RecordRest {
    if (this.family === "redis") {
      this.meta.begin(r);
      return this.meta;
    }
    this.#readString(r);
    const ranges = readLength(r);
    if (ranges > MAX_SLOT + 1) r.malformed(`Cannot decode slot import: ${ranges} ranges`);
    return new NumbersReading(ranges * 2);
  }

  #readAux(r: ByteReader): void {
    const key = utf8(this.#readString(r));
    const value = this.#readString(r);
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

  /** Name, engine, description and code stand apart in 7.0 release candidates; a header line says the same. */
  #readPreGaFunction(r: ByteReader): void {
    const name = utf8(this.#readString(r));
    const engine = utf8(this.#readString(r)).toLowerCase();
    if (readLength(r) !== 0) this.#readString(r);
    const code = this.#readString(r);
    this.#emitFunction(concat([encodeUtf8(`#!${engine} name=${name}\n`), code]));
  }

  #readModuleAux(r: ByteReader): void {
    const { name, version } = readModuleId(r);
    const at = r.offset;
    if (readLength(r) !== 2) r.malformed("Cannot decode module aux: no opcode before its time", at);
    const when = readLength(r);
    if (when !== 1 && when !== 2) r.malformed(`Cannot decode module aux: time ${when}`, at);
    this.#rest = new ModuleItemsReading();
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

  #readString(r: ByteReader): Uint8Array {
    return readString(r, this.#options.maxString);
  }

  #emit(event: RdbEvent): void {
    this.#options.emit?.(event);
  }

  #placed(): { position: undefined; receivedAt: EventContext["receivedAt"]; shard: string | undefined } {
    const { receivedAt, shard } = this.#options.context();
    return { position: undefined, receivedAt, shard };
  }
}

/** Passes over numbers. */
class NumbersReading implements RecordRest {
  #left: number;

  constructor(count: number) {
    this.#left = count;
  }

  step(r: ByteReader): void {
    for (; this.#left > 0; this.#left--) {
      readLength(r);
      r.commit();
    }
  }
}

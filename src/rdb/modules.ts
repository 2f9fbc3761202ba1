import type { ByteReader } from "./byte_reader.ts";
import type { ModuleItem } from "./module_parser.ts";
import { readLength, readLength64, stringAt, stringSize } from "./rdb_string.ts";
import { SkipReading } from "./values/skip.ts";

export type { ModuleItem, ModuleParser, ModuleParsers } from "./module_parser.ts";

/*
 * MODULE_2 value: len id, items, 0. Item: len opcode, then by opcode (rdb.c of the servers)
 *   1 signed len · 2 unsigned len · 3 f32le · 4 f64le · 5 str
 */

/** Type names that are known, with what they belong to (rdb.c of the servers). */
export const KNOWN_MODULES: Readonly<Record<string, string>> = {
  "ReJSON-RL": "RedisJSON, valkey-json",
  vectorset: "Redis vector sets",
  "MBbloom--": "RedisBloom, Bloom filter",
  MBbloomCF: "RedisBloom, cuckoo filter",
  "CMSk-TYPE": "RedisBloom, count-min sketch",
  "TopK-TYPE": "RedisBloom, top-k",
  "TDIS-TYPE": "RedisBloom, t-digest",
  "TSDB-TYPE": "RedisTimeSeries",
  bloomfltr: "valkey-bloom",
};

const ITEM = { END: 0, SIGNED: 1, UNSIGNED: 2, FLOAT: 3, DOUBLE: 4, STRING: 5 } as const;
const NAME_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** A module id taken apart: nine characters of six bits, then ten bits of encoding version. */
export interface ModuleId {
  readonly name: string;
  readonly version: number;
}

/** Reads a module id. */
export function readModuleId(r: ByteReader): ModuleId {
  let id = BigInt(readLength64(r));
  const version = Number(id & 1023n);
  id >>= 10n;
  let name = "";
  for (let i = 0; i < 9; i++) {
    name = NAME_CHARACTERS[Number(id & 63n)]! + name;
    id >>= 6n;
  }
  return { name, version };
}

/** Passes over the items of a module value, in whatever pieces they come. */
export class ModuleItemsReading {
  #string: SkipReading | undefined = undefined;

  /** Moves over what is there; `true` once the end mark has been read. Every item is committed on its own. */
  step(r: ByteReader): boolean {
    for (;;) {
      if (this.#string !== undefined) {
        this.#string.step(r);
        this.#string = undefined;
      }
      const at = r.offset;
      const opcode = readLength(r);
      if (opcode === ITEM.SIGNED || opcode === ITEM.UNSIGNED) readLength64(r);
      else if (opcode === ITEM.FLOAT || opcode === ITEM.DOUBLE) {
        const size = opcode === ITEM.FLOAT ? 4 : 8;
        r.require(size);
        r.pos += size;
      } else if (opcode === ITEM.STRING) this.#string = new SkipReading();
      else if (opcode !== ITEM.END) r.malformed(`Cannot decode module value: item ${opcode}`, at);
      r.commit();
      if (opcode === ITEM.END) return true;
    }
  }
}

/** The items in `bytes`, which are known to be sound and end with the end mark. */
export function* moduleItems(bytes: Uint8Array): Generator<ModuleItem, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let pos = 0;
  const length = (): number | bigint => {
    const lead = bytes[pos]!;
    if (lead < 0x40) return bytes[pos++]!;
    if (lead < 0x80) {
      pos += 2;
      return ((lead & 0x3f) << 8) | bytes[pos - 1]!;
    }
    if (lead === 0x80) {
      pos += 5;
      return view.getUint32(pos - 4);
    }
    pos += 9;
    const wide = view.getBigUint64(pos - 8);
    return wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
  };
  for (;;) {
    const opcode = length();
    if (opcode === ITEM.END) return;
    if (opcode === ITEM.UNSIGNED) yield { type: "unsigned", value: length() };
    else if (opcode === ITEM.SIGNED) {
      const value = BigInt.asIntN(64, BigInt(length()));
      yield { type: "signed", value: Number.isSafeInteger(Number(value)) ? Number(value) : value };
    } else if (opcode === ITEM.FLOAT) {
      pos += 4;
      yield { type: "float", value: view.getFloat32(pos - 4, true) };
    } else if (opcode === ITEM.DOUBLE) {
      pos += 8;
      yield { type: "double", value: view.getFloat64(pos - 8, true) };
    } else {
      const value = stringAt(bytes, pos);
      pos += stringSize(bytes, pos);
      yield { type: "string", value };
    }
  }
}

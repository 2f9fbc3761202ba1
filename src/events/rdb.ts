import type { RdbKey } from "./key.ts";
import type { Placed } from "./place.ts";
import type { RdbFamily } from "./values.ts";

/** The beginning of a snapshot or RDB file. */
export interface RdbBegin extends Placed {
  readonly kind: "rdb";
  readonly event: "begin";
  readonly version: number;
  readonly family: RdbFamily;
}

/** The end of a snapshot or RDB file: everything before it is whole and its checksum was looked at. */
export interface RdbEnd extends Placed {
  readonly kind: "rdb";
  readonly event: "end";
  /** Keys in the payload, skipped ones included. */
  readonly keys: number;
  /** What the checksum said: `off` when the writer had none (value 0, or version below 5). */
  readonly checksum: "ok" | "off" | "mismatch";
}

/** What the writer says of itself and the file, such as `redis-ver` or `repl-stream-db`. */
export interface RdbAux extends Placed {
  readonly kind: "rdb";
  readonly event: "aux";
  readonly key: string;
  readonly value: Uint8Array;
  readonly valueText: string;
}

/** A function library. */
export interface RdbFunction extends Placed {
  readonly kind: "rdb";
  readonly event: "function";
  /** The library's source as `FUNCTION LOAD` takes it, `#!engine name=…` first. */
  readonly code: Uint8Array;
  readonly codeText: string;
}

/** Data that a module keeps beside the keys. */
export interface RdbModuleAux extends Placed {
  readonly kind: "rdb";
  readonly event: "module-aux";
  readonly name: string;
  readonly version: number;
  readonly when: "before" | "after";
}

/** A hint about one cluster slot (Redis SLOT_INFO, Valkey AUX slot-info). */
export interface RdbSlotInfo extends Placed {
  readonly kind: "rdb";
  readonly event: "slot-info";
  readonly slot: number;
  readonly keys: number;
  readonly expires: number;
}

/** Everything that a snapshot or RDB file is made of, in order. */
export type RdbEvent = RdbBegin | RdbAux | RdbFunction | RdbModuleAux | RdbSlotInfo | RdbKey | RdbEnd;

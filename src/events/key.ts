import type { Placed } from "./place.ts";
import type { ArrayElement, HashField, ModuleValue, StreamValue, ZsetMember } from "./values.ts";

/** What all key events share. */
export interface RdbKeyBase extends Placed {
  readonly kind: "rdb";
  readonly event: "key";
  readonly db: number;
  readonly key: Uint8Array;
  /** The key decoded as UTF-8 (invalid bytes become U+FFFD). Decode it by hand where keys are binary. */
  readonly keyText: string;
  /** Unix ms when the key expires; a bigint only beyond 2^53, which no calendar reaches but servers accept. */
  readonly expireAt: number | bigint | undefined;
  /** Seconds since the last access (LRU policies). Never together with `freq`. */
  readonly idle: number | undefined;
  /** Access counter, 0-255 (LFU policies). */
  readonly freq: number | undefined;
  /** How the value was packed, in the server's words: `raw`, `int`, `listpack`, `hashtable`, … */
  readonly encoding: string;
  /** 0 for the first or only part of a value. */
  readonly part: number;
  /** `true` for the final or only part. */
  readonly last: boolean;
  /** Elements (bytes for a string) in the whole value where the format tells it up front. */
  readonly total: number | undefined;
  /** Elements in this part: 1 for a string or a module value, 0 at level `key`. */
  readonly count: number;
  /** Bytes of input at which this record began, from the start of the RDB payload. */
  readonly offset: number;
  /**
   * The same event on memory of its own, so that keeping it does not keep the chunk it came in.
   */
  detach(): RdbKey;
}

/** A key whose value is of one type. */
export interface Valued<T extends string, V> extends RdbKeyBase {
  readonly type: T;
  /** This part of the value, made anew at each reading: keep it in a variable. Empty at the levels `key` and `raw`. */
  readonly value: V;
  /**
   * At level `raw`: the DUMP payload (or a fragment of it, in parts) that `RESTORE` takes, version and CRC64 included.
   * `undefined` at level `data`.
   */
  readonly raw: Uint8Array | undefined;
}

/** A string, or a fragment of a long one. */
export type RdbString = Valued<"string", Uint8Array>;
/** A list, or a part of one. */
export type RdbList = Valued<"list", readonly Uint8Array[]>;
/** A set, or a part of one. */
export type RdbSet = Valued<"set", readonly Uint8Array[]>;
/** A sorted set, or a part of one. */
export type RdbZset = Valued<"zset", readonly ZsetMember[]>;
/** A hash, or a part of one. */
export type RdbHash = Valued<"hash", readonly HashField[]>;
/** A stream, or a part of one. */
export type RdbStream = Valued<"stream", StreamValue>;
/** A module's value. */
export type RdbModule = Valued<"module", ModuleValue>;
/** An array (Redis 8.8), or a part of one. */
export type RdbArray = Valued<"array", readonly ArrayElement[]>;

/** A key with its value, or one part of it: `type` tells which. */
export type RdbKey = RdbString | RdbList | RdbSet | RdbZset | RdbHash | RdbStream | RdbModule | RdbArray;

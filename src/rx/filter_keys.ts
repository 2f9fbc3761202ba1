import type { MonoTypeOperatorFunction } from "rxjs";
import type { RedisEvent } from "../events.ts";
import type { FilterOptions } from "../stream/filter.ts";
import type { KeySelection } from "../stream/filter_keys.ts";
import { filterEvents } from "./filter_events.ts";

/**
 * Keeps keys of the snapshot that are selected, and commands that name at least one selected key. A command passes whole.
 *
 * Strings are globs in the servers' grammar, a `Uint8Array` is one exact key, a list matches when any entry does; a function
 * is called with the key and the db it lives in. Commands whose keys cannot be told (a module's) pass unless
 * `unknown: "drop"`. FLUSHDB, FLUSHALL, SWAPDB and commands without keys pass; MULTI and EXEC pass around at least one
 * passing command; what is neither a key nor a command always passes. As the source option `keys` it works before values
 * are decoded.
 *
 * Throws `TypeError` for a selection that is none of these. A function that throws ends the stream with that error.
 *
 * @example
 * ```ts
 * import { filterKeys, ofKind, readRdb } from "rxreplica";
 * import { lastValueFrom, map, toArray } from "rxjs";
 *
 * const rdb = "REDIS0009\0\x06user:1\x01a\0\x07order:1\x01b\xff\0\0\0\0\0\0\0\0";
 * const keys = readRdb(Uint8Array.from(rdb, (byte) => byte.charCodeAt(0))).pipe(
 *   filterKeys(["user:*", "session:*"]),
 *   ofKind("rdb", "key"),
 *   map((key) => key.keyText),
 *   toArray(),
 * );
 * if ((await lastValueFrom(keys)).join() !== "user:1") throw new Error("unexpected");
 * ```
 */
export function filterKeys<T extends RedisEvent>(
  keys: KeySelection,
  options: Pick<FilterOptions, "unknown" | "table"> = {},
): MonoTypeOperatorFunction<T> {
  return filterEvents({ keys, unknown: options.unknown, table: options.table });
}

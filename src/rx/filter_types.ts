import type { MonoTypeOperatorFunction } from "rxjs";
import type { RedisEvent, ValueType } from "../events.ts";
import { filterEvents } from "./filter_events.ts";

/**
 * Keeps keys of the snapshot whose value is of one of the given types. Everything else passes, commands too: a
 * replication stream does not tell the type of every key that it touches.
 *
 * Also the source option `types`, where values of other types are skipped without being decoded. Throws `TypeError` for a
 * type that does not exist.
 *
 * @example
 * ```ts
 * import { filterTypes, ofKind, readRdb } from "rxreplica";
 * import { lastValueFrom, map, toArray } from "rxjs";
 *
 * // Type 0 is a string, type 2 a set.
 * const rdb = "REDIS0009\0\x01a\x01x\x02\x01b\x01\x01y\xff\0\0\0\0\0\0\0\0";
 * const keys = readRdb(Uint8Array.from(rdb, (byte) => byte.charCodeAt(0))).pipe(
 *   filterTypes(["set", "zset"]),
 *   ofKind("rdb", "key"),
 *   map((key) => key.keyText),
 *   toArray(),
 * );
 * if ((await lastValueFrom(keys)).join() !== "b") throw new Error("unexpected");
 * ```
 */
export function filterTypes<T extends RedisEvent>(
  types: ValueType | readonly ValueType[],
): MonoTypeOperatorFunction<T> {
  return filterEvents({ types });
}

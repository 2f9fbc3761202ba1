import type { MonoTypeOperatorFunction } from "rxjs";
import type { RedisEvent } from "../events.ts";
import type { FilterOptions } from "../stream/filter.ts";
import { filterEvents } from "./filter_events.ts";

/**
 * Keeps keys of the snapshot in the given dbs, and commands with at least one key in them: MOVE and COPY also by the db
 * that they name. FLUSHDB, FLUSHALL and SWAPDB pass when a db they touch is among them.
 *
 * Commands whose keys cannot be told pass unless `unknown: "drop"`, commands without keys (PUBLISH, FUNCTION LOAD) always;
 * MULTI and EXEC pass around at least one passing command; what is neither a key nor a command always passes. Also the
 * source option `dbs`. Throws `RangeError` for anything but integers from 0 on.
 *
 * @example
 * ```ts
 * import { filterDbs, ofKind, readRdb } from "rxreplica";
 * import { lastValueFrom, map, toArray } from "rxjs";
 *
 * const rdb = "REDIS0009\xfe\0\0\x01a\x01x\xfe\x05\0\x01b\x01y\xff\0\0\0\0\0\0\0\0";
 * const keys = readRdb(Uint8Array.from(rdb, (byte) => byte.charCodeAt(0))).pipe(
 *   filterDbs(5),
 *   ofKind("rdb", "key"),
 *   map((key) => key.keyText),
 *   toArray(),
 * );
 * if ((await lastValueFrom(keys)).join() !== "b") throw new Error("unexpected");
 * ```
 */
export function filterDbs<T extends RedisEvent>(
  dbs: number | readonly number[],
  options: Pick<FilterOptions, "unknown" | "table"> = {},
): MonoTypeOperatorFunction<T> {
  return filterEvents({ dbs, unknown: options.unknown, table: options.table });
}

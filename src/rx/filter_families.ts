import type { MonoTypeOperatorFunction } from "rxjs";
import type { RedisEvent } from "../events.ts";
import type { FilterOptions } from "../stream/filter.ts";
import type { CommandFamily } from "../stream/filter_families.ts";
import { filterEvents } from "./filter_events.ts";

/**
 * Keeps commands of the given groups, in the servers' words: `string`, `hash`, `sorted-set`, `generic` (DEL, EXPIRE, …), … Of a container
 * such as XGROUP the sub-command counts. Also the source option `families`; `filterFlags` is the same for flags.
 *
 * Commands that the table does not know pass unless `unknown: "drop"`. MULTI and EXEC pass around at least one passing command;
 * what is not a command always passes. Throws `TypeError` for a group that the servers do not have.
 *
 * @example
 * ```ts
 * import { type AofCommand, filterFamilies, ofKind, type RedisEvent } from "rxreplica";
 * import { from, lastValueFrom, map, toArray } from "rxjs";
 *
 * // As much of three commands as this needs; a source such as replicate() gives whole ones.
 * const events = ["SET", "HSET", "DEL"].map((name): RedisEvent => ({ kind: "aof", event: "command", name }) as AofCommand);
 * const names = from(events).pipe(
 *   filterFamilies(["hash", "generic"]),
 *   ofKind("aof", "command"),
 *   map((command) => command.name),
 *   toArray(),
 * );
 * if ((await lastValueFrom(names)).join() !== "HSET,DEL") throw new Error("unexpected");
 * ```
 */
export function filterFamilies<T extends RedisEvent>(
  families: CommandFamily | readonly CommandFamily[],
  options: Pick<FilterOptions, "unknown" | "table"> = {},
): MonoTypeOperatorFunction<T> {
  return filterEvents({ families, unknown: options.unknown, table: options.table });
}

import type { MonoTypeOperatorFunction } from "rxjs";
import type { CommandFlag } from "../commands/types.ts";
import type { RedisEvent } from "../events.ts";
import type { FilterOptions } from "../stream/filter.ts";
import { filterEvents } from "./filter_events.ts";

/**
 * Keeps commands that bear at least one of the given flags, in the servers' words: `write`, `denyoom` (those that may need more
 * memory), `fast`, `may_replicate` (PUBLISH), … Of a container such as XGROUP the sub-command counts. Also the source option `flags`.
 *
 * Commands that the table does not know pass unless `unknown: "drop"`. MULTI and EXEC pass around at least one passing command;
 * what is not a command always passes. Throws `TypeError` for a flag that does not exist.
 *
 * @example
 * ```ts
 * import { type AofCommand, filterFlags, ofKind, type RedisEvent } from "rxreplica";
 * import { from, lastValueFrom, map, toArray } from "rxjs";
 *
 * // As much of two commands as this needs; a source such as replicate() gives whole ones.
 * const events = ["SET", "PUBLISH"].map((name): RedisEvent => ({ kind: "aof", event: "command", name }) as AofCommand);
 * const names = from(events).pipe(
 *   filterFlags("write"),
 *   ofKind("aof", "command"),
 *   map((command) => command.name),
 *   toArray(),
 * );
 * if ((await lastValueFrom(names)).join() !== "SET") throw new Error("unexpected");
 * ```
 */
export function filterFlags<T extends RedisEvent>(
  flags: CommandFlag | readonly CommandFlag[],
  options: Pick<FilterOptions, "unknown" | "table"> = {},
): MonoTypeOperatorFunction<T> {
  return filterEvents({ flags, unknown: options.unknown, table: options.table });
}

import type { MonoTypeOperatorFunction } from "rxjs";
import type { RedisEvent } from "../events.ts";
import { filterEvents } from "./filter_events.ts";

/**
 * Keeps commands with the given names, in any case; of a container such as XGROUP the container's name. MULTI and EXEC
 * pass around at least one of them, named or not. What is not a command always passes. Also the source option `commands`.
 *
 * Throws `TypeError` for anything but non-empty strings.
 *
 * @example
 * ```ts
 * import { type AofCommand, filterCommands, ofKind, type RedisEvent } from "rxreplica";
 * import { from, lastValueFrom, map, toArray } from "rxjs";
 *
 * // As much of two commands as this needs; a source such as replicate() gives whole ones.
 * const events = ["SET", "DEL"].map((name): RedisEvent => ({ kind: "aof", event: "command", name }) as AofCommand);
 * const names = from(events).pipe(
 *   filterCommands("del"),
 *   ofKind("aof", "command"),
 *   map((command) => command.name),
 *   toArray(),
 * );
 * if ((await lastValueFrom(names)).join() !== "DEL") throw new Error("unexpected");
 * ```
 */
export function filterCommands<T extends RedisEvent>(
  names: string | readonly string[],
): MonoTypeOperatorFunction<T> {
  return filterEvents({ commands: names });
}

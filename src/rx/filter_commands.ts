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
 * import { filterCommands, ofKind, readAof } from "rxreplica";
 * import { lastValueFrom, map, toArray } from "rxjs";
 *
 * const aof = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n";
 * const names = readAof(new TextEncoder().encode(aof)).pipe(
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

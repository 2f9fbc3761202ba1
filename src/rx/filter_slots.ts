import type { MonoTypeOperatorFunction } from "rxjs";
import type { RedisEvent } from "../events.ts";
import type { FilterOptions } from "../stream/filter.ts";
import type { SlotSelection } from "../stream/filter_slots.ts";
import { filterEvents } from "./filter_events.ts";

/**
 * Keeps keys of the snapshot in the given cluster slots, and commands with at least one key in them; the
 * server need not be a cluster. A slot is CRC16 of the key, or of its hash tag, modulo 16384; ranges are inclusive.
 *
 * Commands that empty slots pass when one of theirs is among them. Commands whose keys cannot be told pass unless
 * `unknown: "drop"`, FLUSHDB, FLUSHALL, SWAPDB and commands without keys always; MULTI and EXEC pass around at least one passing
 * command; what is neither a key nor a command always passes. Also the source option `slots`. Throws `RangeError` for slots
 * that do not exist.
 *
 * @example
 * ```ts
 * import { filterSlots, ofKind, readRdb } from "rxreplica";
 * import { keySlot } from "rxreplica/commands";
 * import { lastValueFrom, map, toArray } from "rxjs";
 *
 * const rdb = "REDIS0009\0\x03foo\x01x\0\x03bar\x01y\xff\0\0\0\0\0\0\0\0";
 * const keys = readRdb(Uint8Array.from(rdb, (byte) => byte.charCodeAt(0))).pipe(
 *   filterSlots([{ start: 0, end: 100 }, keySlot(new TextEncoder().encode("foo"))]),
 *   ofKind("rdb", "key"),
 *   map((key) => key.keyText),
 *   toArray(),
 * );
 * if ((await lastValueFrom(keys)).join() !== "foo") throw new Error("unexpected");
 * ```
 */
export function filterSlots<T extends RedisEvent>(
  slots: SlotSelection,
  options: Pick<FilterOptions, "unknown" | "table"> = {},
): MonoTypeOperatorFunction<T> {
  return filterEvents({ slots, unknown: options.unknown, table: options.table });
}

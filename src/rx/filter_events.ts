import type { MonoTypeOperatorFunction } from "rxjs";
import type { RedisEvent } from "../events.ts";
import { compileFilter, type FilterOptions } from "../stream/filter.ts";
import { filterAtSource } from "./filtering_source.ts";
import { operate } from "./operate.ts";

/**
 * Keeps the events that satisfy all of the given options: `filterKeys`, `filterDbs`, `filterTypes` and `filterCommands` in one,
 * with the same result as in a row. The options are those that sources take, where they work before values are decoded: `replicate`,
 * `readRdb` and `readAof` take them over from an operator that comes first in the pipe, unless `keys` is a predicate.
 *
 * Throws `TypeError` or `RangeError` for wrong options. A key predicate that throws ends the stream with that error.
 *
 * @example
 * ```ts
 * import { filterEvents, type RedisEvent } from "rxreplica";
 * import { of } from "rxjs";
 *
 * const online: RedisEvent = { kind: "link", event: "online", offset: 5, position: undefined, receivedAt: undefined };
 * let passed = 0;
 * of(online).pipe(filterEvents({ keys: "user:*", dbs: 0, commands: ["SET", "DEL"] })).subscribe(() => passed++);
 * if (passed !== 1) throw new Error("link events always pass");
 * ```
 */
export function filterEvents<T extends RedisEvent>(options: FilterOptions): MonoTypeOperatorFunction<T> {
  const filter = compileFilter(options);
  return (source) =>
    filterAtSource(source, options) ??
    operate<T, T>(source, (destination) => {
      const stage = filter.stage();
      // A stage emits nothing but events that it was given.
      const emit = (event: RedisEvent): void => destination.next(event as T);
      return { next: (event) => stage.push(event, emit) };
    });
}

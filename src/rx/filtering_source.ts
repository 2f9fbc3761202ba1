import { Observable } from "rxjs";
import type { RedisEvent } from "../events.ts";
import type { FilterOptions } from "../stream/filter.ts";

/** Every option of a filter: a source that was given one of them has its filter already. */
const OPTIONS: Readonly<Record<keyof FilterOptions, true>> = {
  keys: true,
  dbs: true,
  types: true,
  commands: true,
  families: true,
  flags: true,
  slots: true,
  unknown: true,
  table: true,
};

/**
 * A source that can take over the filter operator that stands first behind it. There it works before values are decoded and
 * commands become events, and `progress` tells the position of what was dropped. The events are the same.
 */
export class FilteringSource<T extends RedisEvent> extends Observable<T> {
  /** The same source with a filter; `undefined` if it has one. */
  readonly filtered: ((filter: FilterOptions) => Observable<T>) | undefined;

  /** @param filtered opens the source that `options` and a filter describe. */
  constructor(
    source: Observable<T>,
    options: FilterOptions,
    filtered: (filter: FilterOptions) => Observable<T>,
  ) {
    super((subscriber) => source.subscribe(subscriber));
    const names = Object.keys(OPTIONS) as (keyof FilterOptions)[];
    this.filtered = names.some((name) => options[name] !== undefined) ? undefined : filtered;
  }
}

/** Hands a filter over to its source; `undefined` where the operator has to judge events itself. */
export function filterAtSource<T extends RedisEvent>(
  source: Observable<T>,
  filter: FilterOptions,
): Observable<T> | undefined {
  // What a predicate throws ends the stream that it stands in.
  if (typeof filter.keys === "function" || !(source instanceof FilteringSource)) return undefined;
  return (source as FilteringSource<T>).filtered?.(filter);
}

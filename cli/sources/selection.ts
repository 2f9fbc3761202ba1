import type { RdbLevel, RdbLimits } from "../../src/rdb/mod.ts";
import { compileFilter, type FilterOptions } from "../../src/stream/filter.ts";
import { asUsage } from "../errors.ts";
import type { SourceOptions } from "../options.ts";
import type { Modes } from "./open_source.ts";

/** Values up to these bounds are printed whole, larger ones in parts. Four times as much costs 50 MB, on a file of big values. */
const WHOLE_BYTES = 1024 * 1024;
const WHOLE_ELEMENTS = 16_384;

export const WHOLE_VALUES: { readonly limits: Partial<RdbLimits> } = {
  limits: { maxPartElements: WHOLE_ELEMENTS, maxPartBytes: WHOLE_BYTES },
};

/** The filter that the options ask for; `urlDb` is the database that the source's URL names. */
export function filterOf(options: SourceOptions, urlDb?: number): FilterOptions {
  const {
    match,
    db = urlDb === undefined ? undefined : [urlDb],
    type,
    command,
    family,
    flag,
    slot,
  } = options;
  const filter: FilterOptions = {
    keys: match,
    dbs: db,
    types: type,
    commands: command,
    families: family,
    flags: flag,
    slots: slot,
  };
  // Groups, flags and slots that there are not are said now, not by the first batch.
  asUsage(() => compileFilter(filter));
  return filter;
}

/** What is wanted of the values. */
export function levelOf({ raw, keysOnly }: Pick<Modes, "raw" | "keysOnly">): RdbLevel {
  if (keysOnly === true) return "key";
  return raw === true ? "raw" : "data";
}

/** Whether the options leave any key of a snapshot out. */
export function filtersKeys({ match, db, type, slot }: SourceOptions): boolean {
  return match !== undefined || db !== undefined || type !== undefined || slot !== undefined;
}

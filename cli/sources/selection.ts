import type { RdbLimits } from "../../src/rdb/mod.ts";
import type { FilterOptions } from "../../src/stream/filter.ts";
import type { SourceOptions } from "../options.ts";

/** Values up to this many bytes are printed whole, larger ones in parts of about it. */
const WHOLE_BYTES = 16 * 1024 * 1024;

export const WHOLE_VALUES: { readonly limits: Partial<RdbLimits> } = {
  limits: { maxPartElements: Number.MAX_SAFE_INTEGER, maxPartBytes: WHOLE_BYTES },
};

/** The filter that the options ask for; `urlDb` is the database that the source's URL names. */
export function filterOf(options: SourceOptions, urlDb?: number): FilterOptions {
  const { match, db = urlDb === undefined ? undefined : [urlDb], type, command } = options;
  return { keys: match, dbs: db, types: type, commands: command };
}

/** Whether the options leave any key of a snapshot out. */
export function filtersKeys({ match, db, type }: SourceOptions): boolean {
  return match !== undefined || db !== undefined || type !== undefined;
}

import type { ValueType } from "../events.ts";
import { VALUE_KINDS } from "./opcodes.ts";

/** What was seen so far. */
export interface RdbTotals {
  /** Keys that were decoded, not those skipped. */
  keys: number;
  /** String values, list items, set and zset members, hash fields, stream entries. */
  elements: number;
  /** Decoded bytes of keys and elements. */
  bytes: number;
  /** Keys by type; types that did not occur are missing. */
  types: Partial<Record<ValueType, number>>;
}

/** Makes totals of keys counted by the id of their kind. */
export function totalsOf(keysById: readonly number[], elements: number, bytes: number): RdbTotals {
  const types: Partial<Record<ValueType, number>> = {};
  let keys = 0;
  keysById.forEach((count, id) => {
    if (count === 0) return;
    // Where the families differ, they differ in the form, not in the type.
    const { type } = VALUE_KINDS.redis[id] ?? VALUE_KINDS.valkey[id]!;
    types[type] = (types[type] ?? 0) + count;
    keys += count;
  });
  return { keys, elements, bytes, types };
}

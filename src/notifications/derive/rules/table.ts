import { ARRAY_RULES } from "./arrays.ts";
import { GEO_RULES } from "./geo.ts";
import { HASH_RULES } from "./hashes.ts";
import { KEY_RULES } from "./keys.ts";
import { LIST_RULES } from "./lists.ts";
import type { Rule } from "./rule.ts";
import { SET_RULES } from "./sets.ts";
import { sort } from "./sort.ts";
import { STREAM_RULES } from "./streams.ts";
import { STRING_RULES } from "./strings.ts";
import { ZSET_RULES } from "./zsets.ts";

/** The rule of each command that servers replicate and that makes them publish, or changes what derivation remembers. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    ...STRING_RULES,
    ...KEY_RULES,
    ...LIST_RULES,
    ...SET_RULES,
    ...ZSET_RULES,
    ...HASH_RULES,
    ...STREAM_RULES,
    ...ARRAY_RULES,
    ...GEO_RULES,
    SORT: sort,
  }),
);

/** Commands that are replicated and publish nothing. */
export const SILENT: ReadonlySet<string> = new Set([
  "SELECT",
  "PING",
  "REPLCONF",
  "MULTI",
  "EXEC",
  "DISCARD",
  "PFCOUNT",
  "PFDEBUG",
  "XACK",
  "XNACK",
  "XCFGSET",
  "XIDMPRECORD",
  "PUBLISH",
  "SPUBLISH",
  "SCRIPT",
  "FUNCTION",
  "CLUSTER",
  "VSETATTR",
  "SYNCSLOTS",
]);

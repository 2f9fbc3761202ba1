import type { Block } from "../format/block.ts";
import { writeJson, writeJsonBytes } from "../format/json.ts";
import type { KeyCounts, Stats } from "./collector.ts";
import { fromLatin1 } from "./names.ts";

/** Writes statistics as one JSON object a line: `kind` is always `stats`, `of` says what a line counts. */
export function writeStatsNdjson(block: Block, stats: Stats): void {
  const line = (of: string, fields: object, key?: readonly [name: string, bytes: Uint8Array]): void => {
    block.ascii(`{"kind":"stats","of":"${of}"`);
    if (key !== undefined) {
      block.ascii(`,"${key[0]}":`);
      writeJsonBytes(block, key[1]);
    }
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      block.ascii(`,"${name}":`);
      writeJson(block, value);
    }
    block.ascii("}\n");
  };
  const { total, fieldExpires } = stats;
  line("total", { ...total, fieldExpires });
  for (const [type, counts] of byBytes(stats.types)) line("type", { type, ...counts });
  for (const [db, counts] of [...stats.dbs].sort(([a], [b]) => a - b)) line("db", { db, ...counts });
  for (const { name, weight, count, error } of stats.prefixes) {
    line("prefix", { keys: count, bytes: weight, error }, ["prefix", fromLatin1(name)]);
  }
  for (const { upTo, keys } of stats.ttls) if (keys > 0) line("ttl", { upTo, keys });
  for (const { db, key, type, bytes, elements } of stats.biggest) {
    line("biggest", { db, type, bytes, elements }, ["key", key]);
  }
  for (const [name, counts] of [...stats.commands].sort(([, a], [, b]) => b.commands - a.commands)) {
    line("command", { name, ...counts });
  }
}

/** The heaviest first. */
export function byBytes<K>(table: ReadonlyMap<K, KeyCounts>): readonly (readonly [K, KeyCounts])[] {
  return [...table].sort(([, a], [, b]) => b.bytes - a.bytes);
}

import type { RedisEvent } from "../../src/events.ts";
import { type KeyCounts, type Stats, StatsCollector, type StatsOptions } from "./collector.ts";
import type { Tracked } from "./space_saving.ts";

/**
 * Counts the events of a source that may be a cluster: values of shards come interleaved, and a snapshot that begins anew replaces
 * that of its shard alone, so each shard is counted by itself.
 */
export class ShardedStats {
  readonly #options: StatsOptions;
  readonly #shards = new Map<string | undefined, StatsCollector>();

  constructor(options: StatsOptions) {
    this.#options = options;
  }

  see(event: RedisEvent): void {
    let collector = this.#shards.get(event.shard);
    if (collector === undefined) {
      this.#shards.set(event.shard, (collector = new StatsCollector(this.#options)));
    }
    collector.see(event);
  }

  result(): Stats {
    const results = [...this.#shards.values()].map((collector) => collector.result());
    const [first] = results;
    if (first === undefined) return new StatsCollector(this.#options).result();
    return results.length === 1 ? first : this.#merge(results);
  }

  #merge(results: readonly Stats[]): Stats {
    const all = <T>(of: (stats: Stats) => Iterable<T>): T[] => results.flatMap((stats) => [...of(stats)]);
    return {
      total: results.map(({ total }) => total).reduce(add),
      types: table(all(({ types }) => types)),
      dbs: table(all(({ dbs }) => dbs)),
      prefixes: mergeTracked(
        results.map(({ prefixes }) => prefixes),
        this.#options.prefixes,
      ),
      ttls: results[0]!.ttls.map(({ upTo }, i) => ({
        upTo,
        keys: results.reduce((sum, { ttls }) => sum + ttls[i]!.keys, 0),
      })),
      fieldExpires: results.reduce((sum, stats) => sum + stats.fieldExpires, 0),
      biggest: all(({ biggest }) => biggest)
        .sort((a, b) => b.bytes - a.bytes)
        .slice(0, this.#options.top),
      commands: table(all(({ commands }) => commands)),
    };
  }
}

/** Both together, field by field. */
function add<T extends object>(a: T, b: T): T {
  const sum = { ...a } as Record<string, number>;
  for (const [name, value] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + (value as number);
  return sum as T;
}

function table<K, T extends KeyCounts | object>(rows: readonly (readonly [K, T])[]): Map<K, T> {
  const sums = new Map<K, T>();
  for (const [name, counts] of rows) {
    const known = sums.get(name);
    sums.set(name, known === undefined ? counts : add(known, counts));
  }
  return sums;
}

/**
 * Sketches of `capacity` names as one. A name that a full sketch does not hold may have had there as much as the lightest that
 * it holds: that much is added to its weight and to its error, so that the weight stays the most that it can be.
 */
function mergeTracked(sketches: readonly (readonly Tracked[])[], capacity: number): readonly Tracked[] {
  const floors = sketches.map((sketch) => (sketch.length < capacity ? 0 : sketch.at(-1)!.weight));
  const all = floors.reduce((sum, floor) => sum + floor, 0);
  const sums = new Map<string, { name: string; weight: number; count: number; error: number }>();
  for (const [i, sketch] of sketches.entries()) {
    const floor = floors[i]!;
    for (const { name, weight, count, error } of sketch) {
      let sum = sums.get(name);
      if (sum === undefined) sums.set(name, (sum = { name, weight: all, count: 0, error: all }));
      sum.weight += weight - floor;
      sum.error += error - floor;
      sum.count += count;
    }
  }
  // None is left out: any of them may be one that is heavy in all.
  return [...sums.values()].sort((a, b) => b.weight - a.weight);
}

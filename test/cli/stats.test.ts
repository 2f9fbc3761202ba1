import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Block } from "../../cli/format/block.ts";
import { PLAIN } from "../../cli/format/text.ts";
import { StatsCollector, type StatsOptions } from "../../cli/stats/collector.ts";
import { writeStatsNdjson } from "../../cli/stats/report_ndjson.ts";
import { statsText } from "../../cli/stats/report_text.ts";
import { ShardedStats } from "../../cli/stats/sharded.ts";
import { SpaceSaving } from "../../cli/stats/space_saving.ts";
import { TopK } from "../../cli/stats/top_k.ts";
import type { RedisEvent } from "../../src/events.ts";
import { bytes, commandEvent, keyEvent, linkEvent } from "./made_events.ts";

const names = fc.array(
  fc.record({ name: fc.integer({ min: 0, max: 30 }), weight: fc.integer({ min: 0, max: 100 }) }),
);

test("TopK keeps what sorting everything would put first", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 })), fc.integer({ min: 0, max: 10 }), (sizes, k) => {
      const top = new TopK<number>(k, (size) => size);
      for (const size of sizes) top.offer(size);
      expect(top.entries()).toEqual([...sizes].sort((a, b) => b - a).slice(0, k));
    }),
  );
});

describe("SpaceSaving", () => {
  const track = (added: readonly { name: number; weight: number }[], capacity: number) => {
    const sketch = new SpaceSaving(capacity);
    const truth = new Map<string, { weight: number; count: number }>();
    for (const { name, weight } of added) {
      sketch.add(String(name), weight);
      const { weight: before, count } = truth.get(String(name)) ?? { weight: 0, count: 0 };
      truth.set(String(name), { weight: before + weight, count: count + 1 });
    }
    return { tracked: sketch.entries(), truth };
  };

  test("is exact while all names have room", () => {
    fc.assert(
      fc.property(names, (added) => {
        const { tracked, truth } = track(added, 31);
        expect(new Map(tracked.map(({ name, weight, count }) => [name, { weight, count }]))).toEqual(truth);
        expect(tracked.every(({ error }) => error === 0)).toBe(true);
      }),
    );
  });

  test("beyond that, keeps its promises about errors and heavy names", () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 12 }), (added, capacity) => {
        const { tracked, truth } = track(added, capacity);
        expect(tracked.length).toBeLessThanOrEqual(capacity);
        for (const { name, weight, count, error } of tracked) {
          const real = truth.get(name)!;
          expect(weight).toBeGreaterThanOrEqual(real.weight);
          expect(weight - error).toBeLessThanOrEqual(real.weight);
          expect(count).toBeLessThanOrEqual(real.count);
          if (error === 0 && weight > 0) expect(weight).toBe(real.weight);
        }
        const total = added.reduce((sum, { weight }) => sum + weight, 0);
        const kept = new Set(tracked.map(({ name }) => name));
        for (const [name, { weight }] of truth) if (weight > total / capacity) expect(kept).toContain(name);
      }),
    );
  });
});

const NOW = 1_700_000_000_000;
const OPTIONS: StatsOptions = { separator: ":", depth: 1, top: 2, prefixes: 100, now: NOW };
const ctime = { kind: "rdb", event: "aux", key: "ctime", valueText: String(NOW / 1000) };

const EVENTS: readonly unknown[] = [
  ctime,
  keyEvent({ type: "string", key: bytes("user:1"), value: bytes("abcd"), expireAt: NOW + 1000 }),
  keyEvent({
    type: "string",
    key: bytes("user:2"),
    value: bytes("x".repeat(100)),
    last: false,
    expireAt: NOW - 1,
  }),
  keyEvent({ type: "string", key: bytes("user:2"), value: bytes("y"), part: 1, expireAt: NOW - 1 }),
  keyEvent({
    type: "hash",
    key: bytes("plain"),
    db: 3,
    count: 2,
    value: [
      { field: bytes("a"), value: bytes("b"), expireAt: NOW },
      { field: bytes("c"), value: bytes("d"), expireAt: undefined },
    ],
  }),
  commandEvent(["SET", "k", "v"]),
  commandEvent(["SET", "k", "v"]),
];

function collect(events: readonly unknown[], options: Partial<StatsOptions> = {}): StatsCollector {
  const collector = new StatsCollector({ ...OPTIONS, now: 0, ...options });
  for (const event of events) collector.see(event as RedisEvent);
  return collector;
}

function lines(collector: StatsCollector): unknown[] {
  const block = new Block();
  writeStatsNdjson(block, collector.result());
  return new TextDecoder()
    .decode(block.take())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

describe("StatsCollector", () => {
  test("counts by type, db, prefix, time to live and command, and keeps the biggest", () => {
    expect(lines(collect(EVENTS))).toEqual([
      { kind: "stats", of: "total", keys: 3, elements: 4, bytes: 126, expires: 2, fieldExpires: 1 },
      { kind: "stats", of: "type", type: "string", keys: 2, elements: 2, bytes: 117, expires: 2 },
      { kind: "stats", of: "type", type: "hash", keys: 1, elements: 2, bytes: 9, expires: 0 },
      { kind: "stats", of: "db", db: 0, keys: 2, elements: 2, bytes: 117, expires: 2 },
      { kind: "stats", of: "db", db: 3, keys: 1, elements: 2, bytes: 9, expires: 0 },
      { kind: "stats", of: "prefix", prefix: "user:", keys: 2, bytes: 117, error: 0 },
      { kind: "stats", of: "prefix", prefix: "", keys: 1, bytes: 9, error: 0 },
      { kind: "stats", of: "ttl", upTo: 0, keys: 1 },
      { kind: "stats", of: "ttl", upTo: 3_600_000, keys: 1 },
      { kind: "stats", of: "biggest", key: "user:2", db: 0, type: "string", bytes: 107, elements: 1 },
      { kind: "stats", of: "biggest", key: "user:1", db: 0, type: "string", bytes: 10, elements: 1 },
      { kind: "stats", of: "command", name: "SET", commands: 2, bytes: 54 },
    ]);
  });

  test("depth and separator say what a prefix is", () => {
    const key = (text: string): unknown => keyEvent({ type: "string", key: bytes(text), value: bytes("") });
    const prefixes = (options: Partial<StatsOptions>): string[] =>
      collect([key("a:b:c"), key("a:x")], options)
        .result()
        .prefixes.map(({ name }) => name);
    expect(prefixes({ depth: 1 })).toEqual(["a:"]);
    expect(prefixes({ depth: 2 })).toEqual(["a:b:", "a:"]);
    expect(prefixes({ separator: "-" })).toEqual([""]);
  });

  test("a snapshot that begins anew replaces the one before", () => {
    const again = linkEvent({ event: "fullresync", replid: "a", offset: 1 });
    expect(collect([...EVENTS, again]).result().total).toEqual({
      keys: 0,
      elements: 0,
      bytes: 0,
      expires: 0,
    });
  });

  test("tables for people tell the same", () => {
    const text = statsText(collect(EVENTS).result(), PLAIN, 10);
    expect(text).toContain("string     2         2  117 B       2  ███████████·  92.9%");
    expect(text).toMatch(/^user:2 +0 +string +107 B +1$/m);
    expect(text).toMatch(/^expired +1$/m);
    expect(text).toMatch(/^up to 1 h +1$/m);
  });

  test("of nothing tells nothing", () => {
    expect(statsText(collect([]).result(), PLAIN, 10)).toBe("nothing\n");
  });
});

describe("ShardedStats", () => {
  const inShard = (shard: string, events: readonly unknown[]): RedisEvent[] =>
    events.map((event) => Object.assign(Object.create(event as object), { shard }) as RedisEvent);

  function result(events: readonly RedisEvent[], options: Partial<StatsOptions> = {}) {
    const stats = new ShardedStats({ ...OPTIONS, ...options });
    for (const event of events) stats.see(event);
    return stats.result();
  }

  test("sums shards whose values come interleaved", () => {
    const [a, b] = [inShard("a", EVENTS), inShard("b", EVENTS)];
    const both = result(a.flatMap((event, i) => [event, b[i]!]));
    const one = collect(EVENTS).result();
    expect(both.total).toEqual({ keys: 6, elements: 8, bytes: 252, expires: 4 });
    expect(both.prefixes.map(({ name, weight, count }) => [name, weight, count])).toEqual([
      ["user:", 234, 4],
      ["", 18, 2],
    ]);
    expect(both.ttls.map(({ keys }) => keys)).toEqual(one.ttls.map(({ keys }) => 2 * keys));
    expect(both.biggest.map(({ bytes }) => bytes)).toEqual([107, 107]);
    expect(both.commands.get("SET")).toEqual({ commands: 4, bytes: 108 });
    expect(both.fieldExpires).toBe(2);
  });

  test("a snapshot that begins anew replaces that of its shard alone", () => {
    const again = inShard("a", [linkEvent({ event: "fullresync", replid: "a", offset: 1 })]);
    expect(result([...inShard("a", EVENTS), ...inShard("b", EVENTS), ...again]).total.keys).toBe(3);
  });

  test("merged sketches keep the promises of one", () => {
    fc.assert(
      fc.property(
        fc.array(names, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 12 }),
        (shards, capacity) => {
          const truth = new Map<string, number>();
          const events = shards.flatMap((added, shard) =>
            added.flatMap(({ name, weight }) => {
              const prefix = `${name}:`;
              const value = bytes("x".repeat(weight));
              truth.set(prefix, (truth.get(prefix) ?? 0) + prefix.length + weight);
              return inShard(String(shard), [keyEvent({ type: "string", key: bytes(prefix), value })]);
            }),
          );
          const { prefixes } = result(events, { prefixes: capacity });
          const all = [...truth.values()].reduce((sum, weight) => sum + weight, 0);
          for (const { name, weight, error } of prefixes) {
            expect(weight).toBeGreaterThanOrEqual(truth.get(name)!);
            expect(weight - error).toBeLessThanOrEqual(truth.get(name)!);
          }
          const kept = new Set(prefixes.map(({ name }) => name));
          for (const [name, weight] of truth) if (weight > all / capacity) expect(kept).toContain(name);
        },
      ),
    );
  });
});

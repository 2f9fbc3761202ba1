import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import {
  RdbDecoder,
  type RdbKey,
  type RdbLimits,
  type StreamGroup,
  type StreamValue,
} from "../../src/rdb/mod.ts";
import { compressed, intset, listpack, stored, streamNode, ziplist, zipmap } from "./packed_support.ts";
import { cut, hex, keyRecord, rdbFile, show, showEvent } from "./support.ts";

function keysOf(
  file: Uint8Array,
  limits: Partial<RdbLimits> = {},
  sizes: readonly number[] = [file.length],
): RdbKey[] {
  const keys: RdbKey[] = [];
  const decoder = new RdbDecoder({ limits, onEvent: (event) => event.event === "key" && keys.push(event) });
  for (const chunk of cut(file, sizes)) decoder.write(chunk);
  decoder.end();
  return keys;
}

const count = 40;
const words = Array.from({ length: count }, (_, i) => `word ${i}`);
const strings = concat(words.map((word) => stored(Buffer.from(word))));
const pairs = concat(words.flatMap((word, i) => [stored(Buffer.from(word)), stored(Buffer.from(`v${i}`))]));
const scores = concat(words.map((word) => concat([stored(Buffer.from(word)), hex("000000000000f83f")])));
const textScores = concat(words.map((word) => concat([stored(Buffer.from(word)), hex("03 312e35")])));

const COLLECTIONS: readonly (readonly [name: string, body: Uint8Array])[] = [
  ["list", concat([Uint8Array.of(1, count), strings])],
  ["set", concat([Uint8Array.of(2, count), strings])],
  ["zset as text", concat([Uint8Array.of(3, count), textScores])],
  ["hash", concat([Uint8Array.of(4, count), pairs])],
  ["zset", concat([Uint8Array.of(5, count), scores])],
  ["zipmap", concat([Uint8Array.of(9), stored(zipmap(words.map((word) => [word, "v"] as const)))])],
  ["list ziplist", concat([Uint8Array.of(10), compressed(ziplist(words))])],
  [
    "intset",
    concat([
      Uint8Array.of(11),
      stored(
        intset(
          words.map((_, i) => BigInt(i)),
          2,
        ),
      ),
    ]),
  ],
  ["hash ziplist", concat([Uint8Array.of(13), stored(ziplist(words))])],
  ["quicklist", concat([Uint8Array.of(14, 2), stored(ziplist(words)), stored(ziplist(words))])],
  ["hash listpack", concat([Uint8Array.of(16), compressed(listpack(words))])],
  [
    "quicklist 2",
    concat([
      Uint8Array.of(18, 3, 2),
      stored(listpack(words)),
      hex("01 0470 6c 61 69"),
      hex("02"),
      stored(listpack(words)),
    ]),
  ],
  ["set listpack", concat([Uint8Array.of(20), stored(listpack(words))])],
  [
    "hash with TTLs",
    concat([
      Uint8Array.of(24),
      hex("e803000000000000"),
      Uint8Array.of(count),
      ...words.map((word, i) =>
        concat([Uint8Array.of(i), stored(Buffer.from(word)), stored(Buffer.from("v"))]),
      ),
    ]),
  ],
];

describe("a collection in parts", () => {
  test.each(COLLECTIONS)("%s: the parts are the whole, in order, within the bounds", (_, body) => {
    const file = rdbFile(12, keyRecord("k", body));
    const [whole] = keysOf(file);
    const elements = whole!.value as readonly unknown[];
    expect(whole).toMatchObject({ part: 0, last: true, count: elements.length });
    for (const limits of [
      { maxPartElements: 1 },
      { maxPartElements: 7 },
      { maxPartBytes: 30 },
      { maxPartElements: elements.length },
    ]) {
      for (const sizes of [[file.length], [1], [11]]) {
        const parts = keysOf(file, limits, sizes);
        expect(show(parts.flatMap((part) => part.value as unknown[]))).toBe(show(elements));
        expect(parts.map((part) => part.part)).toEqual(parts.map((_part, index) => index));
        expect(parts.map((part) => part.last)).toEqual(
          parts.map((_part, index) => index === parts.length - 1),
        );
        for (const part of parts) {
          expect(part.count).toBe((part.value as unknown[]).length);
          expect(part.count).toBeGreaterThan(0);
          expect(part.count).toBeLessThanOrEqual(limits.maxPartElements ?? 30);
          expect(part.total).toBe(whole!.total);
          expect(showEvent(part.detach())).toBe(showEvent(part));
        }
      }
    }
  });

  test.each([
    ["raw", stored(Buffer.from("0123456789".repeat(10)))],
    ["LZF", compressed(Buffer.from("0123456789".repeat(10)))],
  ])("a string (%s) goes out in fragments of the bound, its length told", (_, string) => {
    const file = rdbFile(12, keyRecord("k", concat([Uint8Array.of(0), string])));
    for (const sizes of [[file.length], [3]]) {
      const parts = keysOf(file, { maxPartBytes: 33 }, sizes);
      expect(parts.map((part) => (part.value as Uint8Array).length)).toEqual([33, 33, 33, 1]);
      expect(parts.map((part) => part.total)).toEqual([100, 100, 100, 100]);
      expect(parts.map((part) => part.last)).toEqual([false, false, false, true]);
      expect(Buffer.concat(parts.map((part) => part.value as Uint8Array)).toString()).toBe(
        "0123456789".repeat(10),
      );
      for (const part of parts) expect(showEvent(part.detach())).toBe(showEvent(part));
    }
  });
});

describe("a stream in parts", () => {
  const node = streamNode(
    ["f"],
    words.map((word, i) => ({ ms: i, seq: 0, fields: [["f", word]] as const })),
  );
  const id = (n: number): Uint8Array => concat([new Uint8Array(7), Uint8Array.of(n), new Uint8Array(8)]);
  const deliveries = (n: number): Uint8Array => (n % 3 === 0 ? hex("4100") : Uint8Array.of(n));
  const pending = Array.from({ length: 30 }, (_, n) => concat([id(n), new Uint8Array(8), deliveries(n)]));
  const consumer = (name: string, from: number, to: number): Uint8Array =>
    concat([
      stored(Buffer.from(name)),
      new Uint8Array(8),
      Uint8Array.of(to - from),
      ...Array.from({ length: to - from }, (_, n) => id(from + n)),
    ]);
  const group = (name: string): Uint8Array =>
    concat([
      stored(Buffer.from(name)),
      hex("05 00 1e"),
      ...pending,
      Uint8Array.of(3),
      consumer("alice", 0, 20),
      consumer("bob", 20, 20),
      consumer("carol", 20, 30),
    ]);
  const body = concat([
    Uint8Array.of(15, 1, 16),
    new Uint8Array(16),
    stored(node),
    hex("28 27 00 02"),
    group("one"),
    group("two"),
  ]);
  const file = rdbFile(12, keyRecord("k", body));

  /** Pieces of groups with the same name joined, as the event's description says. */
  function join(parts: readonly RdbKey[]): string {
    const groups = new Map<string, { pending: unknown[]; consumers: Map<string, unknown[]> }>();
    const entries: unknown[] = [];
    for (const { value } of parts) {
      entries.push(...(value as StreamValue).entries);
      for (const piece of (value as StreamValue).groups) joinGroup(groups, piece);
    }
    return show([
      entries,
      [...groups].map(([name, { pending: ids, consumers }]) => [name, ids, [...consumers]]),
    ]);
  }

  function joinGroup(
    groups: Map<string, { pending: unknown[]; consumers: Map<string, unknown[]> }>,
    piece: StreamGroup,
  ): void {
    const name = Buffer.from(piece.name).toString();
    const known = groups.get(name) ?? { pending: [], consumers: new Map<string, unknown[]>() };
    groups.set(name, known);
    known.pending.push(...piece.pending);
    for (const { name: bytes, pending: ids } of piece.consumers) {
      const owner = Buffer.from(bytes).toString();
      known.consumers.set(owner, [...(known.consumers.get(owner) ?? []), ...ids]);
    }
  }

  test("entries, groups, pending entries and consumers all stay, however cut", () => {
    const whole = keysOf(file);
    expect(whole).toHaveLength(1);
    const told = join(whole);
    expect((JSON.parse(told) as [unknown[]])[0]).toHaveLength(count);
    for (const limits of [
      { maxPartElements: 3 },
      { maxPartBytes: 60 },
      { maxPartBytes: 300 },
      { maxPartBytes: 200, maxPackedBytes: 0 },
    ]) {
      const parts = keysOf(file, limits);
      expect(parts.length).toBeGreaterThan(3);
      expect(join(parts)).toBe(told);
      const lines = parts.map(showEvent);
      for (const sizes of [[1], [5], [26, 3]])
        expect(keysOf(file, limits, sizes).map(showEvent)).toEqual(lines);
      for (const part of parts) expect(showEvent(part.detach())).toBe(showEvent(part));
      expect(parts.filter((part) => (part.value as StreamValue).info !== undefined)).toHaveLength(1);
    }
  });
});

describe("detach", () => {
  test("keeps nothing of the chunk: what the chunk becomes does not matter", () => {
    const file = rdbFile(12, ...COLLECTIONS.map(([name, body]) => keyRecord(name, body)));
    const keys: RdbKey[] = [];
    const decoder = new RdbDecoder({
      onEvent: (event) => event.event === "key" && keys.push(event.detach()),
    });
    const chunk = file.slice();
    const lines = keysOf(file).map(showEvent);
    decoder.write(chunk);
    decoder.end();
    chunk.fill(0xaa);
    expect(keys.map(showEvent)).toEqual(lines);
  });
});

import { concat as concatObservables, from, lastValueFrom, throwError, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { encodeUtf8, utf8 } from "../../src/bytes/text.ts";
import type { RdbKey, RedisEvent, StreamValue, ValueType } from "../../src/events.ts";
import { type CollectValuesOptions, collectValues } from "../../src/rx/collect_values.ts";
import { aof, type KeyFields, key, link, rdb, show } from "./events.ts";

const bytes = encodeUtf8;

/** The parts of one key. */
function parts(name: string, type: ValueType, values: readonly unknown[], fields: KeyFields = {}): RdbKey[] {
  return values.map((value, part) =>
    key(name, type, value, {
      ...fields,
      part,
      last: part === values.length - 1,
      count: Array.isArray(value) ? value.length : 1,
    }),
  );
}

const collect = (events: readonly RedisEvent[], options?: CollectValuesOptions): Promise<RedisEvent[]> =>
  lastValueFrom(from(events).pipe(collectValues(options), toArray()));

const id = (n: number) => `${n}-0`;
const entry = (n: number) => ({ id: id(n), fields: [[bytes("f"), bytes("v")]] });
const pending = (n: number) => ({ id: id(n), deliveredAt: n, deliveries: 1 });
const group = (name: string, more: object) => ({
  name: bytes(name),
  lastId: id(9),
  entriesRead: 4,
  pending: [],
  consumers: [],
  nacked: [],
  ...more,
});
const consumer = (name: string, ids: number[]) => ({
  name: bytes(name),
  seenAt: 5,
  activeAt: 6,
  pending: ids.map(id),
});
const info = { length: 4, lastId: id(9), firstId: id(1), maxDeletedId: "0-0", entriesAdded: 4 };

const joined: readonly { type: ValueType; values: readonly unknown[]; whole: unknown; count: number }[] = [
  { type: "string", values: [bytes("ab"), bytes(""), bytes("c")], whole: bytes("abc"), count: 1 },
  {
    type: "list",
    values: [[bytes("a"), bytes("b")], [bytes("c")]],
    whole: ["a", "b", "c"].map((t) => bytes(t)),
    count: 3,
  },
  { type: "set", values: [[bytes("a")], [bytes("b")]], whole: ["a", "b"].map((t) => bytes(t)), count: 2 },
  {
    type: "zset",
    values: [[{ member: bytes("a"), score: 1 }], [{ member: bytes("b"), score: 2 }]],
    whole: [
      { member: bytes("a"), score: 1 },
      { member: bytes("b"), score: 2 },
    ],
    count: 2,
  },
  {
    type: "hash",
    values: [
      [{ field: bytes("a"), value: bytes("1"), expireAt: 7 }],
      [{ field: bytes("b"), value: bytes("2") }],
    ],
    whole: [
      { field: bytes("a"), value: bytes("1"), expireAt: 7 },
      { field: bytes("b"), value: bytes("2") },
    ],
    count: 2,
  },
  {
    type: "array",
    values: [[{ index: 0, value: bytes("a") }], [{ index: 5n, value: bytes("b") }]],
    whole: [
      { index: 0, value: bytes("a") },
      { index: 5n, value: bytes("b") },
    ],
    count: 2,
  },
  {
    type: "module",
    values: [
      { name: "mod", version: 1 },
      { name: "mod", version: 1, decoded: 3 },
    ],
    whole: { name: "mod", version: 1, decoded: 3 },
    count: 1,
  },
];

describe("collectValues: whole values", () => {
  it.each(joined)("$type", async ({ type, values, whole, count }) => {
    const [event, ...more] = (await collect(parts("k", type, values, { db: 2, total: 3 }))) as RdbKey[];
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      kind: "rdb",
      event: "key",
      type,
      part: 0,
      last: true,
      db: 2,
      keyText: "k",
    });
    expect(event).toMatchObject({ offset: 9, encoding: "raw", count, total: 3, raw: undefined });
    expect(event!.value).toEqual(whole);
    expect(event!.detach().value).toEqual(whole);
  });

  it("merges the groups and consumers of a stream by name", async () => {
    const values: StreamValue[] = [
      { entries: [entry(1), entry(2)], info: undefined, groups: [] },
      { entries: [entry(3)], info: undefined, groups: [] },
      {
        entries: [],
        info,
        groups: [
          group("g", { pending: [pending(1)], consumers: [consumer("c1", [1]), consumer("c2", [])] }),
          group("h", { nacked: [id(2)] }),
        ],
      },
      {
        entries: [],
        info: undefined,
        groups: [
          group("g", {
            pending: [pending(2), pending(3)],
            consumers: [consumer("c2", [2]), consumer("c1", [3])],
          }),
          group("h", { nacked: [id(3)] }),
        ],
      },
    ] as unknown as StreamValue[];
    const [event] = (await collect(parts("s", "stream", values))) as RdbKey[];
    expect(event!.value).toEqual({
      entries: [entry(1), entry(2), entry(3)],
      info,
      groups: [
        group("g", {
          pending: [pending(1), pending(2), pending(3)],
          consumers: [consumer("c1", [1, 3]), consumer("c2", [2])],
        }),
        group("h", { nacked: [id(2), id(3)] }),
      ],
    });
  });

  it("tells names apart that only differ as bytes", async () => {
    const names = [Uint8Array.of(0xff), Uint8Array.of(0xfe), Uint8Array.of(0xff)];
    const values = names.map((name) => ({ entries: [], info: undefined, groups: [group("", { name })] }));
    const [event] = (await collect(parts("s", "stream", values))) as RdbKey[];
    expect((event!.value as StreamValue).groups.map((g) => g.name[0])).toEqual([0xff, 0xfe]);
  });

  it("joins the fragments of a raw payload", async () => {
    const fragments = ["ab", "cd"].map((text, part) =>
      key("k", "hash", [], { part, last: part === 1, raw: bytes(text) }),
    );
    const [event] = (await collect(fragments)) as RdbKey[];
    expect(utf8(event!.raw!)).toBe("abcd");
  });

  it("hands a value that came in one part on as it is", async () => {
    const event = key("k", "string", bytes("v"));
    expect((await collect([event]))[0]).toBe(event);
  });
});

describe("collectValues: bounds and cuts", () => {
  const list = parts("k", "list", [[bytes("12345")], [bytes("12345")], [bytes("12345")], [bytes("12345")]]);
  const asTheyCame = list.map(show);

  it("lets the parts of a larger value pass as they are", async () => {
    const next = parts("n", "list", [[bytes("a")], [bytes("b")]]);
    // Key and element of a part count 6 bytes.
    for (const maxBytes of [0, 5, 6, 12, 23]) {
      expect((await collect([...list, ...next], { maxBytes: Math.max(maxBytes, 0) })).map(show)).toEqual(
        maxBytes < 4 ? [...asTheyCame, ...next.map(show)] : [...asTheyCame, "0: n list 0."],
      );
    }
    expect((await collect(list, { maxBytes: 24 })).map(show)).toEqual(["0: k list 0."]);
  });

  it("emits them as soon as the bound is passed, not at the end", async () => {
    expect((await collect(list.slice(0, 3), { maxBytes: 12, sizeOf: () => 6 })).map(show)).toEqual(
      asTheyCame.slice(0, 3),
    );
  });

  it("keeps at most the bound, however long the value", () => {
    let kept = 0;
    let most = 0;
    const value = Array.from({ length: 1000 }, (_, part) =>
      key("k", "set", [], { part, last: part === 999 }),
    );
    from(value)
      .pipe(
        collectValues({
          maxBytes: 100,
          sizeOf: () => {
            most = Math.max(most, ++kept);
            return 10;
          },
        }),
      )
      .subscribe(() => kept--);
    expect(most).toBe(11);
  });

  it.each([
    ["another key", [key("n", "string", bytes("v"))], ["0: n string 0."]],
    ["the end of the snapshot", [rdb("end")], ["rdb end"]],
    ["reset", [link("reset")], ["link reset"]],
    ["fullresync", [link("fullresync")], ["link fullresync"]],
    ["the end of the stream", [], []],
  ])("lets the parts of a value pass that is cut by %s", async (_, events, shown) => {
    expect((await collect([...list.slice(0, 2), ...events])).map(show)).toEqual([
      ...asTheyCame.slice(0, 2),
      ...shown,
    ]);
  });

  it("lets them pass before an error", async () => {
    const seen: string[] = [];
    const source = concatObservables(
      from(list.slice(0, 2)),
      throwError(() => new Error("cut")),
    );
    await new Promise<void>((resolve) => {
      source.pipe(collectValues()).subscribe({
        next: (event) => seen.push(show(event)),
        error: (error: Error) => {
          seen.push(error.message);
          resolve();
        },
      });
    });
    expect(seen).toEqual([...asTheyCame.slice(0, 2), "cut"]);
  });

  it("lets link events and commands go ahead of a value that is not complete", async () => {
    const events = [list[0]!, link("lag"), list[1]!, aof("SET a 1"), list[2]!, list[3]!];
    expect((await collect(events)).map(show)).toEqual(["link lag", "0: SET a 1", "0: k list 0."]);
  });

  it("tells the shards of a cluster apart", async () => {
    const a = parts("k", "list", [[bytes("1")], [bytes("2")]], { shard: "a" });
    const b = parts("l", "list", [[bytes("3")], [bytes("4")]], { shard: "b" });
    const all = (await collect([a[0]!, b[0]!, a[1]!, link("reset"), b[1]!])) as RdbKey[];
    expect(all.map(show)).toEqual(["a/0: k list 0.", "link reset", "b/0: l list 0."]);
    expect(all[2]!.value).toEqual([bytes("3"), bytes("4")]);
  });

  it("passes the rest of a value whose beginning was not seen", async () => {
    expect((await collect(list.slice(1))).map(show)).toEqual(asTheyCame.slice(1));
  });

  it("refuses a negative bound", () => {
    expect(() => collectValues({ maxBytes: -1 })).toThrow(RangeError);
  });
});

import { from, lastValueFrom, type Observable, toArray } from "rxjs";
import { expect, test } from "vitest";
import { encodeUtf8, latin1 } from "../../src/bytes/text.ts";
import type { RedisEvent, StreamGroup, StreamValue, ValueType } from "../../src/events.ts";
import { collectValues } from "../../src/rx/collect_values.ts";
import { toCommands } from "../../src/rx/to_commands.ts";
import type { RebuildOptions } from "../../src/stream/key_rebuilder.ts";
import { aof, key, link, rdb } from "../rx/events.ts";

/** Each command's arguments joined by spaces, long ones by their length; other events by their name. */
async function commands(events: readonly RedisEvent[], options: RebuildOptions = {}): Promise<string[]> {
  const made = await lastValueFrom(
    (from(events) as Observable<RedisEvent>).pipe(toCommands(options), toArray()),
  );
  return made.map((event) =>
    event.event === "command" ? event.args.map(show).join(" ") : `<${event.kind} ${event.event}>`,
  );
}

function show(arg: Uint8Array): string {
  return arg.length > 40 ? `(${arg.length})` : latin1(arg);
}

const item = (text: string): Uint8Array => encodeUtf8(text);
const items = (count: number, make = (i: number) => `m${i}`): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => item(make(i)));

function stream(
  entries: readonly string[],
  info: object,
  groups: readonly Partial<StreamGroup>[] = [],
): StreamValue {
  return {
    entries: entries.map((id) => ({ id, fields: [[item("f"), item("v")]] as const })),
    info: {
      ...{ length: entries.length, lastId: entries.at(-1) ?? "0-0", firstId: entries[0] ?? "0-0" },
      ...{ maxDeletedId: "0-0", entriesAdded: entries.length },
      ...info,
    },
    groups: groups.map((group) => ({
      ...{ name: item("g"), lastId: "9-0", entriesRead: undefined, pending: [], consumers: [], nacked: [] },
      ...group,
    })),
  };
}

const pending = (id: string, deliveredAt = 7, deliveries = 1) => ({ id, deliveredAt, deliveries });
const consumer = (name: string, ids: readonly string[]) => {
  return { name: item(name), seenAt: 1, activeAt: 1, pending: ids };
};

test.each<[string, ValueType, unknown, object, RebuildOptions, string[]]>([
  ["a string that expires in one command", "string", item("v"), { expireAt: 99 }, {}, ["SET k v PXAT 99"]],
  [
    "a string above the bound in pieces",
    "string",
    item("abcdef"),
    { expireAt: 99 },
    { maxCommandBytes: 4 },
    ["SET k abcd", "APPEND k ef", "PEXPIREAT k 99"],
  ],
  ["an empty string", "string", item(""), {}, {}, ["SET k "]],
  [
    "a list, cut by arguments",
    "list",
    items(16),
    {},
    { maxArgs: 16 },
    ["RPUSH k m0 m1 m2 m3 m4 m5 m6 m7 m8 m9 m10 m11 m12 m13", "RPUSH k m14 m15"],
  ],
  ["a set, cut by bytes", "set", items(4), {}, { maxCommandBytes: 9 }, ["SADD k m0 m1", "SADD k m2 m3"]],
  [
    "a single larger element alone",
    "set",
    [item("x".repeat(50)), item("y")],
    {},
    { maxCommandBytes: 9 },
    ["SADD k (50)", "SADD k y"],
  ],
  [
    "scores as servers read them",
    "zset",
    [1.5, -0, 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((score, i) => ({
      score,
      member: item(`m${i}`),
    })),
    {},
    {},
    ["ZADD k 1.5 m0 -0 m1 1e+300 m2 inf m3 -inf m4"],
  ],
  [
    "fields that expire together in one command",
    "hash",
    [5, undefined, 5, 6].map((expireAt, i) => ({ field: item(`f${i}`), value: item("v"), expireAt })),
    { expireAt: 8n },
    {},
    [
      "HSET k f0 v f1 v f2 v f3 v",
      "HPEXPIREAT k 5 FIELDS 2 f0 f2",
      "HPEXPIREAT k 6 FIELDS 1 f3",
      "PEXPIREAT k 8",
    ],
  ],
  ["an array", "array", [{ index: 2n ** 63n, value: item("v") }], {}, {}, ["ARMSET k 9223372036854775808 v"]],
  ["what was there, away", "list", items(1), {}, { replace: true }, ["DEL k", "RPUSH k m0"]],
  ["a string over what was there", "string", item("v"), {}, { replace: true }, ["SET k v"]],
  [
    "a stream",
    "stream",
    stream(["1-0", "2-0"], { lastId: "5-0", maxDeletedId: "4-0", entriesAdded: 9 }),
    {},
    {},
    ["XADD k 1-0 f v", "XADD k 2-0 f v", "XSETID k 5-0 ENTRIESADDED 9 MAXDELETEDID 4-0"],
  ],
  [
    "an empty stream",
    "stream",
    stream([], { lastId: "5-0", entriesAdded: 9 }, [{ entriesRead: 3 }]),
    {},
    {},
    [
      "XADD k MAXLEN = 0 0-1  ",
      "XSETID k 0-0",
      "XSETID k 5-0 ENTRIESADDED 9 MAXDELETEDID 0-0",
      "XGROUP CREATE k g 9-0 ENTRIESREAD 3",
    ],
  ],
  [
    "pending entries, those read together in one command",
    "stream",
    stream(["1-0", "2-0", "3-0"], {}, [
      {
        pending: [pending("1-0"), pending("2-0"), pending("3-0", 8)],
        consumers: [consumer("a", ["1-0", "2-0", "3-0"]), consumer("idle", [])],
      },
    ]),
    {},
    {},
    [
      "XADD k 1-0 f v",
      "XADD k 2-0 f v",
      "XADD k 3-0 f v",
      "XSETID k 3-0 ENTRIESADDED 3 MAXDELETEDID 0-0",
      "XGROUP CREATE k g 9-0",
      "XGROUP CREATECONSUMER k g a",
      "XCLAIM k g a 0 1-0 2-0 TIME 7 RETRYCOUNT 1 FORCE JUSTID",
      "XCLAIM k g a 0 3-0 TIME 8 RETRYCOUNT 1 FORCE JUSTID",
      "XGROUP CREATECONSUMER k g idle",
    ],
  ],
  [
    "pending entries that were deleted, by stand-ins that leave no trace",
    "stream",
    stream(["2-0"], { lastId: "3-0" }, [
      {
        pending: [pending("1-0"), pending("2-0"), pending("3-0")],
        consumers: [consumer("a", ["1-0", "2-0", "3-0"])],
      },
      { name: item("h") },
    ]),
    {},
    {},
    [
      "XADD k 1-0  ",
      "XADD k 3-0  ",
      "XGROUP CREATE k g 0-0",
      "XCLAIM k g a 0 1-0 3-0 TIME 7 RETRYCOUNT 1 FORCE JUSTID",
      "XTRIM k MAXLEN = 0",
      "XSETID k 0-0",
      "XADD k 2-0 f v",
      "XSETID k 3-0 ENTRIESADDED 1 MAXDELETEDID 0-0",
      "XGROUP SETID k g 9-0",
      "XGROUP CREATECONSUMER k g a",
      "XCLAIM k g a 0 2-0 TIME 7 RETRYCOUNT 1 FORCE JUSTID",
      "XGROUP CREATE k h 9-0",
    ],
  ],
  [
    "entries given back, and producers",
    "stream",
    stream(
      ["1-0"],
      {
        idmp: {
          ...{ duration: 60, maxEntries: 10, added: 1, duplicates: 0 },
          producers: [{ id: item("p"), entries: [{ iid: item("i"), id: "1-0" }] }],
        },
      },
      [{ pending: [pending("1-0", 7, 4)], nacked: ["1-0"] }],
    ),
    {},
    {},
    [
      "XADD k 1-0 f v",
      "XSETID k 1-0 ENTRIESADDED 1 MAXDELETEDID 0-0",
      "XCFGSET k IDMP-DURATION 60 IDMP-MAXSIZE 10",
      "XIDMPRECORD k p i 1-0",
      "XGROUP CREATE k g 9-0",
      "XNACK k g SILENT IDS 1 1-0 RETRYCOUNT 4 FORCE",
    ],
  ],
])("rebuilds %s", async (_, type, value, fields, options, expected) => {
  expect(await commands([{ ...key("k", type, value), ...fields } as RedisEvent], options)).toEqual(expected);
});

test("everything else passes in its place, functions are loaded", async () => {
  const events = [
    rdb("begin", { version: 11 }),
    rdb("function", { code: item("#!lua name=l") }),
    key("k", "string", item("v"), { db: 3 }),
    rdb("end", {}),
    aof("SELECT-like 3"),
    link("online", {}),
  ];
  expect(await commands(events)).toEqual([
    "<rdb begin>",
    "FUNCTION LOAD REPLACE #!lua name=l",
    "SET k v",
    "<rdb end>",
    "SELECT-like 3",
    "<link online>",
  ]);
});

test("fragments of a payload are joined, above the bound it is a coded error that names the key", async () => {
  const part = (i: number, last: boolean) => ({
    ...key("k", "set", [], { part: i, last, raw: item(`part${i}`) }),
    ...{ expireAt: -5, idle: 60 },
  });
  const parts = [part(0, false), part(1, true)];
  expect(await commands(parts)).toEqual(["RESTORE k 1 part0part1 REPLACE ABSTTL IDLETIME 60"]);
  await expect(commands(parts, { maxPayloadBytes: 9 })).rejects.toMatchObject({
    code: "LIMIT",
    key: item("k"),
  });
});

test("a module's value without its payload is a coded error that names the key", async () => {
  const event = key("k", "module", { name: "ReJSON-RL", version: 3, decoded: undefined });
  await expect(commands([event])).rejects.toMatchObject({ code: "UNSUPPORTED", key: item("k") });
  expect(await commands([{ ...event, raw: item("x") } as RedisEvent])).toEqual(["RESTORE k 0 x REPLACE"]);
});

test("a stream in parts is written as it comes above the bound", async () => {
  const ids = (from: number) => Array.from({ length: 4 }, (_, i) => `${from + i}-0`);
  const groups = [{ pending: [pending("6-0")], consumers: [consumer("a", ["6-0"])] }];
  const parts = (group: readonly Partial<StreamGroup>[]) => [
    key("k", "stream", { ...stream(ids(1), {}), info: undefined }, { last: false }),
    key("k", "stream", stream(ids(5), {}, group), { part: 1 }),
  ];
  const written = await commands(parts(groups), { maxStreamBytes: 200 });
  expect(written).toEqual(await commands(parts(groups)));
  const deleted = [{ pending: [pending("3-1")], consumers: [consumer("a", ["3-1"])] }];
  await expect(commands(parts(deleted), { maxStreamBytes: 200 })).rejects.toMatchObject({
    code: "LIMIT",
    key: item("k"),
  });
  expect((await commands(parts(deleted)))[0]).toBe("XADD k 3-1  ");
});

test("a snapshot that begins anew forgets a stream half read", async () => {
  const half = key("k", "stream", { ...stream(["1-0"], {}), info: undefined }, { last: false });
  const whole = key("k", "stream", stream(["2-0"], {}));
  expect(await commands([half, link("fullresync", {}), whole])).toEqual([
    "<link fullresync>",
    "XADD k 2-0 f v",
    "XSETID k 2-0 ENTRIESADDED 1 MAXDELETEDID 0-0",
  ]);
});

test("shards do not mix", async () => {
  const half = (shard: string, id: string, part: number, last: boolean) =>
    key("k", "stream", last ? stream([id], {}) : { ...stream([id], {}), info: undefined }, {
      shard,
      part,
      last,
    });
  const mixed = [
    half("a", "1-0", 0, false),
    half("b", "5-0", 0, false),
    half("a", "2-0", 1, true),
    half("b", "6-0", 1, true),
  ];
  const made = await commands(mixed);
  expect(made.filter((one) => one.startsWith("XADD"))).toEqual(
    ["1-0", "2-0", "5-0", "6-0"].map((id) => `XADD k ${id} f v`),
  );
});

test("values in parts and whole ones give the same contents", async () => {
  const parts = [0, 1, 2].map((part) => key("k", "list", [item(`m${part}`)], { part, last: part === 2 }));
  const whole = await lastValueFrom(from(parts as RedisEvent[]).pipe(collectValues(), toArray()));
  expect(await commands(whole)).toEqual(["RPUSH k m0 m1 m2"]);
  expect(await commands(parts)).toEqual(["RPUSH k m0", "RPUSH k m1", "RPUSH k m2"]);
});

test("bounds that nothing fits are refused", () => {
  expect(() => toCommands({ maxArgs: 3 })).toThrow(RangeError);
  expect(() => toCommands({ maxCommandBytes: 0 })).toThrow(RangeError);
});

import { describe, expect, expectTypeOf, test } from "vitest";
import {
  createCommandTable,
  encodeTyped,
  type ScoreBound,
  type TypedCommand,
  type TypedCommands,
  typedCommand,
  type UntypedCommand,
} from "../../src/commands/mod.ts";
import { COMMANDS } from "../../src/commands/table.generated.ts";
import { Random } from "../support/random.ts";
import { randomArguments } from "./random_arguments.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const argv = (line: string): Uint8Array[] => line.split(" ").map((word) => bytes(word === '""' ? "" : word));
const words = (args: readonly Uint8Array[]): string[] =>
  args.map((arg) => new TextDecoder("latin1").decode(arg));

/** A typed form with text for bytes, and without what is absent. */
function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, readable(field)]));
}

const CASES: readonly (readonly [line: string, typed: Record<string, unknown>])[] = [
  ["SET k v", { name: "SET", key: "k", value: "v", get: false }],
  [
    "set k v nx get px 5",
    { name: "SET", key: "k", value: "v", condition: "NX", get: true, expire: { PX: 5 } },
  ],
  [
    "SET k v GET PXAT 1700000000000",
    { name: "SET", key: "k", value: "v", get: true, expire: { PXAT: 1700000000000 } },
  ],
  [
    "SET k v KEEPTTL IFEQ x",
    { name: "SET", key: "k", value: "v", get: false, condition: { IFEQ: "x" }, expire: "KEEPTTL" },
  ],
  ["SET GET NX", { name: "SET", key: "GET", value: "NX", get: false }],
  [
    "MSET a 1 b 2",
    {
      name: "MSET",
      entries: [
        { key: "a", value: "1" },
        { key: "b", value: "2" },
      ],
    },
  ],
  [
    "MSETEX 2 a 1 b 2 PXAT 9 NX",
    {
      name: "MSETEX",
      entries: [
        { key: "a", value: "1" },
        { key: "b", value: "2" },
      ],
      condition: "NX",
      expire: { PXAT: 9 },
    },
  ],
  ["DEL a b", { name: "DEL", keys: ["a", "b"] }],
  ["INCRBY k 9223372036854775807", { name: "INCRBY", key: "k", increment: 9223372036854775807n }],
  ["INCRBYFLOAT k 1.50", { name: "INCRBYFLOAT", key: "k", increment: "1.50" }],
  ["PEXPIREAT k 1700000000000 GT", { name: "PEXPIREAT", key: "k", atMs: 1700000000000, condition: "GT" }],
  [
    "HPEXPIREAT h 5 NX FIELDS 2 f g",
    { name: "HPEXPIREAT", key: "h", atMs: 5, condition: "NX", fields: ["f", "g"] },
  ],
  [
    "HSETEX h KEEPTTL FIELDS 1 f v",
    { name: "HSETEX", key: "h", expire: "KEEPTTL", entries: [{ field: "f", value: "v" }] },
  ],
  [
    "HSETEX h FIELDS 1 f v FNX",
    { name: "HSETEX", key: "h", condition: "FNX", entries: [{ field: "f", value: "v" }] },
  ],
  [
    "HSET h f v g w",
    {
      name: "HSET",
      key: "h",
      entries: [
        { field: "f", value: "v" },
        { field: "g", value: "w" },
      ],
    },
  ],
  [
    "zadd z nx gt ch 1.5 a -inf b",
    {
      name: "ZADD",
      key: "z",
      condition: "NX",
      comparison: "GT",
      change: true,
      increment: false,
      entries: [
        { score: 1.5, member: "a" },
        { score: -Infinity, member: "b" },
      ],
    },
  ],
  [
    "ZADD z 1.0 a",
    {
      name: "ZADD",
      key: "z",
      change: false,
      increment: false,
      entries: [{ score: 1, scoreText: "1.0", member: "a" }],
    },
  ],
  [
    "ZREMRANGEBYSCORE z (1 +inf",
    {
      name: "ZREMRANGEBYSCORE",
      key: "z",
      min: { value: 1, exclusive: true },
      max: { value: Infinity, exclusive: false },
      maxText: "+inf",
    },
  ],
  [
    "ZREMRANGEBYLEX z - (b",
    { name: "ZREMRANGEBYLEX", key: "z", min: "-", max: { value: "b", exclusive: true } },
  ],
  [
    "ZUNIONSTORE d 2 a b AGGREGATE MAX WEIGHTS 1 2.50",
    {
      name: "ZUNIONSTORE",
      destination: "d",
      keys: ["a", "b"],
      weights: [1, 2.5],
      weightsText: [undefined, "2.50"],
      aggregate: "MAX",
    },
  ],
  [
    "ZRANGESTORE d s 0 -1 BYSCORE REV LIMIT 0 5",
    {
      name: "ZRANGESTORE",
      destination: "d",
      source: "s",
      min: "0",
      max: "-1",
      by: "BYSCORE",
      rev: true,
      limit: { offset: 0, count: 5 },
    },
  ],
  ["LPOP l", { name: "LPOP", key: "l" }],
  ["LPOP l 3", { name: "LPOP", key: "l", count: 3 }],
  [
    "LMOVE a b left right",
    { name: "LMOVE", source: "a", destination: "b", whereFrom: "LEFT", whereTo: "RIGHT" },
  ],
  ["LINSERT l BEFORE p e", { name: "LINSERT", key: "l", where: "BEFORE", pivot: "p", element: "e" }],
  ["BLPOP a b 0.10", { name: "BLPOP", keys: ["a", "b"], timeout: 0.1, timeoutText: "0.10" }],
  [
    "XADD s 1-1 f v",
    { name: "XADD", key: "s", noMkStream: false, id: "1-1", entries: [{ field: "f", value: "v" }] },
  ],
  [
    "XADD s MAXLEN = 10 LIMIT 5 NOMKSTREAM DELREF 1-1 f v",
    {
      name: "XADD",
      key: "s",
      noMkStream: true,
      refs: "DELREF",
      trim: { strategy: "MAXLEN", operator: "=", threshold: "10", limit: 5 },
      id: "1-1",
      entries: [{ field: "f", value: "v" }],
    },
  ],
  [
    "XADD s IDMP p i MAXLEN ~ 9 * f v",
    {
      name: "XADD",
      key: "s",
      noMkStream: false,
      idmp: { IDMP: { producer: "p", iid: "i" } },
      trim: { strategy: "MAXLEN", operator: "~", threshold: "9" },
      id: "*",
      entries: [{ field: "f", value: "v" }],
    },
  ],
  ["XTRIM s MINID 5-0", { name: "XTRIM", key: "s", trim: { strategy: "MINID", threshold: "5-0" } }],
  [
    "XCLAIM s g c 0 1-1 1-2 TIME 5 RETRYCOUNT 2 FORCE JUSTID LASTID 1-2",
    {
      name: "XCLAIM",
      key: "s",
      group: "g",
      consumer: "c",
      minIdle: 0,
      ids: ["1-1", "1-2"],
      time: 5,
      retryCount: 2,
      force: true,
      justId: true,
      lastId: "1-2",
    },
  ],
  [
    "XGROUP CREATE s g $ MKSTREAM ENTRIESREAD 3",
    { name: "XGROUP CREATE", key: "s", group: "g", id: "$", mkStream: true, entriesRead: 3 },
  ],
  [
    "XREADGROUP GROUP g c COUNT 2 NOACK STREAMS a b > 0",
    {
      name: "XREADGROUP",
      group: "g",
      consumer: "c",
      count: 2,
      noAck: true,
      keys: ["a", "b"],
      ids: [">", "0"],
    },
  ],
  [
    "SORT k GET # LIMIT 0 5 GET o_* DESC ALPHA STORE d",
    {
      name: "SORT",
      key: "k",
      limit: { offset: 0, count: 5 },
      get: ["#", "o_*"],
      order: "DESC",
      alpha: true,
      destination: "d",
    },
  ],
  [
    "RESTORE k 0 payload ABSTTL FREQ 5 REPLACE",
    { name: "RESTORE", key: "k", ttl: 0, payload: "payload", replace: true, absTtl: true, frequency: 5 },
  ],
  ["COPY a b REPLACE DB 3", { name: "COPY", source: "a", destination: "b", db: 3, replace: true }],
  [
    "BITFIELD k OVERFLOW SAT INCRBY u8 #1 5 GET i4 0",
    {
      name: "BITFIELD",
      key: "k",
      operations: [
        { OVERFLOW: "SAT" },
        { INCRBY: { encoding: "u8", offset: "#1", increment: 5 } },
        { GET: { encoding: "i4", offset: "0" } },
      ],
    },
  ],
  [
    "GEOSEARCHSTORE d s BYRADIUS 5 KM ASC FROMMEMBER m COUNT 3 ANY",
    {
      name: "GEOSEARCHSTORE",
      destination: "d",
      source: "s",
      from: { FROMMEMBER: "m" },
      by: { BYRADIUS: { radius: 5, unit: "KM" } },
      order: "ASC",
      count: 3,
      any: true,
      storeDist: false,
    },
  ],
  [
    "GEORADIUS k 1 2 3 m STOREDIST d",
    {
      name: "GEORADIUS",
      key: "k",
      longitude: 1,
      latitude: 2,
      radius: 3,
      unit: "M",
      withCoord: false,
      withDist: false,
      withHash: false,
      any: false,
      store: { STOREDIST: "d" },
    },
  ],
  [
    'MIGRATE h 6379 "" 0 5 COPY AUTH2 u p KEYS copy b',
    {
      name: "MIGRATE",
      host: "h",
      port: 6379,
      key: "",
      db: 0,
      timeout: 5,
      copy: true,
      replace: false,
      authentication: { AUTH2: { username: "u", password: "p" } },
      keys: ["copy", "b"],
    },
  ],
  ["EVAL s 1 k a b", { name: "EVAL", script: "s", keys: ["k"], args: ["a", "b"] }],
  ["EVAL s 0 a", { name: "EVAL", script: "s", keys: [], args: ["a"] }],
  ["FUNCTION LOAD REPLACE", { name: "FUNCTION LOAD", replace: false, code: "REPLACE" }],
  ["FUNCTION LOAD REPLACE code", { name: "FUNCTION LOAD", replace: true, code: "code" }],
  ["FLUSHALL", { name: "FLUSHALL" }],
  ["flushdb async", { name: "FLUSHDB", mode: "ASYNC" }],
  ["SWAPDB 0 1", { name: "SWAPDB", index1: 0, index2: 1 }],
  ["MULTI", { name: "MULTI" }],
  [
    "VADD v VALUES 2 1 2.5 e CAS M 8",
    { name: "VADD", key: "v", vector: { VALUES: { values: [1, 2.5] } }, element: "e", cas: true, links: 8 },
  ],
  [
    "TRIMSLOTS RANGES 2 0 5 7 9",
    {
      name: "TRIMSLOTS",
      ranges: [
        { start: 0, end: 5 },
        { start: 7, end: 9 },
      ],
    },
  ],
  ["JSON.ARRPOP k $ -1", { name: "JSON.ARRPOP", key: "k", path: "$", index: -1 }],
  ["JSON.ARRPOP k", { name: "JSON.ARRPOP", key: "k" }],
];

const UNTYPED: readonly (readonly [line: string, reason: UntypedCommand["reason"], command: string])[] = [
  ["nosuch k", "unknown", "NOSUCH"],
  ["XGROUP NOSUCH k", "unknown", "XGROUP"],
  ["BF.ADD k v", "no-syntax", "BF.ADD"],
  ["SET k", "arguments", "SET"],
  ["SET k v NEWOPTION", "arguments", "SET"],
  ["SET k v PX", "arguments", "SET"],
  ["SET k v PX x", "arguments", "SET"],
  ["SET k v NX XX", "arguments", "SET"],
  ["SET k v PX 9223372036854775807", "arguments", "SET"],
  ["HSET h f", "arguments", "HSET"],
  ["HPEXPIREAT h 5 FIELDS 3 f g", "arguments", "HPEXPIREAT"],
  ["HPEXPIREAT h 5 FIELDS 1 f g", "arguments", "HPEXPIREAT"],
  ["MSETEX 2 a 1 b", "arguments", "MSETEX"],
  ["ZADD z nan a", "arguments", "ZADD"],
  ["ZADD z 0x10 a", "arguments", "ZADD"],
  ["EVAL s 2 k", "arguments", "EVAL"],
  ["EVAL s 2", "arguments", "EVAL"],
  ["EVAL s -1", "arguments", "EVAL"],
  ["XREADGROUP GROUP g c STREAMS a b >", "arguments", "XREADGROUP"],
  ["MULTI x", "arguments", "MULTI"],
];

describe("typedCommand", () => {
  test.each(CASES)("%s", (line, typed) => {
    expect(readable(typedCommand(argv(line)))).toEqual(typed);
  });

  test.each(UNTYPED)("passes %s through as it is", (line, reason, command) => {
    const typed = typedCommand(argv(line));
    expect(typed).toMatchObject({ name: undefined, reason, command });
    expect(words(encodeTyped(typed))).toEqual(line.split(" "));
    if (reason === "arguments") expect((typed as UntypedCommand).detail).toMatch(/^argument \d+ /);
  });

  test("takes anything", () => {
    expect(typedCommand([]).name).toBeUndefined();
    expect(typedCommand([new Uint8Array(1_000_000)]).name).toBeUndefined();
    const random = new Random(7);
    for (const [name, { syntax }] of Object.entries(COMMANDS)) {
      for (let i = 0; i < 20 && syntax !== undefined; i++) {
        const args = [...argv(name), ...randomArguments(syntax, random)];
        // Damage: one argument lost, doubled or replaced.
        const at = random.int(name.split(" ").length, args.length);
        args.splice(
          at,
          random.int(0, 2),
          ...(random.oneIn(2) ? [bytes(random.pick(["", "NX", "5", "x"]))] : []),
        );
        expect(() => typedCommand(args)).not.toThrow();
      }
    }
  });
});

describe("encodeTyped", () => {
  const typed = Object.entries(COMMANDS).filter(([, { syntax }]) => syntax !== undefined);

  test.each(typed)("%s: the typed form stands for the same arguments", (name, { syntax }) => {
    const random = new Random(name.length + 31);
    for (let i = 0; i < 60; i++) {
      const args = [...argv(name), ...randomArguments(syntax!, random, { canonical: true })];
      const command = typedCommand(args);
      expect(command.name, words(args).join(" ")).toBe(name);
      expect(words(encodeTyped({ ...command }))).toEqual(words(args));
    }
  });

  test.each(typed)("%s: order and letter case of options make no difference", (name, { syntax }) => {
    const random = new Random(name.length + 77);
    for (let i = 0; i < 60; i++) {
      const args = [...argv(name.toLowerCase()), ...randomArguments(syntax!, random)];
      const command = typedCommand(args);
      expect(command.name, words(args).join(" ")).toBe(name);
      expect(words(encodeTyped(command))).toEqual(words(args));
      const again = encodeTyped({ ...command });
      expect(again.length).toBe(args.length);
      expect(typedCommand(again)).toEqual(command);
      expect(
        words(again)
          .map((word) => word.toUpperCase())
          .sort(),
      ).toEqual(
        words(args)
          .map((word) => word.toUpperCase())
          .sort(),
      );
    }
  });

  test("a changed number is written anew, an unchanged one as it was spelled", () => {
    const command = typedCommand(argv("ZADD z 1.0 a")) as TypedCommands["ZADD"];
    expect(words(encodeTyped(command))).toEqual(["ZADD", "z", "1.0", "a"]);
    const changed = { ...command, entries: command.entries.map((entry) => ({ ...entry, score: 2 })) };
    expect(words(encodeTyped(changed))).toEqual(["ZADD", "z", "2", "a"]);
    const copied = { ...command, key: bytes("y") };
    expect(words(encodeTyped(copied))).toEqual(["ZADD", "y", "1.0", "a"]);
    const renamed = Object.assign(typedCommand(argv("SETNX k v")), { name: "GETSET" });
    expect(words(encodeTyped(renamed))).toEqual(["GETSET", "k", "v"]);
    // Not what the types allow, but what JavaScript does.
    (command.entries[0] as { score: number }).score = 3;
    expect(words(encodeTyped(command))).toEqual(["ZADD", "z", "3", "a"]);
  });

  test("refuses what is no typed command", () => {
    expect(() => encodeTyped({ name: "NOSUCH" })).toThrow(TypeError);
    expect(() => encodeTyped({ name: "BF.ADD" })).toThrow(TypeError);
    expect(() => encodeTyped({ name: "SET" })).toThrow("key is missing");
    const key = bytes("k");
    expect(() => encodeTyped({ name: "DEL", keys: key } as unknown as TypedCommand)).toThrow(TypeError);
    expect(() =>
      encodeTyped({
        name: "LMOVE",
        source: key,
        destination: key,
        whereFrom: "UP",
        whereTo: "LEFT",
      } as unknown as TypedCommand),
    ).toThrow(TypeError);
  });
});

describe("a table of one's own", () => {
  interface MySet {
    readonly name: "MY.SET";
    readonly key: Uint8Array;
    readonly ttl?: number | undefined;
  }
  const table = createCommandTable({
    "MY.SET": { arity: -2, group: "module", flags: ["write"], syntax: "key:key [TTL ttl:int]" },
  });

  test("gives and takes typed forms", () => {
    const command = typedCommand<MySet>(argv("my.set k ttl 5"), table);
    if (command.name !== "MY.SET") throw new Error("expected a MY.SET");
    expectTypeOf(command).toEqualTypeOf<MySet>();
    expect(command.ttl).toBe(5);
    expect(words(encodeTyped(command, table))).toEqual(["my.set", "k", "ttl", "5"]);
    expect(words(encodeTyped({ ...command }, table))).toEqual(["MY.SET", "k", "TTL", "5"]);
  });

  test.each([
    "key:nokind",
    "[key",
    "a=(",
    "name",
    "a=(X | b=Y)",
    "[a...] )",
    "a b...c...?",
    "#key]",
    "X...",
    "(".repeat(50),
  ])("refuses syntax that cannot be read: %s", (syntax) => {
    const row = { arity: -2, group: "module", flags: ["write"], syntax } as const;
    expect(() => createCommandTable({ A: row })).toThrow(TypeError);
  });
});

test("types: the name tells the fields", () => {
  const command = typedCommand(argv("SET k v"));
  expectTypeOf(command).toEqualTypeOf<TypedCommand | UntypedCommand>();
  if (command.name === "SET") {
    expectTypeOf(command).toEqualTypeOf<TypedCommands["SET"]>();
    expectTypeOf(command.key).toEqualTypeOf<Uint8Array>();
    expectTypeOf(command.get).toEqualTypeOf<boolean>();
    // @ts-expect-error SET has no fields
    command.fields;
  }
  if (command.name === "ZADD") {
    expectTypeOf(command.entries[0]!.score).toEqualTypeOf<number>();
    expectTypeOf(command.condition).toEqualTypeOf<"NX" | "XX" | undefined>();
  }
  if (command.name === "ZREMRANGEBYSCORE") expectTypeOf(command.min).toEqualTypeOf<ScoreBound>();
  if (command.name === "XGROUP CREATE") expectTypeOf(command.id).toEqualTypeOf<string>();
  if (command.name === undefined) expectTypeOf(command).toEqualTypeOf<UntypedCommand>();
  // @ts-expect-error no command has this name
  if (command.name === "NOSUCH") throw new Error("unexpected");
});

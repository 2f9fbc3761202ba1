import { describe, expect, test } from "vitest";
import {
  type CommandLike,
  commandInfo,
  createCommandTable,
  keyPositions,
  keysOf,
  keysOfCommand,
  slotsOf,
  wholeDbs,
  wholeSlots,
} from "../../src/commands/mod.ts";
import { COMMANDS } from "../../src/commands/table.generated.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (sign) => sign.charCodeAt(0));
const argv = (line: string): Uint8Array[] => line.split(" ").map((word) => bytes(word === '""' ? "" : word));

/** As an event: upper-case name, arguments on demand. */
function command(line: string): CommandLike {
  const args = argv(line);
  const [name] = line.split(" ");
  return { name: name!.toUpperCase(), argc: args.length, arg: (index) => args[index] };
}

/** Keys as `index:access` or `index:access@db`; `-` without keys, `?` when they cannot be told. */
function shown(line: string): string {
  const keys = keysOf(argv(line));
  if (keys === undefined) return "?";
  for (const { index, key } of keys) expect(key).toEqual(argv(line)[index]);
  return (
    keys.map((ref) => `${ref.index}:${ref.access}${ref.db === undefined ? "" : `@${ref.db}`}`).join(" ") ||
    "-"
  );
}

const CASES: readonly (readonly [line: string, keys: string])[] = [
  ["set k v", "1:OW"],
  ["SET k v GET PXAT 1", "1:RW"],
  ["DEL a b c", "1:RM 2:RM 3:RM"],
  ["MSET a 1 b 2", "1:OW 3:OW"],
  ["BITOP AND d a b", "2:OW 3:RO 4:RO"],
  ["BLPOP a b 0", "1:RW 2:RW"],
  ["BLMPOP 0 2 a b LEFT", "3:RW 4:RW"],
  ["LMPOP 1 a LEFT", "2:RW"],
  ["MSETEX 2 a 1 b 2 EX 5", "2:OW 4:OW"],
  ["ZUNIONSTORE d 2 a b WEIGHTS 1 2", "1:OW 3:RO 4:RO"],
  ["EVAL script 2 a b c", "3:RW 4:RW"],
  ["EVAL script 0 a", "-"],
  ["FCALL f 1 a b", "3:RW"],
  ["PFCOUNT a b", "1:RW 2:RW"],
  ["PFDEBUG ENCODING k", "2:RW"],
  ["PFMERGE d", "1:RW"],
  ["PFMERGE d a b", "1:RW 2:RO 3:RO"],
  ["xgroup create k g $", "2:RW"],
  ["XGROUP DESTROY k g", "2:RW"],
  ["XREADGROUP GROUP g c COUNT 1 STREAMS a b > >", "7:RO 8:RO"],
  ["XREADGROUP GROUP STREAMS STREAMS STREAMS a >", "5:RO"],
  ["SORT k BY w_* LIMIT 0 5 GET # GET o_* ALPHA STORE d", "1:RO 13:OW"],
  ["SORT k BY store STORE d", "1:RO 5:OW"],
  ["SORT k", "1:RO"],
  ["sort k store a store b", "1:RO 5:OW"],
  ["GEORADIUS k 1 2 3 km COUNT 5 ANY STORE d", "1:RO 10:OW"],
  ["GEORADIUS k 1 2 3 km STORE storedist", "1:RO 7:OW"],
  ["GEORADIUSBYMEMBER k m 3 km STOREDIST d", "1:RO 6:OW"],
  ["GEOSEARCHSTORE d s FROMMEMBER m BYRADIUS 1 km", "1:OW 2:RO"],
  ["MIGRATE host 6379 k 0 1000", "3:RW"],
  ['MIGRATE host 6379 "" 0 1000 COPY AUTH keys KEYS a b', "10:RW 11:RW"],
  ['MIGRATE host 6379 "" 0 1000 AUTH2 keys keys KEYS a', "10:RW"],
  ['MIGRATE host 6379 "" 0 1000', "3:RW"],
  ["MIGRATE host 6379 k 0 1000 KEYS a", "?"],
  ["MOVE k 3", "1:RW 1:OW@3"],
  ["COPY a b", "1:RO 2:OW"],
  ["COPY a b REPLACE DB 4", "1:RO 2:OW@4"],
  ["BITFIELD k GET u8 0", "1:RO"],
  ["BITFIELD k GET u8 0 OVERFLOW SAT INCRBY u8 0 1", "1:RW"],
  ["PUBLISH c m", "-"],
  ["SPUBLISH c m", "-"],
  ["FUNCTION LOAD code", "-"],
  ["SELECT 3", "-"],
  ["FLUSHALL", "-"],
  ["CLUSTER SYNCSLOTS ACK", "-"],
  ["JSON.MSET a $ 1 b $ 2", "1:RW 4:RW"],
  ["CMS.MERGE d 2 a b WEIGHTS 1 1", "1:RW 3:RO 4:RO"],
  ["HIMPORT SET k f v", "2:RW"],
];

/** Unknown, or arguments that do not fit: never a throw. */
const UNKNOWN: readonly string[] = [
  "",
  "GET k",
  "NOSUCH k",
  "XGROUP",
  "XGROUP NOSUCH k g",
  "OBJECT FREQ k",
  "SET k",
  "DEL",
  "BLPOP a",
  "LMPOP x a LEFT",
  "LMPOP 3 a LEFT",
  "LMPOP -1 a LEFT",
  "LMPOP 99999999999999999999 a LEFT",
  "EVAL script 2 a",
  "ZUNIONSTORE d 2 a",
  "MSETEX 3 a 1 b 2",
  "XREADGROUP GROUP g c STREAMS a b >",
  "MOVE k x",
  "COPY a b DB",
  "COPY a b DB x",
];

describe("keysOf", () => {
  test.each(CASES)("%s -> %s", (line, keys) => {
    expect(shown(line)).toBe(keys);
  });

  test.each(UNKNOWN)("cannot tell: %s", (line) => {
    expect(shown(line)).toBe("?");
  });

  test("takes names in any case and no other bytes for letters", () => {
    expect(shown("sEt k v")).toBe("1:OW");
    expect(shown("S\u00c5T k v")).toBe("?");
    expect(keysOf([bytes("\u0053\u0025\u0054"), bytes("k"), bytes("v")])).toBeUndefined();
    expect(keysOf([])).toBeUndefined();
    expect(keysOf([new Uint8Array(5_000_000), bytes("k")])).toBeUndefined();
  });
});

describe("keysOfCommand", () => {
  test.each(CASES)("visits the same keys: %s", (line) => {
    const visited: string[] = [];
    const stopped = keysOfCommand(command(line), (index, db) => {
      visited.push(`${index}@${db}`);
      return false;
    });
    const keys = keysOf(argv(line));
    expect(stopped).toBe(keys === undefined ? undefined : false);
    if (keys !== undefined) expect(visited).toEqual(keys.map(({ index, db }) => `${index}@${db}`));
  });

  test.each(UNKNOWN.filter((line) => line !== ""))("cannot tell: %s", (line) => {
    expect(keysOfCommand(command(line), () => false)).toBeUndefined();
  });

  test("stops when told", () => {
    for (const line of ["DEL a b c", "ZUNIONSTORE d 2 a b", "COPY a b", "MOVE k 3"]) {
      let visits = 0;
      expect(keysOfCommand(command(line), () => ++visits === 1)).toBe(true);
      expect(visits).toBe(1);
    }
  });
});

describe("keyPositions", () => {
  test("tells where keys stand by the name alone", () => {
    expect(keyPositions("SET")).toEqual({ kind: "range", first: 1, last: 1, step: 1, minArgc: 3 });
    expect(keyPositions("MSET")).toEqual({ kind: "range", first: 1, last: -1, step: 2, minArgc: 3 });
    expect(keyPositions("BLPOP")).toEqual({ kind: "range", first: 1, last: -2, step: 1, minArgc: 3 });
    expect(keyPositions("FLUSHALL")).toEqual({ kind: "none" });
    expect(keyPositions("SPUBLISH")).toEqual({ kind: "none" });
    for (const name of ["ZUNIONSTORE", "XGROUP", "SORT", "BITOP", "MOVE"]) {
      expect(keyPositions(name)).toEqual({ kind: "special" });
    }
    expect(keyPositions("NOSUCH")).toBeUndefined();
  });
});

describe("wholeDbs", () => {
  test.each([
    ["FLUSHDB", [5]],
    ["FLUSHDB ASYNC", [5]],
    ["FLUSHALL", "all"],
    ["SWAPDB 1 2", [1, 2]],
    ["SWAPDB 1 x", undefined],
    ["CLUSTER FLUSHSLOT 7", "all"],
    ["CLUSTER SETSLOT 7 STABLE", undefined],
    ["TRIMSLOTS RANGES 1 0 5", "all"],
    ["SET k v", undefined],
    ["NOSUCH", undefined],
  ] as const)("%s", (line, dbs) => {
    expect(wholeDbs(command(line), 5)).toEqual(dbs);
  });
});

describe("wholeSlots", () => {
  test.each([
    ["CLUSTER FLUSHSLOT 7 SYNC", [[7, 7]]],
    ["CLUSTER FLUSHSLOT 16384", undefined],
    [
      "TRIMSLOTS RANGES 2 0 5 7 9",
      [
        [0, 5],
        [7, 9],
      ],
    ],
    ["TRIMSLOTS RANGES 2 0 5 7", undefined],
    ["TRIMSLOTS RANGES x 0 5", undefined],
    [
      "SFLUSH 0 5 7 9 ASYNC",
      [
        [0, 5],
        [7, 9],
      ],
    ],
    ["SFLUSH 0 5 7", undefined],
    ["FLUSHALL", undefined],
  ] as const)("%s", (line, ranges) => {
    expect(wholeSlots(command(line))?.map(({ start, end }) => [start, end])).toEqual(ranges);
  });
});

describe("slotsOf", () => {
  test.each([
    ["SET foo v", [12182]],
    ["DEL foo {foo}.bar bar", [12182, 5061]],
    ["SPUBLISH foo m", [12182]],
    ["PUBLISH foo m", []],
    ["SORT foo STORE bar", [12182, 5061]],
    ["FLUSHALL", []],
    ["LMPOP x foo LEFT", undefined],
    ["NOSUCH foo", undefined],
  ] as const)("%s", (line, slots) => {
    expect(slotsOf(argv(line))).toEqual(slots);
  });
});

describe("commandInfo", () => {
  test("knows names in any case, sub-commands and containers", () => {
    expect(commandInfo("xgroup create")).toMatchObject({
      name: "XGROUP CREATE",
      group: "stream",
      subcommands: [],
    });
    expect(commandInfo(argv("xgroup create k g $"))?.name).toBe("XGROUP CREATE");
    expect(commandInfo("xgroup")?.subcommands).toContain("CREATE");
    expect(commandInfo("xgroup")?.flags).toContain("write");
    expect(commandInfo("get")).toBeUndefined();
    expect(commandInfo(argv("xgroup"))).toBeUndefined();
  });

  test("marks what comes from published facts only", () => {
    expect(commandInfo("XACKDEL")?.from).toBe("hand");
    expect(commandInfo("SET")?.from).toBeUndefined();
    expect(commandInfo("DELIFEQ")?.since).toEqual({ valkey: "9.0.0" });
  });

  test("has every row under its own name", () => {
    for (const name of Object.keys(COMMANDS)) expect(commandInfo(name)?.name).toBe(name);
    expect(Object.values(COMMANDS).filter(({ flags }) => flags.includes("write")).length).toBeGreaterThan(
      130,
    );
  });
});

describe("createCommandTable", () => {
  test("knows commands of one's own, and leaves the default table alone", () => {
    const table = createCommandTable({
      "my.set": {
        arity: 3,
        group: "module",
        flags: ["write"],
        keys: [{ access: "OW", begin: 1, range: [0, 1, 0] }],
      },
      "MY SUB": {
        arity: 3,
        group: "module",
        flags: ["write"],
        keys: [{ access: "RM", begin: 2, range: [0, 1, 0] }],
      },
      SET: { arity: 3, group: "string", flags: ["write"] },
    });
    expect(table.keysOf(argv("MY.SET k v"))).toMatchObject([{ index: 1, access: "OW" }]);
    expect(table.keysOf(argv("my sub k"))).toMatchObject([{ index: 2, access: "RM" }]);
    expect(table.keysOf(argv("SET k v"))).toEqual([]);
    expect(table.nameOf(bytes("xx my.set"), 3)).toBe("MY.SET");
    expect(keysOf(argv("MY.SET k v"))).toBeUndefined();
    expect(shown("SET k v")).toBe("1:OW");
  });

  test.each([
    ["", { arity: 1, group: "module", flags: [] }],
    ["A B C", { arity: 1, group: "module", flags: [] }],
    ["A", { arity: 0, group: "module", flags: [] }],
    ["A", { arity: 1.5, group: "module", flags: [] }],
    ["A", { arity: 1, group: "module", flags: [], keys: [{ access: "RW", begin: 1, range: [0, 0, 0] }] }],
    ["A", { arity: 1, group: "module", flags: [], keys: [{ access: "RW", begin: 1, numkeys: [0, 1, -1] }] }],
    ["A", { arity: 1, group: "module", flags: [], special: "keys" }],
  ] as const)("refuses a row that makes no sense: %s %o", (name, row) => {
    expect(() => createCommandTable({ [name]: row })).toThrow(TypeError);
  });
});

import fc from "fast-check";
import { from, lastValueFrom, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { encodeUtf8, utf8 } from "../../src/bytes/text.ts";
import { createCommandTable } from "../../src/commands/table.ts";
import type { RedisEvent, ValueType } from "../../src/events.ts";
import { filterCommands } from "../../src/rx/filter_commands.ts";
import { filterDbs } from "../../src/rx/filter_dbs.ts";
import { filterEvents } from "../../src/rx/filter_events.ts";
import { filterFamilies } from "../../src/rx/filter_families.ts";
import { filterFlags } from "../../src/rx/filter_flags.ts";
import { filterKeys } from "../../src/rx/filter_keys.ts";
import { filterSlots } from "../../src/rx/filter_slots.ts";
import { filterTypes } from "../../src/rx/filter_types.ts";
import { compileFilter, type FilterOptions } from "../../src/stream/filter.ts";
import { aof, FakeCommand, key, link, rdb, show, stream } from "../rx/events.ts";
import { filterOptions, oneUnit, snapshotKey } from "./arbitraries.ts";

/** What a source does: select before decoding, then one stage over what is left. */
function asSource(events: readonly RedisEvent[], options: FilterOptions): string[] {
  const filter = compileFilter(options);
  const stage = filter.stage();
  const out: string[] = [];
  for (const event of events) {
    if (event.kind === "rdb" && event.event === "key" && filter.select(event) === "skip") continue;
    stage.push(event, (passed) => out.push(show(passed)));
  }
  return out;
}

const asOperator = async (events: readonly RedisEvent[], options: FilterOptions): Promise<string[]> =>
  (await lastValueFrom(from(events).pipe(filterEvents(options), toArray()))).map(show);

/** One operator for each option, in a row. */
async function inARow(events: readonly RedisEvent[], options: FilterOptions): Promise<string[]> {
  const { unknown } = options;
  let source = from(events);
  if (options.keys !== undefined) source = source.pipe(filterKeys(options.keys, { unknown }));
  if (options.dbs !== undefined) source = source.pipe(filterDbs(options.dbs, { unknown }));
  if (options.types !== undefined) source = source.pipe(filterTypes(options.types));
  if (options.commands !== undefined) source = source.pipe(filterCommands(options.commands));
  if (options.families !== undefined) source = source.pipe(filterFamilies(options.families, { unknown }));
  if (options.flags !== undefined) source = source.pipe(filterFlags(options.flags, { unknown }));
  if (options.slots !== undefined) source = source.pipe(filterSlots(options.slots, { unknown }));
  return (await lastValueFrom(source.pipe(toArray()))).map(show);
}

const cases: readonly { it: string; line: string; db?: number; options: FilterOptions; passes: boolean }[] = [
  { it: "key by glob", line: "SET user:1 v", options: { keys: "user:*" }, passes: true },
  { it: "another key", line: "SET order:1 v", options: { keys: "user:*" }, passes: false },
  { it: "an argument that is no key", line: "SET a user:1", options: { keys: "user:*" }, passes: false },
  { it: "any of a list", line: "DEL b", options: { keys: ["a", "b"] }, passes: true },
  { it: "an empty list", line: "DEL b", options: { keys: [] }, passes: false },
  { it: "exact bytes, no glob", line: "DEL a*", options: { keys: encodeUtf8("a*") }, passes: true },
  {
    it: "exact bytes match nothing else",
    line: "DEL ab",
    options: { keys: encodeUtf8("a*") },
    passes: false,
  },
  { it: "one of many keys", line: "DEL a b user:1 c", options: { keys: "user:*" }, passes: true },
  { it: "none of many keys", line: "DEL a b c", options: { keys: "user:*" }, passes: false },
  {
    it: "the keys of MSET, not its values",
    line: "MSET a user:1 b c",
    options: { keys: "user:*" },
    passes: false,
  },
  { it: "numkeys", line: "ZUNIONSTORE out 2 a user:1", options: { keys: "user:*" }, passes: true },
  { it: "a predicate", line: "SET k v", options: { keys: (k) => utf8(k) === "k" }, passes: true },
  {
    it: "a predicate is told the db",
    line: "SET k v",
    db: 3,
    options: { keys: (_, db) => db === 3 },
    passes: true,
  },
  {
    it: "a predicate is told the named db",
    line: "MOVE k 5",
    options: { keys: (_, db) => db === 5 },
    passes: true,
  },
  { it: "db", line: "SET k v", db: 3, options: { dbs: [3, 4] }, passes: true },
  { it: "another db", line: "SET k v", db: 2, options: { dbs: [3, 4] }, passes: false },
  { it: "no db", line: "SET k v", options: { dbs: [] }, passes: false },
  { it: "MOVE into the db", line: "MOVE k 3", db: 0, options: { dbs: 3 }, passes: true },
  { it: "MOVE out of the db", line: "MOVE k 3", db: 0, options: { dbs: 0 }, passes: true },
  { it: "MOVE elsewhere", line: "MOVE k 3", db: 0, options: { dbs: 1 }, passes: false },
  { it: "COPY into the db", line: "COPY a b DB 3", db: 0, options: { dbs: 3 }, passes: true },
  {
    it: "COPY's first key is here",
    line: "COPY a b DB 3",
    db: 0,
    options: { keys: "a", dbs: 0 },
    passes: true,
  },
  {
    it: "keys and dbs judge apart",
    line: "COPY a b DB 3",
    db: 0,
    options: { keys: "a", dbs: 3 },
    passes: true,
  },
  { it: "FLUSHDB here", line: "FLUSHDB", db: 2, options: { dbs: 2 }, passes: true },
  { it: "FLUSHDB elsewhere", line: "FLUSHDB", db: 2, options: { dbs: 0 }, passes: false },
  { it: "FLUSHDB and keys", line: "FLUSHDB", db: 2, options: { keys: "user:*" }, passes: true },
  {
    it: "FLUSHDB elsewhere and keys",
    line: "FLUSHDB",
    db: 2,
    options: { keys: "user:*", dbs: 0 },
    passes: false,
  },
  { it: "FLUSHALL", line: "FLUSHALL ASYNC", db: 2, options: { dbs: 0 }, passes: true },
  { it: "FLUSHALL and no db", line: "FLUSHALL", db: 2, options: { dbs: [] }, passes: false },
  { it: "SWAPDB, the first", line: "SWAPDB 3 4", db: 0, options: { dbs: 3 }, passes: true },
  { it: "SWAPDB, the second", line: "SWAPDB 3 4", db: 0, options: { dbs: 4 }, passes: true },
  { it: "SWAPDB, the current", line: "SWAPDB 3 4", db: 0, options: { dbs: 0 }, passes: false },
  { it: "no keys", line: "PUBLISH channel message", options: { keys: "user:*" }, passes: true },
  { it: "no keys in another db", line: "PUBLISH channel message", db: 4, options: { dbs: 0 }, passes: true },
  {
    it: "a container without keys",
    line: "FUNCTION LOAD code",
    options: { keys: "user:*", dbs: 5 },
    passes: true,
  },
  { it: "a script without keys", line: "EVAL code 0", options: { keys: "user:*" }, passes: true },
  { it: "unknown", line: "MY.SET k v", options: { keys: "user:*" }, passes: true },
  { it: "unknown by db", line: "MY.SET k v", db: 3, options: { dbs: 0 }, passes: true },
  { it: "unknown, dropped", line: "MY.SET k v", options: { keys: "*", unknown: "drop" }, passes: false },
  {
    it: "unknown, no keys asked",
    line: "MY.SET k v",
    options: { commands: "my.set", unknown: "drop" },
    passes: true,
  },
  { it: "malformed", line: "ZUNIONSTORE out nine a", options: { keys: "user:*" }, passes: true },
  {
    it: "malformed, dropped",
    line: "ZUNIONSTORE out nine a",
    options: { keys: "x*", unknown: "drop" },
    passes: false,
  },
  { it: "name in any case", line: "set k v", options: { commands: ["SeT"] }, passes: true },
  { it: "another name", line: "SETEX k 1 v", options: { commands: ["set"] }, passes: false },
  { it: "a container's name", line: "XGROUP CREATE s g 0", options: { commands: ["xgroup"] }, passes: true },
  { it: "types say nothing of commands", line: "SET k v", options: { types: ["hash"] }, passes: true },
  {
    it: "all options at once",
    line: "SET user:1 v",
    options: { keys: "user:*", dbs: 0, commands: "SET" },
    passes: true,
  },
];

describe("compileFilter: one command", () => {
  it.each(cases)("$it: $line", async ({ line, db = 0, options, passes }) => {
    const events = [aof(line, { db })];
    const expected = passes ? events.map(show) : [];
    expect(asSource(events, options)).toEqual(expected);
    expect(await asOperator(events, options)).toEqual(expected);
    expect(await inARow(events, options)).toEqual(expected);
  });

  it("asks the table it was given", () => {
    const table = createCommandTable({
      "MY.SET": {
        arity: -3,
        group: "module",
        flags: ["write"],
        keys: [{ access: "RW", begin: 1, range: [0, 1, 0] }],
      },
    });
    const filter = compileFilter({ keys: "user:*", table });
    expect(filter.passes(aof("MY.SET user:1 v"))).toBe(true);
    expect(filter.passes(aof("MY.SET order:1 v"))).toBe(false);
  });

  it("looks at keys in place where the command allows it", () => {
    const looked: number[] = [];
    class InPlaceCommand extends FakeCommand {
      testArg(index: number, test: (bytes: Uint8Array, start: number, end: number) => boolean): boolean {
        looked.push(index);
        const around = encodeUtf8(`user:<${this.text(index)}>user:`);
        return test(around, 6, around.length - 6);
      }
      override arg(): never {
        throw new Error("a view was made");
      }
    }
    const filter = compileFilter({ keys: ["user:*", encodeUtf8("b")] });
    const passes = (line: string) => filter.passes(new InPlaceCommand(line));
    expect(["SET user:1 v", "SET a v", "DEL a b", "DEL a bb", "MSET a 1 user:2 2"].map(passes)).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(looked).toEqual([1, 1, 1, 2, 1, 2, 1, 3]);
  });

  it("does not take one command for another whose name is as long and begins alike", () => {
    const filter = compileFilter({ dbs: 3 });
    for (let i = 0; i < 2; i++) {
      expect(filter.passes(aof("MSET a 1 b 2"))).toBe(false);
      expect(filter.passes(aof("MOVE a 3"))).toBe(true);
      expect(filter.passes(aof("MINE a 3"))).toBe(true);
    }
  });

  it("keeps the bytes of an exact key although the caller's array changes", () => {
    const wanted = encodeUtf8("a");
    const filter = compileFilter({ keys: wanted });
    wanted[0] = 0x62;
    expect(filter.passes(aof("DEL a"))).toBe(true);
    expect(filter.passes(aof("DEL b"))).toBe(false);
  });
});

describe("compileFilter: keys of the snapshot", () => {
  const value = { keys: "user:*", dbs: [1], types: ["hash", "set"] } as const;
  it.each([
    ["all three", key("user:1", "hash", [], { db: 1 }), "data"],
    ["another key", key("order:1", "hash", [], { db: 1 }), "skip"],
    ["another db", key("user:1", "hash", [], { db: 0 }), "skip"],
    ["another type", key("user:1", "string", [], { db: 1 }), "skip"],
  ])("%s", (_, event, expected) => {
    const filter = compileFilter(value);
    expect(filter.select(event)).toBe(expected);
    expect(filter.passes(event)).toBe(expected === "data");
  });

  it("does not read a key that db or type already exclude", () => {
    const header = {
      db: 0,
      type: "hash" as ValueType,
      get key(): Uint8Array {
        throw new Error("read");
      },
    };
    expect(compileFilter({ keys: "*", dbs: 1 }).select(header)).toBe("skip");
    expect(compileFilter({ keys: "*", types: "set" }).select(header)).toBe("skip");
    expect(compileFilter({ types: "hash", commands: "SET" }).select(header)).toBe("data");
    expect(() => compileFilter({ keys: "*" }).select(header)).toThrow("read");
  });

  it("says when nothing concerns the snapshot or the commands", () => {
    expect(compileFilter({ commands: "SET" })).toMatchObject({ passesRdb: true, passesCommands: false });
    expect(compileFilter({ types: "set" })).toMatchObject({ passesRdb: false, passesCommands: true });
    expect(compileFilter({ keys: "a" })).toMatchObject({ passesRdb: false, passesCommands: false });
    expect(compileFilter({})).toMatchObject({ passesRdb: true, passesCommands: true });
  });
});

const rest: readonly RedisEvent[] = [
  link("connecting", { address: "h:1" }),
  link("progress", { lag: 0 }),
  link("reset", { reason: "backlog" }),
  rdb("begin"),
  rdb("aux", { key: "redis-ver" }),
  rdb("function", { codeText: "#!lua name=x" }),
  rdb("module-aux", { name: "m" }),
  rdb("slot-info", { slot: 1 }),
  rdb("end", { keys: 0 }),
  {
    kind: "aof",
    event: "timestamp",
    at: 1,
    offset: 0,
    file: "f",
    position: undefined,
    receivedAt: undefined,
  },
];

describe("compileFilter: everything else", () => {
  it.each(rest)("$kind $event passes whatever is selected", (event) => {
    const options: FilterOptions = { keys: [], dbs: [], types: [], commands: [], unknown: "drop" };
    expect(asSource([event], options)).toEqual([show(event)]);
  });
});

describe("FilterStage: MULTI and EXEC", () => {
  const run = (events: readonly RedisEvent[], keys = "user:*") => asSource(events, { keys });

  it.each([
    [["MULTI", "SET a 1", "EXEC"], []],
    [
      ["MULTI", "SET user:1 1", "EXEC"],
      ["MULTI", "SET user:1 1", "EXEC"],
    ],
    [
      ["MULTI", "SET a 1", "SET user:1 1", "SET b 1", "DEL user:2", "EXEC"],
      ["MULTI", "SET user:1 1", "DEL user:2", "EXEC"],
    ],
    [
      ["MULTI", "SET a 1", "EXEC", "SET user:1 1", "MULTI", "SET user:2 1", "EXEC", "MULTI", "EXEC"],
      ["SET user:1 1", "MULTI", "SET user:2 1", "EXEC"],
    ],
  ])("%j", (lines, expected) => {
    expect(run(stream(lines))).toEqual(expected.map((line) => `0: ${line}`));
  });

  it("lets them pass as they are when nothing judges commands", () => {
    expect(asSource(stream(["MULTI", "EXEC"]), { types: "set" })).toEqual(["0: MULTI", "0: EXEC"]);
  });

  it("does not let them pass for their names", () => {
    const events = stream(["MULTI", "SET a 1", "EXEC"]);
    expect(asSource(events, { commands: ["MULTI", "EXEC", "DEL"] })).toEqual([]);
    expect(asSource(events, { commands: "SET" })).toEqual(["0: MULTI", "0: SET a 1", "0: EXEC"]);
  });

  it("lets what is no command go ahead of a held MULTI", () => {
    const [multi, set, exec] = stream(["MULTI", "SET user:1 1", "EXEC"]);
    expect(run([multi!, link("lag", {}), set!, exec!])).toEqual([
      "link lag",
      "0: MULTI",
      "0: SET user:1 1",
      "0: EXEC",
    ]);
  });

  it("goes on inside a transaction after a cut and a partial resync", () => {
    const [multi, set, exec] = stream(["MULTI", "SET user:1 1", "EXEC"]);
    const cut = [link("disconnected", {}), link("retry", {}), link("continue", {})];
    expect(run([multi!, ...cut, set!, exec!]).slice(3)).toEqual(["0: MULTI", "0: SET user:1 1", "0: EXEC"]);
    expect(run([multi!, set!, ...cut, exec!]).at(-1)).toBe("0: EXEC");
  });

  it.each(["reset", "fullresync"] as const)("forgets a transaction at %s", (name) => {
    const [multi] = stream(["MULTI"]);
    const [, second, exec] = stream(["MULTI", "SET user:2 1", "EXEC"]);
    expect(run([multi!, link(name, {}), aof("SET user:1 1")])).toEqual([`link ${name}`, "0: SET user:1 1"]);
    // Even if the rest of one should follow, its MULTI belonged to another history.
    expect(run([multi!, link(name, {}), second!, exec!])).toEqual([`link ${name}`, "0: SET user:2 1"]);
  });

  it("drops the EXEC of a transaction whose MULTI was not seen", () => {
    const [, set, exec] = stream(["MULTI", "SET user:1 1", "EXEC"]);
    expect(run([set!, exec!])).toEqual(["0: SET user:1 1"]);
  });

  it("tells the shards of a cluster apart", () => {
    const a = stream(["MULTI", "SET user:1 1", "EXEC"], "a");
    const b = stream(["MULTI", "SET b 1", "EXEC"], "b");
    const interleaved = [a[0]!, b[0]!, b[1]!, a[1]!, b[2]!, a[2]!];
    expect(run(interleaved)).toEqual(["a/0: MULTI", "a/0: SET user:1 1", "a/0: EXEC"]);
  });

  it("forgets everything on reset()", () => {
    const stage = compileFilter({ keys: "user:*" }).stage();
    const out: string[] = [];
    const emit = (event: RedisEvent) => out.push(show(event));
    const [multi, set] = stream(["MULTI", "SET user:1 1"]);
    stage.push(multi!, emit);
    stage.reset();
    stage.push(set!, emit);
    expect(out).toEqual(["0: SET user:1 1"]);
  });
});

describe("compileFilter: wrong options", () => {
  it.each([
    [{ keys: 42 }, TypeError],
    [{ keys: [42] }, TypeError],
    [{ dbs: -1 }, RangeError],
    [{ dbs: [1.5] }, RangeError],
    [{ dbs: ["0"] }, RangeError],
    [{ types: ["strings"] }, TypeError],
    [{ commands: [""] }, TypeError],
    [{ commands: [1] }, TypeError],
    [{ unknown: "keep" }, TypeError],
  ])("%j", (options, type) => {
    expect(() => compileFilter(options as unknown as FilterOptions)).toThrow(type);
  });
});

// Slots by redis-cli CLUSTER KEYSLOT: a 15495, b 3300, {a}x 15495.
describe("compileFilter: slots, families and flags", () => {
  it.each<[FilterOptions, string, boolean]>([
    [{ slots: 15495 }, "SET a 1", true],
    [
      {
        slots: [
          { start: 15496, end: 16383 },
          { start: 0, end: 15494 },
        ],
      },
      "SET a 1",
      false,
    ],
    [{ slots: { start: 15495, end: 15495 } }, "SET {a}x 1", true],
    [{ slots: 3300 }, "MSET a 1 b 2", true],
    [{ slots: [] }, "SET a 1", false],
    [{ slots: 0 }, "FLUSHALL", true],
    [{ slots: 0 }, "PUBLISH a x", true],
    [{ slots: 3300 }, "SPUBLISH a x", true],
    [{ slots: 0 }, "MODULE.CMD a", true],
    [{ slots: 0, unknown: "drop" }, "MODULE.CMD a", false],
    [{ slots: 50 }, "TRIMSLOTS RANGES 1 0 99", true],
    [{ slots: 100 }, "TRIMSLOTS RANGES 1 0 99", false],
    [{ families: "hash" }, "HSET h f v", true],
    [{ families: "hash" }, "SET h f", false],
    [{ families: ["stream"] }, "xgroup create s g $", true],
    [{ families: ["sorted-set"] }, "XGROUP CREATE s g $", false],
    [{ families: "hash" }, "MODULE.CMD a", true],
    [{ families: "hash", unknown: "drop" }, "MODULE.CMD a", false],
    [{ families: "stream", unknown: "drop" }, "XGROUP NONE", false],
    [{ families: "stream", unknown: "drop" }, "XGROUP", false],
    [{ flags: "write" }, "DEL a", true],
    [{ flags: "write" }, "PUBLISH a x", false],
    [{ flags: ["admin", "denyoom"] }, "SET a 1", true],
    [{ flags: "write" }, "FUNCTION FLUSH", true],
    [{ flags: [] }, "DEL a", false],
  ])("%o judges %s", (options, line, passes) => {
    expect(compileFilter(options).passesCommand(aof(line))).toBe(passes);
    expect(compileFilter(options).passes(aof(line))).toBe(passes);
  });

  it("judges keys of the snapshot by slots only", () => {
    const a = key("a", "string", []);
    expect(compileFilter({ slots: 15495 }).select(a)).toBe("data");
    expect(compileFilter({ slots: 3300 }).select(a)).toBe("skip");
    expect(compileFilter({ families: [], flags: [] })).toMatchObject({
      passesRdb: true,
      passesCommands: false,
    });
  });

  it("takes groups of a table of one's own", () => {
    const table = createCommandTable({ "MY.CMD": { arity: 2, group: "mine", flags: ["write"] } });
    expect(compileFilter({ families: "mine", table, unknown: "drop" }).passesCommand(aof("MY.CMD a"))).toBe(
      true,
    );
  });

  it.each<[FilterOptions, typeof Error]>([
    [{ slots: 16384 }, RangeError],
    [{ slots: -1 }, RangeError],
    [{ slots: { start: 5, end: 4 } }, RangeError],
    [{ slots: "1" as never }, RangeError],
    [{ families: "hashes" }, TypeError],
    [{ flags: "writes" as never }, TypeError],
  ])("refuses %o", (options, type) => {
    expect(() => compileFilter(options)).toThrow(type);
  });
});

describe("compileFilter: properties", () => {
  const events = fc
    .tuple(
      fc.array(snapshotKey, { maxLength: 8 }),
      fc.array(oneUnit, { maxLength: 20 }),
      fc.array(fc.nat(60)),
    )
    .map(([keys, units, places]) => {
      const all: RedisEvent[] = [rdb("begin"), ...keys, rdb("end"), ...stream(units.flat())];
      // Link events other than those that begin a history anew may stand anywhere.
      for (const place of places) all.splice(place, 0, link("progress", { lag: place }));
      return all;
    });

  it("a source option, an operator and operators in a row give the same events", async () => {
    await fc.assert(
      fc.asyncProperty(events, filterOptions, async (all, chosen) => {
        const expected = asSource(all, chosen);
        expect(await asOperator(all, chosen)).toEqual(expected);
        expect(await inARow(all, chosen)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("MULTI and EXEC stay in pairs around at least one command, and order is kept", () => {
    fc.assert(
      fc.property(events, filterOptions, (all, chosen) => {
        fc.pre(!compileFilter(chosen).passesCommands);
        const commands = all.filter((event) => event.kind === "aof");
        const stage = compileFilter(chosen).stage();
        const passed: RedisEvent[] = [];
        for (const event of commands) stage.push(event, (out) => passed.push(out));
        let inside = -1;
        for (const event of passed) {
          const name = (event as FakeCommand).name;
          if (name === "MULTI") {
            expect(inside).toBe(-1);
            inside = 0;
          } else if (name === "EXEC") {
            expect(inside).toBeGreaterThan(0);
            inside = -1;
          } else if (inside >= 0) inside++;
        }
        expect(inside).toBe(-1);
        const places = passed.map((event) => commands.indexOf(event as FakeCommand));
        expect(places).toEqual([...places].sort((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });
});

/** What the operators by key and by rate do beyond what every operator must. */
import { from, lastValueFrom, map, mergeMap, of, Subject, toArray } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { encodeUtf8, utf8 } from "../../src/bytes/text.ts";
import { ReplicaError } from "../../src/errors.ts";
import type { RedisEvent } from "../../src/events.ts";
import { coalesce } from "../../src/rx/coalesce.ts";
import { createGate } from "../../src/rx/create_gate.ts";
import { filterSlots } from "../../src/rx/filter_slots.ts";
import { fromBatches } from "../../src/rx/from_batches.ts";
import { groupByKey } from "../../src/rx/group_by_key.ts";
import { mapKeys } from "../../src/rx/map_keys.ts";
import { partition } from "../../src/rx/partition.ts";
import { rateLimit } from "../../src/rx/rate_limit.ts";
import { aof, key, link, show, stream } from "./events.ts";

function marbles(test: Parameters<TestScheduler["run"]>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(test);
}

const lines = [
  "SET a 1",
  "MSET a 2 b 3",
  "MULTI",
  "INCR c",
  "DEL b",
  "EXEC",
  "PUBLISH a x",
  "MODULE.WRITE a 1",
  "FLUSHALL",
  "MULTI",
  "SET d 1",
  "EXEC",
];
const events: readonly RedisEvent[] = [
  link("fullresync"),
  key("a", "string", encodeUtf8("v")),
  ...stream(lines),
  link("progress"),
];

describe("partition", () => {
  it.each([1, 2, 3, 7, 1024])("into %i: each part is what filterSlots keeps for its range", async (n) => {
    const pairs = await lastValueFrom(from(events).pipe(partition(n), toArray()));
    const indexes = n > 10 ? [0, 206, 460, 706, 968, 1023] : [...Array(n).keys()];
    for (const index of indexes) {
      const range = { start: Math.ceil((index * 16384) / n), end: Math.ceil(((index + 1) * 16384) / n) - 1 };
      const expected = await lastValueFrom(from(events).pipe(filterSlots(range), map(show), toArray()));
      expect(pairs.filter(([part]) => part === index).map(([, event]) => show(event))).toEqual(expected);
    }
    expect(new Set(pairs.map(([part]) => part)).size).toBe(n);
  });

  it.each([0, 1.5, 1025, Number.NaN])("refuses %d parts", (n) => {
    expect(() => partition(n)).toThrow(RangeError);
  });
});

describe("mapKeys", () => {
  const prefix = (bytes: Uint8Array, db: number) => concat([encodeUtf8(`${db}/`), bytes]);
  const mapped = (event: RedisEvent) => lastValueFrom(of(event).pipe(mapKeys(prefix)));

  it.each([
    ["SET a a", "SET 0/a a"],
    ["mset a a b b", "mset 0/a a 0/b b"],
    ["COPY a b DB 3", "COPY 0/a 3/b DB 3"],
    ["EVAL script 2 a b a", "EVAL script 2 0/a 0/b a"],
    ["XREADGROUP GROUP a b STREAMS a b 1 2", "XREADGROUP GROUP a b STREAMS 0/a 0/b 1 2"],
    ["PUBLISH a a", "PUBLISH a a"],
    ["SPUBLISH a a", "SPUBLISH a a"],
    ["MULTI", "MULTI"],
    ["FLUSHALL", "FLUSHALL"],
  ])("%s becomes %s", async (before, after) => {
    const event = await mapped(aof(before, { offset: 7 }));
    if (event.kind !== "aof" || event.event !== "command") throw new Error("not a command");
    const words = after.split(" ");
    expect(event.args.map((arg) => utf8(arg))).toEqual(words);
    expect([event.argc, event.offset, event.name]).toEqual([words.length, 7, words[0]!.toUpperCase()]);
    expect([event.text(1), event.arg(99)]).toEqual([words[1], undefined]);
    expect(event.detach().text(1)).toBe(words[1]);
  });

  it("renames when read, and once", async () => {
    let calls = 0;
    const rename = (bytes: Uint8Array) => {
      calls++;
      return bytes;
    };
    const source: RedisEvent[] = [aof("SET a 1"), key("a", "string", encodeUtf8("v"))];
    const [command, record] = await lastValueFrom(from(source).pipe(mapKeys(rename), toArray()));
    expect([command!.kind, record!.event, calls]).toEqual(["aof", "key", 0]);
    for (let i = 0; i < 3; i++) (command as ReturnType<typeof aof>).text(1);
    for (let i = 0; i < 3; i++) (record as ReturnType<typeof key>).keyText;
    expect(calls).toBe(2);
  });

  it("renames keys of the snapshot and leaves all else of them", async () => {
    const before = key("a", "set", [encodeUtf8("a")], { db: 2, part: 1, last: false, total: 9, count: 4 });
    const after = await mapped(before);
    if (after.kind !== "rdb" || after.event !== "key") throw new Error("not a key");
    expect([after.keyText, utf8(after.key), after.detach().keyText]).toEqual(["2/a", "2/a", "2/a"]);
    const fields = Object.keys(before).filter((name) => !["key", "keyText", "detach"].includes(name));
    for (const name of fields)
      expect([name, Reflect.get(after, name)]).toEqual([name, Reflect.get(before, name)]);
  });

  it("ends at a command whose keys cannot be told, or lets it through", async () => {
    for (const words of ["MODULE.WRITE a", "EVAL script 9 a"]) {
      const event = aof(words, { offset: 30, db: 1 });
      const failed = await lastValueFrom(of(event).pipe(mapKeys(prefix))).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(ReplicaError);
      expect(failed).toMatchObject({ code: "UNSUPPORTED", offset: 30, db: 1 });
      expect(await lastValueFrom(of(event).pipe(mapKeys(prefix, { unknown: "pass" })))).toBe(event);
    }
  });
});

describe("coalesce", () => {
  it("passes the last write of each key, several keys, MULTI and all else as told", async () => {
    const seen = await lastValueFrom(from(events).pipe(coalesce({ ms: 10 }), map(show), toArray()));
    expect(seen).toEqual([
      "link fullresync",
      "0: a string 0.",
      "0: MSET a 2 b 3",
      "0: INCR c",
      "0: DEL b",
      "0: PUBLISH a x",
      "0: MODULE.WRITE a 1",
      "0: FLUSHALL",
      "0: SET d 1",
      "link progress",
    ]);
  });

  it.each([
    ["maxKeys", { maxKeys: 2 }],
    ["maxBytes", { maxBytes: 8 }],
  ])("ends a window at %s", (_name, bound) => {
    const seen: string[] = [];
    const source = new Subject<RedisEvent>();
    source.pipe(coalesce({ ms: 1000, ...bound }), map(show)).subscribe((text) => seen.push(text));
    source.next(aof("DEL a"));
    expect(seen).toEqual([]);
    source.next(aof("DEL b"));
    expect(seen).toEqual(["0: DEL a", "0: DEL b"]);
  });

  it("tells dbs and shards apart", async () => {
    const source = [aof("DEL a"), aof("DEL a", { db: 1 }), aof("DEL a", { shard: "s" }), aof("DEL a")];
    const seen = await lastValueFrom(from(source).pipe(coalesce({ ms: 10 }), map(show), toArray()));
    expect(seen).toEqual(["1: DEL a", "s/0: DEL a", "0: DEL a"]);
  });

  it("begins a window with its first write, and keeps it while the gate is held", async () => {
    const gate = createGate();
    const scheduler = new TestScheduler(() => {});
    const seen: string[] = [];
    const source = new Subject<RedisEvent>();
    source.pipe(coalesce({ ms: 10, gate, scheduler }), map(show)).subscribe((text) => seen.push(text));
    const release = gate.hold();
    source.next(aof("SET a 1"));
    scheduler.maxFrames = 10;
    scheduler.flush();
    source.next(aof("SET a 2"));
    expect(seen).toEqual([]);
    release();
    await gate.opened();
    await Promise.resolve();
    expect(seen).toEqual(["0: SET a 2"]);
  });

  it.each([{ ms: 0 }, { ms: 1, maxKeys: 0 }, { ms: 1, maxBytes: Number.NaN }])("refuses %o", (options) => {
    expect(() => coalesce(options)).toThrow(RangeError);
  });
});

describe("groupByKey", () => {
  it("puts a command into the group of each of its keys, once", async () => {
    const source: RedisEvent[] = [aof("MSET a 1 b 2 a 3"), aof("PUBLISH a x"), aof("DEL a", { db: 1 })];
    const groups: string[] = [];
    const seen = await lastValueFrom(
      from(source).pipe(
        groupByKey(),
        mergeMap((group) => {
          groups.push(`${group.db} ${group.key && utf8(group.key)}`);
          return group.pipe(map(show));
        }),
        toArray(),
      ),
    );
    expect(groups).toEqual(["0 a", "0 b", "undefined undefined", "1 a"]);
    expect(seen).toEqual(["0: MSET a 1 b 2 a 3", "0: MSET a 1 b 2 a 3", "0: PUBLISH a x", "1: DEL a"]);
  });

  it("keeps at most maxGroups open and closes the one least recently used", () => {
    const log: string[] = [];
    const source = new Subject<RedisEvent>();
    source.pipe(groupByKey({ maxGroups: 2 })).subscribe((group) => {
      const name = utf8(group.key!);
      log.push(`+${name}`);
      group.subscribe({ complete: () => log.push(`-${name}`) });
    });
    for (const name of ["a", "b", "a", "c", "b"]) source.next(aof(`DEL ${name}`));
    expect(log).toEqual(["+a", "+b", "-b", "+c", "-a", "+b"]);
    source.complete();
    expect(log.slice(6)).toEqual(["-c", "-b"]);
  });

  it("closes groups that are idle", () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold<RedisEvent>("a-b-a-------|", { a: aof("DEL a"), b: aof("DEL b") });
      const ends = source.pipe(
        groupByKey({ idle: 5 }),
        mergeMap((group) =>
          group.pipe(
            toArray(),
            map((all) => `${utf8(group.key!)}${all.length}`),
          ),
        ),
      );
      expectObservable(ends).toBe("-------b-a--|", { a: "a2", b: "b1" });
    });
  });

  it("passes an error to every group, and completes them when it is let go", () => {
    for (const act of ["error", "unsubscribe"] as const) {
      const log: string[] = [];
      const source = new Subject<RedisEvent>();
      const subscription = source.pipe(groupByKey()).subscribe({
        next: (group) =>
          group.subscribe({ error: () => log.push("failed"), complete: () => log.push("completed") }),
        error: () => log.push("error"),
      });
      source.next(aof("MSET a 1 b 2"));
      if (act === "error") source.error(new Error("boom"));
      else subscription.unsubscribe();
      expect(log).toEqual(act === "error" ? ["failed", "failed", "error"] : ["completed", "completed"]);
    }
  });

  it.each([{ maxGroups: 0 }, { idle: 0 }, { maxGroups: 1.5 }])("refuses %o", (options) => {
    expect(() => groupByKey(options)).toThrow(RangeError);
  });
});

describe("rateLimit", () => {
  it("passes a burst, then one each time its share of a second has gone, then the end", () => {
    marbles(({ cold, expectObservable }) => {
      const limited = (source: string) =>
        cold(source).pipe(rateLimit({ perSecond: 125, burst: 2, gate: createGate() }));
      expectObservable(limited("(abcd|)")).toBe("(ab)----c-------(d|)");
      expectObservable(limited("(abcd#)")).toBe("(ab)----c-------(d#)");
      // A pause earns no more than the burst.
      expectObservable(limited("a 999ms (bcd|)")).toBe("a 999ms (bc)----(d|)");
    });
  });

  it("holds the gate while the next is not due, and lets it go when it is let go", () => {
    const gate = createGate();
    const scheduler = new TestScheduler(() => {});
    const seen: number[] = [];
    const source = new Subject<number>();
    const limited = source.pipe(rateLimit({ perSecond: 100, burst: 1, gate, scheduler }));
    const subscription = limited.subscribe((value) => seen.push(value));
    expect(gate.held).toBe(false);
    source.next(1);
    expect([gate.held, seen]).toEqual([true, [1]]);
    scheduler.maxFrames = 10;
    scheduler.flush();
    expect(gate.held).toBe(false);
    source.next(2);
    expect([gate.held, seen]).toEqual([true, [1, 2]]);
    subscription.unsubscribe();
    expect(gate.held).toBe(false);
  });

  it("keeps nothing of a source with the same gate, and lets all of it pass", async () => {
    const gate = createGate();
    const batch = stream(Array.from({ length: 50 }, (_, index) => `DEL ${index}`));
    const source = fromBatches(async function* () {
      yield batch;
    }, gate);
    const limited = source.pipe(rateLimit({ perSecond: 2000, burst: 3, gate, maxWaiting: 0 }), toArray());
    expect(await lastValueFrom(limited)).toEqual(batch);
  });

  it("ends with LIMIT when a source does not look at the gate", async () => {
    const limited = from([1, 2, 3, 4]).pipe(
      rateLimit({ perSecond: 1, burst: 1, gate: createGate(), maxWaiting: 2 }),
      toArray(),
    );
    await expect(lastValueFrom(limited)).rejects.toMatchObject({ code: "LIMIT" });
  });

  it.each([{ perSecond: 0 }, { perSecond: 1, burst: 0.5 }, { perSecond: 1, maxWaiting: -1 }])(
    "refuses %o",
    (options) => {
      expect(() => rateLimit({ gate: createGate(), ...options })).toThrow(RangeError);
    },
  );
});

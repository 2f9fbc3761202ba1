import { lastValueFrom, of, toArray } from "rxjs";
import { expect, test } from "vitest";
import { concat } from "../../src/bytes/mod.ts";
import type { RedisEvent } from "../../src/events.ts";
import { RdbDecoder } from "../../src/rdb/mod.ts";
import { DiffOnReset } from "../../src/rx/mod.ts";
import { dumpBody, hex, keyRecord, latin1, rdbFile } from "../rdb/support.ts";
import { DUMP_VECTORS } from "../rdb/vectors.ts";
import { FakeCommand } from "./events.ts";

/** The events of a snapshot with these strings. */
function snapshot(values: Readonly<Record<string, string>>, shard?: string): RedisEvent[] {
  const records = Object.entries(values).map(([key, value]) =>
    keyRecord(key, concat([Uint8Array.of(0, value.length), latin1(value)])),
  );
  return decode(rdbFile(12, ...records), shard);
}

function decode(file: Uint8Array, shard?: string): RedisEvent[] {
  const events: RedisEvent[] = [];
  const context = { replid: undefined, receivedAt: undefined, shard, file: undefined };
  new RdbDecoder({ onEvent: (event) => events.push(event), context }).write(file);
  return events;
}

const reset: RedisEvent = {
  kind: "link",
  event: "reset",
  reason: "backlog",
  lostFrom: 1,
  lostTo: 2,
  position: undefined,
  receivedAt: undefined,
};

async function diffs(diff: DiffOnReset, events: readonly RedisEvent[]): Promise<string[]> {
  const out = await lastValueFrom(of(...events).pipe(diff.operator(), toArray()));
  expect(out.filter((event) => !(event.kind === "link" && event.event === "diff"))).toEqual(events);
  return out.flatMap((event) =>
    event.kind === "link" && event.event === "diff"
      ? [`${event.op} ${event.db} ${Buffer.from(event.key).toString()}${event.sure ? "" : " ?"}`]
      : [],
  );
}

test("DiffOnReset tells what appeared, changed and vanished, and nothing at the first snapshot", async () => {
  const diff = new DiffOnReset();
  const first = snapshot({ a: "1", b: "1", c: "1" });
  expect(await diffs(diff, first)).toEqual([]);
  expect(await diffs(diff, [reset, ...snapshot({ a: "1", b: "2", d: "1" })])).toEqual([
    "changed 0 b",
    "appeared 0 d",
    "vanished 0 c",
  ]);
  expect(await diffs(diff, [reset, ...snapshot({ a: "1", b: "2", d: "1" })])).toEqual([]);
});

test("DiffOnReset is unsure of keys that commands named, and follows deletions, renames and whole dbs", async () => {
  const diff = new DiffOnReset();
  await diffs(diff, snapshot({ a: "1", b: "1", c: "1", d: "1" }));
  const commands = ["SET a 2", "DEL b", "RENAME c e", "MOVE d 1", "SET new 1"].map(
    (words) => new FakeCommand(words),
  );
  expect(await diffs(diff, [...commands, reset, ...snapshot({ a: "2", b: "1", e: "1" })])).toEqual([
    "changed 0 a ?",
    "appeared 0 b",
    "changed 0 e ?",
    "vanished 0 c ?",
    "vanished 0 d ?",
    "vanished 0 new ?",
    "vanished 1 d ?",
  ]);
  expect(await diffs(diff, [new FakeCommand("FLUSHDB"), reset, ...snapshot({ a: "2" })])).toEqual([
    "appeared 0 a",
  ]);
  expect(await diffs(diff, [new FakeCommand("SWAPDB 0 3"), reset, ...snapshot({ a: "2" })])).toEqual([
    "appeared 0 a",
    "vanished 3 a",
  ]);
  expect(await diffs(diff, [new FakeCommand("MYMODULE.DO a"), reset, ...snapshot({ a: "2" })])).toEqual([
    "changed 0 a ?",
  ]);
});

test("DiffOnReset compares on after a snapshot that was cut", async () => {
  const diff = new DiffOnReset();
  await diffs(diff, snapshot({ a: "1", b: "1", c: "1" }));
  const cut = snapshot({ a: "9", b: "1", c: "1" }).slice(0, 2);
  expect(await diffs(diff, [reset, ...cut])).toEqual(["changed 0 a"]);
  expect(await diffs(diff, [reset, ...snapshot({ a: "1", c: "1" })])).toEqual([
    "changed 0 a",
    "vanished 0 b",
  ]);
});

/** A value as text, whatever order its elements came in. */
function unordered(value: unknown): string {
  return Array.isArray(value)
    ? value
        .map((element) => JSON.stringify(element))
        .sort()
        .join()
    : JSON.stringify(value);
}

test("DiffOnReset finds a change in a value of any type, and none in the same value", async () => {
  for (const vector of DUMP_VECTORS.filter(({ id }) => id !== "H4" && !id.startsWith("H"))) {
    const file = rdbFile(vector.version, keyRecord("k", dumpBody(hex(vector.hex))));
    const diff = new DiffOnReset();
    await diffs(diff, decode(file));
    expect(await diffs(diff, [reset, ...decode(file)])).toEqual([]);
    const other = DUMP_VECTORS.find(
      ({ id, type, version, value }) =>
        id !== vector.id &&
        type === vector.type &&
        version === vector.version &&
        unordered(value) !== unordered(vector.value),
    );
    if (other === undefined) continue;
    const changed = rdbFile(other.version, keyRecord("k", dumpBody(hex(other.hex))));
    expect(await diffs(diff, [reset, ...decode(changed)])).toEqual(["changed 0 k"]);
  }
});

test("DiffOnReset goes on from saved state", async () => {
  const diff = new DiffOnReset();
  const position = { replid: "0".repeat(40), offset: 7, db: 0 };
  await diffs(diff, [...snapshot({ a: "1", b: "1" }), new FakeCommand("SET a 2", { offset: 7 })]);
  const saved = diff.save();
  expect(saved.position).toMatchObject({ offset: position.offset });
  const next = new DiffOnReset();
  next.load(saved);
  expect(await diffs(next, [reset, ...snapshot({ a: "2", b: "2" })])).toEqual([
    "changed 0 a ?",
    "changed 0 b",
  ]);
});

test("DiffOnReset gives up above its bound and says so", async () => {
  const diff = new DiffOnReset({ maxKeys: 2 });
  const out = await lastValueFrom(
    of(...snapshot({ a: "1", b: "1", c: "1", d: "1" })).pipe(diff.operator(), toArray()),
  );
  expect(out.filter((event) => event.event === "warning")).toHaveLength(1);
  expect(diff.size).toBe(0);
  expect(await diffs(diff, [reset, ...snapshot({ a: "2" })])).toEqual([]);
  expect(await diffs(diff, [reset, ...snapshot({ a: "3" })])).toEqual(["changed 0 a"]);
});

test("DiffOnReset keeps the shards of a cluster apart", async () => {
  const diff = new DiffOnReset();
  // One snapshot after the other, and one inside the other.
  expect(await diffs(diff, [...snapshot({ a: "1", moved: "1" }, "A"), ...snapshot({ b: "1" }, "B")])).toEqual(
    [],
  );
  const [begin, ...rest] = snapshot({ c: "1" }, "C");
  expect(await diffs(diff, [begin!, ...snapshot({ a: "1", moved: "1" }, "A"), ...rest])).toEqual([]);
  // A key moves: it is restored at B, and A says nothing of it.
  const restored = new FakeCommand("RESTORE-ASKING moved 0 payload", { shard: "B" });
  expect(await diffs(diff, [restored])).toEqual([]);
  const after = [{ ...reset, shard: "A" }, ...snapshot({ d: "1" }, "A")];
  expect(await diffs(diff, after)).toEqual(["appeared 0 d", "vanished 0 a"]);
});

/** A cluster's shards applied to a target that holds all of them. */
import { from } from "rxjs";
import { expect, test } from "vitest";
import { encodeUtf8, latin1 } from "../../src/bytes/text.ts";
import type { Position, RedisEvent } from "../../src/events.ts";
import { type ApplyOptions, applyTo } from "../../src/rx/apply_to.ts";
import type { TargetReply } from "../../src/rx/target_client.ts";
import { toCommands } from "../../src/rx/to_commands.ts";
import { aof, key, link, position, rdb, stream } from "../rx/events.ts";

/** Where both shards stand. */
function place(a: number, b: number): Position {
  return { ...position(a), shards: { a: position(a), b: position(b) } };
}

const begins = (shard: string): RedisEvent[] => [
  link("fullresync", { shard }),
  rdb("begin", { shard }),
  key(`${shard}1`, "string", encodeUtf8("1"), { shard }),
];
/** Both shards' snapshots, one inside the other. */
const SNAPSHOTS: readonly RedisEvent[] = [
  ...begins("a"),
  ...begins("b"),
  rdb("end", { shard: "a" }),
  aof("INCR early", { shard: "a", position: undefined }),
  rdb("end", { shard: "b", position: place(10, 20) }),
];
const write = (words: string, shard = "a"): RedisEvent => aof(words, { shard, position: place(30, 20) });

async function apply(events: readonly RedisEvent[], options: ApplyOptions = {}) {
  const lines: string[] = [];
  const send = async (commands: readonly (readonly Uint8Array[])[]): Promise<TargetReply[]> => {
    const replies: TargetReply[] = [];
    for (const args of commands) {
      const line = args.map((arg) => latin1(arg)).join(" ");
      lines.push(line.replace(/\{"version".*"shards":.*/, "@").replace('{"version":1}', "none"));
      if (line === "EXEC") replies.push([]);
      else if (line.startsWith("INFO")) replies.push("");
      else if (line.startsWith("FUNCTION DELETE")) replies.push(new Error("ERR Library not found"));
      else replies.push(line.startsWith("EXISTS") ? 0 : "OK");
    }
    return replies;
  };
  let failure: { readonly code?: string; readonly message?: string } | undefined;
  await from(events)
    .pipe(toCommands(), applyTo({ send }, { maxBatchCommands: 1, ...options }))
    .forEach(() => {})
    .catch((error: { readonly code?: string }) => {
      failure = error;
    });
  return { lines, failure };
}

test("the first snapshot takes the place of what is there, the next ones join it", async () => {
  const { lines, failure } = await apply(SNAPSHOTS, { existing: "flush" });
  expect(failure).toBeUndefined();
  expect(lines.filter((line) => line.startsWith("FLUSHALL"))).toEqual(["FLUSHALL"]);
  expect(lines.filter((line) => /^(SET|INCR)/.test(line))).toEqual(["SET a1 1", "SET b1 1", "INCR early"]);
});

test("the position in the target is none until every shard has one", async () => {
  const waiting = aof("INCR n", { shard: "a", position: undefined });
  const late = [...begins("c"), waiting, rdb("end", { shard: "c", position: place(30, 20) })];
  const events = [...SNAPSHOTS, write("INCR n"), waiting, ...late, write("INCR n")];
  const { lines, failure } = await apply(events, { positionIn: { key: "pos", db: 0 } });
  expect(failure).toBeUndefined();
  const told = lines.filter((line) => /^(SET|INCR)/.test(line)).join("|");
  expect(told).toBe(
    [
      ...["SET pos none", "SET a1 1", "SET pos none", "SET b1 1", "INCR early"],
      ...["INCR n", "SET pos @"],
      // Without a position though nothing was announced yet: the one kept must not stand for it.
      ...["SET pos none", "INCR n"],
      ...["SET pos none", "SET c1 1", "INCR n"],
      ...["INCR n", "SET pos @"],
    ].join("|"),
  );
});

test("transactions of shards that interleave stay whole", async () => {
  const [multi, first, , exec] = stream(["MULTI", "SET a 1", "SET x 1", "EXEC"], "a");
  const other = stream(["MULTI", "SET b 1", "SET b 2", "EXEC"], "b");
  const events = [multi!, other[0]!, first!, other[1]!, other[2]!, exec!, other[3]!];
  const { lines } = await apply(events);
  expect(lines.join("|")).toBe("SELECT 0|SET a 1|MULTI|SET b 1|SET b 2|EXEC");
});

test.each<[string, readonly RedisEvent[], RegExp]>([
  ["FLUSHALL", [write("FLUSHALL")], /FLUSHALL of the shard a alone/],
  ["FLUSHDB", [write("FLUSHDB ASYNC", "b")], /FLUSHDB of the shard b alone/],
  ["slots flushed", [write("CLUSTER FLUSHSLOT 3")], /CLUSTER of the shard a alone/],
  ["a hole", [link("reset", { shard: "b", reason: "backlog" })], /shard b: .*hole \(backlog\)/],
  ["a second snapshot", begins("a"), /shard a: .*once more/],
])("what concerns the keys of one shard begins anew: %s", async (_, events, message) => {
  const { lines, failure } = await apply([...SNAPSHOTS, write("INCR n"), ...events, write("INCR never")]);
  expect(failure).toMatchObject({ code: "HISTORY", message: expect.stringMatching(message) });
  expect(lines).toContain("INCR n");
  expect(lines).not.toContain("INCR never");
});

test("with merge a shard's snapshot may come again", async () => {
  const again = [link("reset", { shard: "a", reason: "backlog" }), ...begins("a")];
  const { lines, failure } = await apply([...SNAPSHOTS, ...again], { existing: "merge" });
  expect(failure).toBeUndefined();
  expect(lines.filter((line) => line === "SET a1 1")).toHaveLength(2);
  expect(lines).not.toContain("FLUSHALL");
});

test("resumed: a shard that the position does not know begins all anew, one that comes later joins", async () => {
  const goesOn = (shard: string) => link("continue", { shard, position: place(10, 20) });
  const unknown = await apply([...begins("c"), goesOn("a")], { resumed: true, owned: true });
  expect(unknown.failure).toMatchObject({ code: "HISTORY", message: expect.stringMatching(/shard c/) });
  expect(unknown.lines).toEqual([]);
  const later = await apply([goesOn("a"), goesOn("b"), ...begins("c")], { resumed: true, owned: true });
  expect(later.failure).toBeUndefined();
  expect(later.lines).toEqual(["SELECT 0", "SET c1 1"]);
});

test("what every shard sends, and what comes with slots that move", async () => {
  const { lines, failure } = await apply([
    ...SNAPSHOTS,
    write("RESTORE-ASKING k 0 payload ABSTTL"),
    write("RESTORE-ASKING k 0 payload REPLACE IDLETIME 1"),
    write("TRIMSLOTS RANGES 1 0 5"),
    ...["a", "b"].flatMap((shard) => [
      write("FUNCTION LOAD code", shard),
      write("FUNCTION RESTORE payload APPEND", shard),
      write("FUNCTION DELETE lib", shard),
    ]),
  ]);
  expect(failure).toBeUndefined();
  const functions = ["FUNCTION LOAD REPLACE code", "FUNCTION RESTORE payload REPLACE", "FUNCTION DELETE lib"];
  expect(lines.filter((line) => !/^(SELECT|SET|INFO|INCR)/.test(line))).toEqual([
    "RESTORE k 0 payload REPLACE ABSTTL",
    "RESTORE k 0 payload REPLACE IDLETIME 1",
    ...functions,
    ...functions,
  ]);
});

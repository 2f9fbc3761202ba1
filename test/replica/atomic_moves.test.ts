/** Slots that move as a whole: what the streams show of it, and what is said then. */
import { afterEach, describe, expect, test } from "vitest";
import { keySlot } from "../../src/bytes/crc16.ts";
import type { RedisEvent } from "../../src/events.ts";
import { warnOfAtomicMoves } from "../../src/replica/atomic_moves.ts";
import { CommandTracker } from "../../src/stream/command_tracker.ts";
import { startCluster } from "../servers/cluster.ts";
import { describeServers } from "../servers/describe.ts";
import { connectClient } from "../support/client.ts";
import { Follower } from "./support/follower.ts";
import { bytes, command } from "./support/wire.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe("warnOfAtomicMoves", () => {
  const eventsOf = (...commands: readonly (readonly string[])[]): RedisEvent[] => {
    const events: RedisEvent[] = [];
    const tracker = new CommandTracker({ onEvent: (event) => events.push(event) });
    tracker.start({ offset: 100, db: 0 });
    tracker.write(bytes(commands.map((words) => command(...words)).join("")));
    return events;
  };
  const SET = ["SET", "k", "v"];

  const begins: readonly (readonly [string, readonly string[], string])[] = [
    [
      "Valkey",
      "CLUSTER SYNCSLOTS ESTABLISH SOURCE n NAME j SLOTSRANGE 5 9 70 70".split(" "),
      "Slots 5-9 70-70 ",
    ],
    ["Redis", "cluster syncslots CONF ASM-TASK t:a:b:import:connecting:5-9".split(" "), "Slots 5-9 "],
  ];
  test.each(begins)("says before the command of %s which slots begin to arrive", (_, words, text) => {
    const events = eventsOf(SET, words, SET);
    const told = warnOfAtomicMoves(events);
    expect(told.filter((_event, index) => index !== 1)).toEqual(events);
    const warning = { kind: "link", event: "warning", code: "HISTORY" };
    expect(told[1]).toMatchObject({ ...warning, message: expect.stringContaining(text) });
  });

  const others: readonly (readonly string[])[] = [
    "CLUSTER SYNCSLOTS ACK",
    "CLUSTER SYNCSLOTS FINISH STATE SUCCESS NAME j MESSAGE x",
    "CLUSTER SYNCSLOTS CONF ASM-TASK t:a:b:import:completed:5-9",
    "CLUSTER SYNCSLOTS CONF ASM-TASK t:a:b:migrate:wait-rdbchannel:5-9",
    "CLUSTER SYNCSLOTS CONF SLOT-INFO 5:1:0",
    "CLUSTER SYNCSLOTS CONF ASM-TASK",
    "CLUSTER SYNCSLOTS",
    "CLUSTER SETSLOT 5 NODE n",
    "SET SYNCSLOTS ESTABLISH",
  ].map((line) => line.split(" "));
  test("says nothing of other commands", () => {
    const events = eventsOf(...others);
    expect(warnOfAtomicMoves(events)).toBe(events);
  });
});

describeServers(
  "Slots that move as a whole",
  (kind) => {
    test("are told by a warning of the shard that gets them", async () => {
      const cluster = await startCluster({ kind, config: { "repl-diskless-sync-delay": "0" } });
      cleanups.push(() => cluster.stop());
      const slot = keySlot(bytes("k"));
      const home = await cluster.primaryOf(slot);
      const target = (await cluster.primaries()).find((node) => node !== home)!;
      const [from, to] = [await connectClient(home), await connectClient(target)];
      cleanups.push(
        () => from.close(),
        () => to.close(),
      );
      await from.command(["RPUSH", "k", "a"]);
      const follower = new Follower(cluster.url);
      cleanups.push(() => follower.stop());
      await follower.seen("online", 3);
      const [source, id] = [await from.text("CLUSTER", "MYID"), await to.text("CLUSTER", "MYID")];
      await from.command(["CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", id]);
      await follower.until("the deletion at the source", () => follower.commands.includes("UNLINK k"));
      await follower.until("the end", () =>
        follower.commands.some((words) => words.startsWith("CLUSTER SYNCSLOTS FINISH")),
      );
      const [warning, ...more] = follower.link("warning");
      expect(more).toEqual([]);
      expect(warning).toMatchObject({ code: "HISTORY", shard: id });
      expect(warning!.message).toContain(`Slots ${slot}-${slot} begin to move`);
      const of = (shard: string): string[] =>
        follower.events.flatMap((event) =>
          event.kind === "aof" && event.event === "command" && event.shard === shard
            ? [event.args.map((_, index) => event.text(index)).join(" ")]
            : [],
        );
      // A deletion like any other, and what is there already once more.
      expect(of(source)).toEqual(["UNLINK k"]);
      expect(
        of(id)
          .slice(0, 4)
          .map((words) => words.slice(0, 27)),
      ).toEqual([
        "CLUSTER SYNCSLOTS ESTABLISH",
        "CLUSTER SYNCSLOTS ACK",
        "RPUSH k a",
        "CLUSTER SYNCSLOTS SNAPSHOT-",
      ]);
    }, 60_000);
  },
  ["valkey-9.1"],
);

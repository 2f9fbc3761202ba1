import { identity, lastValueFrom, map, type Observable, take, takeWhile, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { ReplicaError } from "../../src/errors.ts";
import type { RedisEvent } from "../../src/events.ts";
import { createGate } from "../../src/rx/create_gate.ts";
import { filterEvents } from "../../src/rx/filter_events.ts";
import { type ReplicateOptions, replicate } from "../../src/rx/replicate.ts";
import type { FilterOptions } from "../../src/stream/filter.ts";
import { FakeClock, settle } from "../replica/support/fake_clock.ts";
import { FakePrimary, type PrimarySide } from "../replica/support/fake_primary.ts";
import { plain } from "../replica/support/plain.ts";
import { tinyRdb } from "../replica/support/tiny_rdb.ts";
import { command, MARK, REPLID, text } from "../replica/support/wire.ts";

const RDB = tinyRdb({ keys: { "user:1": "a", "order:1": "b" } });
const SNAPSHOT = `+FULLRESYNC ${REPLID} 100\r\n$EOF:${MARK}\r\n${text(RDB)}${MARK}`;

function attach(options: ReplicateOptions = {}, capacity?: number) {
  const primary = new FakePrimary(capacity);
  const clock = new FakeClock();
  const source = replicate("redis://primary", {
    connect: primary.connect,
    clock,
    reconnect: false,
    ...options,
  });
  return { primary, clock, source };
}

/** Lets the replica in and sends the snapshot. */
async function admit(primary: FakePrimary): Promise<PrimarySide> {
  const side = await primary.accept();
  await side.handshake();
  side.send(SNAPSHOT);
  return side;
}

const nameOf = (event: RedisEvent) =>
  event.kind === "aof" && event.event === "command" ? `${event.name} ${event.text(1)}` : event.event;

describe("replicate", () => {
  it("attaches when it is subscribed, one link each time, and closes it with the subscription", async () => {
    const { primary, clock, source } = attach();
    await settle();
    expect(clock.pending).toBe(0);
    for (let i = 0; i < 2; i++) {
      const names: string[] = [];
      const subscription = source.subscribe((event) => names.push(nameOf(event)));
      const side = await admit(primary);
      side.send(command("SET", "k", "v"));
      while (!names.includes("SET k")) await settle();
      expect(names).toContain("fullresync");
      subscription.unsubscribe();
      while (!side.closed) await settle();
      expect(clock.pending).toBe(0);
    }
  });

  it("closes the link when the consumer has had enough, in the midst of a chunk", async () => {
    const { primary, clock, source } = attach();
    const all = lastValueFrom(
      source.pipe(
        takeWhile((event) => event.event !== "online"),
        take(4),
        toArray(),
      ),
    );
    const side = await admit(primary);
    expect(await all).toHaveLength(4);
    while (!side.closed) await settle();
    expect(clock.pending).toBe(0);
  });

  it("tells an error after everything that came before", async () => {
    const { primary, clock, source } = attach();
    const log: string[] = [];
    const ended = new Promise<void>((resolve) => {
      source.subscribe({
        next: (event) => log.push(nameOf(event)),
        error: (error: ReplicaError) => {
          log.push(error.code);
          resolve();
        },
      });
    });
    const side = await admit(primary);
    side.send(command("SET", "k", "v"));
    side.send("+surprise\r\n");
    await ended;
    expect(log.slice(-2)).toEqual(["SET k", "MALFORMED"]);
    expect(clock.pending).toBe(0);
  });

  it("checks its options at the call", () => {
    expect(() => replicate("redis://primary")).toThrow(ReplicaError);
    expect(() => attach({ dbs: -1 })).toThrow(RangeError);
    expect(() => attach({ keys: 1 as never })).toThrow(TypeError);
  });

  it("emits nothing and reads nothing while the gate is held, but goes on acknowledging", async () => {
    const gate = createGate();
    const { primary, clock, source } = attach({ gate }, 64);
    const names: string[] = [];
    let release: (() => void) | undefined;
    const subscription = source.subscribe((event) => {
      names.push(nameOf(event));
      if (event.kind === "aof") release = gate.hold();
    });
    const side = await admit(primary);
    while (!names.includes("online")) await settle();
    const before = names.length;
    const sent = { accepted: 0 };
    for (let i = 0; i < 200; i++) {
      void side.transport.write(new TextEncoder().encode(command("SET", `k${i}`, "v".repeat(40)))).then(
        () => sent.accepted++,
        () => {},
      );
    }
    for (let i = 0; i < 20; i++) await settle();
    expect(names.slice(before)).toEqual(["SET k0"]);
    // What the transport holds and one chunk that was read; the rest is held back at the sender.
    expect(sent.accepted).toBeLessThan(10);
    // The end of the snapshot is acknowledged a few times more within the first seconds.
    await clock.advance(3000);
    side.received.length = 0;
    await clock.advance(3000);
    expect(side.received.filter((line) => line.startsWith("REPLCONF ACK"))).toHaveLength(3);
    expect(names.slice(before)).toEqual(["SET k0"]);
    while (names.length < before + 200) {
      release?.();
      await settle();
    }
    expect(names.slice(before)).toEqual(Array.from({ length: 200 }, (_, i) => `SET k${i}`));
    subscription.unsubscribe();
    while (!side.closed) await settle();
  });
});

describe("replicate: filters", () => {
  const STREAM = [
    ["SET", "user:1", "x"],
    ["SET", "order:1", "x"],
    ["MULTI"],
    ["SET", "order:2", "x"],
    ["EXEC"],
    ["SELECT", "2"],
    ["MULTI"],
    ["SET", "order:3", "x"],
    ["DEL", "order:4", "user:3"],
    ["EXEC"],
    ["MOVE", "user:4", "0"],
    ["JSON.SET", "order:9", "$", "1"],
    ["FLUSHDB"],
    ["PUBLISH", "c", "m"],
    ["SWAPDB", "0", "1"],
    ["SELECT", "0"],
    ["PEXPIREAT", "user:5", "99"],
    ["FLUSHALL"],
  ]
    .map((words) => command(...words))
    .join("");

  type Piped = (source: Observable<RedisEvent>) => Observable<RedisEvent>;

  async function play(options: ReplicateOptions, piped: Piped = identity): Promise<object[]> {
    const { primary, source } = attach(options);
    const events: RedisEvent[] = [];
    const filtered = piped(source);
    const done = new Promise<void>((resolve) => {
      filtered.subscribe({ next: (event) => events.push(event), error: () => resolve() });
    });
    const side = await admit(primary);
    for (let at = 0; at < STREAM.length; at += 37) side.send(STREAM.slice(at, at + 37));
    await side.transport.close();
    await done;
    // The position moves without an event only where something was filtered before.
    return events.filter((event) => event.event !== "progress").map(plain);
  }

  const selections: FilterOptions[] = [
    {},
    { keys: "user:*" },
    { keys: "user:*", unknown: "drop" },
    { keys: ["order:1", "order:3"], dbs: 0 },
    { dbs: [2] },
    { dbs: [], unknown: "drop" },
    { types: ["hash"] },
    { commands: ["set"] },
    { keys: "order:*", commands: ["del", "move"] },
    { keys: (key, db) => key.length > 6 && db === 2, types: "string" },
  ];

  it.each(selections)("the same events as a source option and as an operator: %j", async (selection) => {
    const before = await play(selection);
    const filter = filterEvents<RedisEvent>(selection);
    expect(await play({}, filter)).toEqual(before);
    // Behind another operator no source takes the filter over.
    expect(await play({}, (source) => source.pipe(map(identity), filter))).toEqual(before);
    expect(before.length).toBeGreaterThan(4);
  });
});

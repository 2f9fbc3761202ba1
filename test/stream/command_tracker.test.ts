import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventContext } from "../../src/events.ts";
import { encodeCommand } from "../../src/resp/mod.ts";
import type { CommandEvent } from "../../src/stream/command_event.ts";
import { CommandTracker } from "../../src/stream/command_tracker.ts";
import { bytesOf, cutAt, cuttings } from "../resp/support.ts";

const replid = "5".repeat(40);
const context: EventContext = { replid, receivedAt: undefined, shard: undefined, file: undefined };

const join = (parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
/** Commands as words, lengths in bytes of the stream. */
const stream = (...lines: readonly string[]) => join(lines.map((line) => encodeCommand(line.split(" "))));
const lengthOf = (...lines: readonly string[]) => stream(...lines).length;

function tracker(start = { replid, offset: 100, db: 0 }) {
  const events: CommandEvent[] = [];
  const asked: number[] = [];
  const tracking = new CommandTracker({
    onEvent: (event) => events.push(event),
    onGetAck: () => asked.push(events.length),
  });
  tracking.start(start);
  tracking.context = context;
  return { events, asked, tracking };
}

/** What an event says, in short. */
const told = (event: CommandEvent) => ({
  command: event.args.map((_, index) => event.text(index)).join(" "),
  name: event.name,
  db: event.db,
  offset: event.offset,
  position: event.position,
  tx: event.tx?.startOffset,
});

function run(chunks: readonly Uint8Array[]) {
  const { events, asked, tracking } = tracker();
  for (const chunk of chunks) tracking.write(chunk);
  return {
    events: events.map(told),
    asked,
    offset: tracking.offset,
    db: tracking.db,
    position: tracking.position,
  };
}

const at = (offset: number, db: number) => ({ replid, offset, db });

describe("CommandTracker", () => {
  test("tells db, exact offset and position of each command, and keeps SELECT, PING and REPLCONF to itself", () => {
    const bytes = stream(
      "SELECT 3",
      "SET k v",
      "ping",
      "del k",
      "REPLCONF GETACK *",
      "select 0",
      "LPUSH l a",
    );
    const set = 100 + lengthOf("SELECT 3", "SET k v");
    const del = set + lengthOf("ping", "del k");
    const end = 100 + bytes.length;
    for (const chunks of cuttings(bytes)) {
      expect(run(chunks)).toEqual({
        events: [
          { command: "SET k v", name: "SET", db: 3, offset: set, position: at(set, 3), tx: undefined },
          { command: "del k", name: "DEL", db: 3, offset: del, position: at(del, 3), tx: undefined },
          { command: "LPUSH l a", name: "LPUSH", db: 0, offset: end, position: at(end, 0), tx: undefined },
        ],
        asked: [2],
        offset: end,
        db: 0,
        position: at(end, 0),
      });
    }
  });

  test("inside MULTI … EXEC keeps the position before MULTI and a SELECT right before it (Redis 7.0)", () => {
    const lines = ["SET a 1", "SELECT 5", "MULTI", "SET b 2", "EXEC", "SET c 3"];
    const before = 100 + lengthOf("SET a 1");
    const exec = before + lengthOf("SELECT 5", "MULTI", "SET b 2", "EXEC");
    for (const chunks of cuttings(stream(...lines))) {
      const { events } = run(chunks);
      expect(events.map(({ name, db, position, tx }) => ({ name, db, position, tx }))).toEqual([
        { name: "SET", db: 0, position: at(before, 0), tx: undefined },
        { name: "MULTI", db: 5, position: at(before, 0), tx: before },
        { name: "SET", db: 5, position: at(before, 0), tx: before },
        { name: "EXEC", db: 5, position: at(exec, 5), tx: before },
        { name: "SET", db: 5, position: at(exec + lengthOf("SET c 3"), 5), tx: undefined },
      ]);
    }
  });

  test("follows a SELECT inside MULTI … EXEC (Redis ≥ 7.2), which stays in force after it", () => {
    const { events } = run([
      stream("SET a 1", "MULTI", "SELECT 5", "SET b 2", "SELECT 6", "EXEC", "SET c 3"),
    ]);
    const before = 100 + lengthOf("SET a 1");
    expect(events.map(({ command, db, tx }) => [command, db, tx])).toEqual([
      ["SET a 1", 0, undefined],
      ["MULTI", 0, before],
      ["SET b 2", 5, before],
      ["EXEC", 6, before],
      ["SET c 3", 6, undefined],
    ]);
    expect(events[2]?.position).toEqual(at(before, 0));
    expect(events[3]?.position).toEqual(
      at(before + lengthOf("MULTI", "SELECT 5", "SET b 2", "SELECT 6", "EXEC"), 6),
    );
  });

  test("a SELECT with anything between it and MULTI does not count as right before it", () => {
    const { events } = run([stream("SELECT 5", "PING", "MULTI", "SET b 2", "EXEC")]);
    const ping = 100 + lengthOf("SELECT 5", "PING");
    expect(events[1]).toMatchObject({ position: at(ping, 5), tx: ping });
  });

  test("its position moves with PING and stays before a SELECT whose command has not come", () => {
    const { tracking } = tracker();
    tracking.write(stream("PING"));
    const ping = 100 + lengthOf("PING");
    expect(tracking.position).toEqual(at(ping, 0));
    tracking.write(stream("SELECT 2"));
    expect(tracking.position).toEqual(at(ping, 0));
    expect(tracking.offset).toBe(ping + lengthOf("SELECT 2"));
    tracking.write(stream("MULTI", "SET a 1"));
    expect(tracking.position).toEqual(at(ping, 0));
    expect(tracking.safeOffset).toBe(ping + lengthOf("SELECT 2"));
    tracking.write(stream("EXEC"));
    expect(tracking.position).toEqual(at(tracking.offset, 2));
    expect(tracking.safeOffset).toBe(tracking.offset);
    tracking.write(stream("SELECT 1"));
    tracking.write(stream("PING"));
    expect(tracking.position).toEqual(at(tracking.offset, 1));
  });

  test("one transaction is one object, another one another", () => {
    const { events, tracking } = tracker();
    tracking.write(stream("MULTI", "SET a 1", "EXEC", "SET b 1", "multi", "SET c 1", "Exec"));
    const [m1, s1, e1, plain, m2, s2, e2] = events.map((event) => event.tx);
    expect(m1).toBeDefined();
    expect(s1).toBe(m1);
    expect(e1).toBe(m1);
    expect(plain).toBeUndefined();
    expect(m2).toBeDefined();
    expect(m2).not.toBe(m1);
    expect(s2).toBe(m2);
    expect(e2).toBe(m2);
  });

  test("events tell their position the same before and after their transaction ends", () => {
    const { events, tracking } = tracker();
    tracking.write(stream("MULTI", "SET a 1"));
    const early = events[1]!.position;
    tracking.write(stream("EXEC"));
    expect(events[1]!.position).toEqual(early);
    expect(early).toEqual(at(100, 0));
  });

  test("EXEC without MULTI and MULTI inside MULTI, which no server sends, are plain commands", () => {
    const { events, tracking } = tracker();
    tracking.write(stream("EXEC", "MULTI", "MULTI", "SET a 1", "EXEC", "SET b 1"));
    expect(events.map((event) => [event.name, event.tx?.startOffset])).toEqual([
      ["EXEC", undefined],
      ["MULTI", 114],
      ["MULTI", 114],
      ["SET", 114],
      ["EXEC", 114],
      ["SET", undefined],
    ]);
  });

  test("is not taken in by names that only look alike", () => {
    const names = ["SETBIT", "SELECX", "RENAMENX", "PINX", "MULTX", "EXEX", "SELECT.X", "DISCARX"];
    const { events, tracking } = tracker();
    tracking.write(stream(...names.map((name) => `${name} a b`)));
    expect(events.map((event) => event.name)).toEqual(names);
    expect(events.every((event) => event.tx === undefined)).toBe(true);
  });

  test("goes on in the same place after a cut, with db and transaction kept", () => {
    const bytes = stream("SELECT 4", "MULTI", "SET a 1", "SET b 2", "EXEC", "SET c 3");
    const whole = run([bytes]);
    for (let cut = 0; cut < bytes.length; cut++) {
      const { events, tracking } = tracker();
      tracking.write(bytes.slice(0, cut));
      tracking.dropPartial();
      // What a primary sends on PSYNC: everything behind the offset.
      tracking.write(bytes.slice(tracking.offset - 100));
      expect(events.map(told)).toEqual(whole.events);
    }
  });

  test("counts no bare LF, wherever the chunk ends", () => {
    for (const chunks of cuttings(
      join([bytesOf("\n"), stream("SET a 1"), bytesOf("\n\n"), stream("SET b 1")]),
    )) {
      const { events, offset } = run(chunks);
      expect(events.map((event) => event.offset)).toEqual([
        100 + lengthOf("SET a 1"),
        100 + lengthOf("SET a 1", "SET b 1"),
      ]);
      expect(offset).toBe(100 + lengthOf("SET a 1", "SET b 1"));
    }
  });

  test("begins at any index of a chunk that began with something else", () => {
    const { events, tracking } = tracker();
    tracking.write(join([bytesOf("snapshot"), stream("SET a 1")]), 8);
    expect(events.map((event) => event.offset)).toEqual([100 + lengthOf("SET a 1")]);
    expect(events[0]?.text(1)).toBe("a");
  });

  test("refuses a SELECT that it cannot follow, delivers what came before, and says so again", () => {
    for (const line of [
      "SELECT x",
      "SELECT -1",
      "SELECT 01",
      "SELECT 1 2",
      "SELECT",
      "SELECT 2147483648",
      "SELECT 99999999999999999999",
    ]) {
      const { events, tracking } = tracker();
      const failing = () => tracking.write(stream("SET a 1", line, "SET b 1"));
      const offset = 100 + lengthOf("SET a 1");
      expect(failing).toThrow(expect.objectContaining({ code: "MALFORMED", offset }));
      expect(events).toHaveLength(1);
      expect(tracking.offset).toBe(offset);
      expect(() => tracking.write(stream("PING"))).toThrow(
        expect.objectContaining({ code: "MALFORMED", offset }),
      );
      expect(() => tracking.end()).toThrow(expect.objectContaining({ code: "MALFORMED" }));
      tracking.start({ replid, offset: 0, db: 0 });
      tracking.write(stream("SET c 1"));
      expect(events).toHaveLength(2);
    }
  });

  test("stops at malformed bytes with their replication offset, after delivering what came before", () => {
    const { events, tracking } = tracker();
    expect(() => tracking.write(join([stream("SET a 1"), bytesOf("+x")]))).toThrow(
      expect.objectContaining({ code: "MALFORMED", offset: 100 + lengthOf("SET a 1") }),
    );
    expect(events).toHaveLength(1);
    expect(tracking.offset).toBe(100 + lengthOf("SET a 1"));
  });

  test("does not care how a stream is cut (random streams, random cuts)", () => {
    const line = fc.oneof(
      { weight: 2, arbitrary: fc.nat(15).map((db) => `SELECT ${db}`) },
      { weight: 2, arbitrary: fc.constantFrom("MULTI", "multi") },
      { weight: 2, arbitrary: fc.constantFrom("EXEC", "exec") },
      {
        weight: 1,
        arbitrary: fc.constantFrom("PING", "ping", "REPLCONF GETACK *", "REPLCONF ACK 1", "DISCARD"),
      },
      { weight: 5, arbitrary: fc.stringMatching(/^[a-zA-Z]{1,9}( [a-z0-9]{0,30}){0,4}$/) },
    );
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), cuts, (lines, fractions) => {
        const bytes = stream(...lines.filter((text) => !/^select [^0-9]|^select$|^select.* .* /i.test(text)));
        expect(run(cutAt(bytes, fractions))).toEqual(run([bytes]));
      }),
      { numRuns: 400 },
    );
  });
});

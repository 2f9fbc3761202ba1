import { describe, expect, test } from "vitest";
import type { EventContext } from "../../src/events.ts";
import { type CommandArgument, encodeCommand } from "../../src/resp/mod.ts";
import type { CommandEvent } from "../../src/stream/command_event.ts";
import { CommandTracker } from "../../src/stream/command_tracker.ts";

const context: EventContext = {
  replid: "a".repeat(40),
  receivedAt: { earliest: 1, latest: 2 },
  shard: "s1",
  file: undefined,
};

function track(chunks: readonly Uint8Array[], own: EventContext = context, offset = 0): CommandEvent[] {
  const events: CommandEvent[] = [];
  const tracker = new CommandTracker({ onEvent: (event) => events.push(event) });
  tracker.start({ offset, db: 0 });
  tracker.context = own;
  for (const chunk of chunks) tracker.write(chunk);
  return events;
}

const eventOf = (...args: CommandArgument[]) => track([encodeCommand(args)])[0]!;

describe("CommandEvent", () => {
  test("is what the contract of a command says", () => {
    const event = eventOf("set", "key", Uint8Array.of(0, 255));
    expect(event).toMatchObject({ kind: "aof", event: "command", name: "SET", argc: 3, db: 0, shard: "s1" });
    expect(event.receivedAt).toBe(context.receivedAt);
    expect(event.file).toBeUndefined();
    expect(event.tx).toBeUndefined();
    expect(event.args).toEqual([
      Uint8Array.of(115, 101, 116),
      Uint8Array.of(107, 101, 121),
      Uint8Array.of(0, 255),
    ]);
    expect(event.text(0)).toBe("set");
    expect(event.text(1)).toBe("key");
    expect(event.text(2)).toBe("\0\ufffd");
  });

  test("finds each argument by its index, and nothing beside them", () => {
    const args = Array.from({ length: 40 }, (_, i) => "x".repeat(i * i));
    const event = eventOf(...args);
    const fresh = eventOf(...args);
    expect(event.argc).toBe(40);
    for (let i = 0; i < 40; i++) {
      expect(event.arg(i)).toEqual(new TextEncoder().encode(args[i]));
      expect(event.text(i)).toBe(args[i]);
    }
    expect(fresh.text(39)).toBe(args[39]);
    expect(fresh.args.map((arg) => arg.length)).toEqual(args.map((arg) => arg.length));
    for (const index of [-1, 40, 1e9, Number.NaN]) {
      expect(event.arg(index)).toBeUndefined();
      expect(event.text(index)).toBeUndefined();
      expect(eventOf("PUBLISH", "a", "b").arg(index)).toBeUndefined();
      expect(eventOf("PUBLISH", "a", "b").text(index)).toBeUndefined();
    }
  });

  test("takes names of any length, case and bytes", () => {
    for (const name of [
      "x",
      "",
      "ft.create",
      "JSON.SET",
      "restore-asking",
      "é",
      "a".repeat(32),
      "a".repeat(33),
      "a".repeat(5000),
    ]) {
      // Twice, so that a remembered name is met too.
      for (let i = 0; i < 2; i++) {
        const upper = name === "é" ? "\u00c3\u00a9" : name.toUpperCase();
        expect(eventOf(name, "k").name).toBe(upper);
      }
    }
  });

  test("never takes one name for another, however many there are", () => {
    const names = Array.from({ length: 5000 }, (_, i) => `cmd${i % 7}.${i}`);
    for (let round = 0; round < 2; round++) {
      const events = track([Uint8Array.from(names.flatMap((name) => [...encodeCommand([name])]))]);
      expect(events.map((event) => event.name)).toEqual(names.map((name) => name.toUpperCase()));
    }
  });

  test("gives views of the chunk for arguments", () => {
    const chunk = encodeCommand(["HSET", "h", "f", "v"]);
    const [event] = track([chunk]);
    expect(event!.arg(1)!.buffer).toBe(chunk.buffer);
    expect(event!.args[3]!.buffer).toBe(chunk.buffer);
    expect(event!.arg(2)).toEqual(event!.args[2]);
    // Views of a long command are made once.
    const long = eventOf("DEL", ...Array.from({ length: 20 }, (_, i) => i));
    expect(long.args).toBe(long.args);
    expect(long.arg(2)).toBe(long.args[2]);
  });

  test("works on a chunk that is itself a view into larger memory", () => {
    const frame = encodeCommand(["SET", "key", "value"]);
    const memory = new Uint8Array(1000);
    memory.set(frame, 333);
    const [event] = track([memory.subarray(333, 333 + frame.length)]);
    expect(event!.text(1)).toBe("key");
    expect(event!.arg(2)).toEqual(new TextEncoder().encode("value"));
    expect(event!.args.map((arg) => arg.byteOffset - 333)).toEqual([8, 17, 26]);
    expect(event!.detach().text(2)).toBe("value");
  });

  test("gives plain views even of a Buffer", () => {
    const [event] = track([Buffer.from(encodeCommand(["SET", "key", "value"]))]);
    expect(event!.detach().arg(1)!.buffer).not.toBe(event!.arg(1)!.buffer);
    for (const bytes of [event!.arg(1)!, event!.args[2]!, event!.detach().arg(1)!]) {
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    }
  });

  test("detach() gives the same event on memory of its own size", () => {
    const frame = encodeCommand(["SET", "key", "value"]);
    const chunk = new Uint8Array(3000 * frame.length);
    for (let at = 0; at + frame.length <= chunk.length; at += frame.length) chunk.set(frame, at);
    const events = track([chunk], context, 7_000_000_000);
    const event = events[50]!;
    const own = event.detach();
    expect(own.arg(1)!.buffer.byteLength).toBe(frame.length);
    for (const property of [
      "name",
      "argc",
      "db",
      "offset",
      "position",
      "receivedAt",
      "shard",
      "tx",
      "args",
    ] as const) {
      expect(own[property]).toEqual(event[property]);
    }
    expect(own.offset).toBe(7_000_000_000 + 51 * frame.length);
    chunk.fill(0);
    expect(own.text(2)).toBe("value");
  });

  test("has no position in a file and tells the file", () => {
    const [event] = track([encodeCommand(["DEL", "k"])], { ...context, replid: undefined, file: "a.aof" });
    expect(event!.position).toBeUndefined();
    expect(event!.file).toBe("a.aof");
  });

  test("walking over all arguments of a large command by index takes linear time", () => {
    const args = ["SADD", ...Array.from({ length: 200_000 }, (_, i) => i)];
    const [event] = track([encodeCommand(args)]);
    const started = performance.now();
    let sum = 0;
    for (let i = 0; i < event!.argc; i++) sum += event!.arg(i)!.length;
    for (let i = 0; i < event!.argc; i++) sum += event!.text(i)!.length;
    expect(sum).toBe(2 * (4 + 1_088_890));
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("earlier events stay as they were while the stream goes on", () => {
    const frames = Array.from({ length: 500 }, (_, i) =>
      encodeCommand(["SET", `key${i}`, "x".repeat(i % 60)]),
    );
    const bytes = Uint8Array.from(frames.flatMap((frame) => [...frame]));
    for (const size of [1, 7, 64, 1000]) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
      const events = track(chunks);
      expect(events.map((event) => event.text(1))).toEqual(frames.map((_, i) => `key${i}`));
      expect(events.map((event) => event.arg(2)!.length)).toEqual(frames.map((_, i) => i % 60));
    }
  });
});

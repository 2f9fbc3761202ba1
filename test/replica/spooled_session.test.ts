import { afterEach, describe, expect, test } from "vitest";
import type { RedisEvent } from "../../src/events.ts";
import type { ReplicaOptions } from "../../src/replica/options.ts";
import { replicaBatches } from "../../src/replica/replica_batches.ts";
import type { ReplicaStatus } from "../../src/replica/status.ts";
import { FakeClock, settle } from "./support/fake_clock.ts";
import { FakePrimary, type PrimarySide } from "./support/fake_primary.ts";
import { plain } from "./support/plain.ts";
import { MemorySpoolFile } from "./support/spool_files.ts";
import { tinyRdb } from "./support/tiny_rdb.ts";
import { command, MARK, OTHER_REPLID, REPLID, text } from "./support/wire.ts";

const RDB = tinyRdb({ streamDb: 3, keys: { k: "v" } });
const SNAPSHOT = `+FULLRESYNC ${REPLID} 100\r\n$EOF:${MARK}\r\n${text(RDB)}${MARK}`;
const SET = command("SET", "a", 1);

class Rig {
  readonly clock = new FakeClock();
  readonly primary = new FakePrimary();
  readonly file = new MemorySpoolFile();
  readonly events: RedisEvent[] = [];
  readonly iterator: AsyncIterator<readonly RedisEvent[]>;

  constructor(options: ReplicaOptions = {}, spooled = true) {
    const overrun = { spool: async () => this.file, maxBytes: 16 << 20 };
    this.iterator = replicaBatches("redis://primary", {
      connect: this.primary.connect,
      clock: this.clock,
      reconnect: { random: () => 0 },
      ...(spooled ? { overrun } : {}),
      ...options,
    })[Symbol.asyncIterator]();
  }

  /** Takes batches until something ends it; returns the error. */
  async rest(): Promise<unknown> {
    try {
      for (;;) {
        const { done, value } = await this.iterator.next();
        if (done === true) return undefined;
        this.events.push(...value);
      }
    } catch (error) {
      return error;
    }
  }

  async until(name: string, count = 1): Promise<void> {
    while (this.names.filter((one) => one === name).length < count) {
      const { done, value } = await this.iterator.next();
      if (done === true) throw new Error(`ended before ${name}: ${this.names}`);
      this.events.push(...value);
    }
  }

  get names(): string[] {
    return this.events.map((event) =>
      event.kind === "aof" && event.event === "command" ? event.name : event.event,
    );
  }

  async attach(): Promise<PrimarySide> {
    const online = this.until("online");
    const side = await this.primary.accept();
    await side.handshake();
    side.send(SNAPSHOT);
    await online;
    return side;
  }
}

const rigs: Rig[] = [];
const rig = (options?: ReplicaOptions, spooled?: boolean): Rig => {
  const made = new Rig(options, spooled);
  rigs.push(made);
  return made;
};
afterEach(async () => {
  for (const { iterator, clock } of rigs.splice(0)) {
    await iterator.return?.();
    expect(clock.pending).toBe(0);
  }
});

describe("A link with a spool", () => {
  test("tells the same as one without", async () => {
    /** A life with a cut snapshot, a cut in a transaction, a changed id, a lost history and a fault at the end. */
    const live = async (r: Rig): Promise<unknown> => {
      const rest = r.rest();
      const lives: readonly string[][] = [
        [SNAPSHOT.slice(0, -50)],
        [`${SNAPSHOT}${SET}`, command("SELECT", 5), `${command("MULTI")}${SET}${SET.slice(0, 8)}`],
        [`+CONTINUE ${OTHER_REPLID}\r\n${SET}`, `${command("EXEC")}${SET}${command("ping")}`],
        [SNAPSHOT.replace(" 100\r", " 7000\r"), SET, command("SET", "other", 1), `${SET}@`],
      ];
      for (const chunks of lives) {
        const side = await r.primary.accept();
        await side.handshake();
        for (const chunk of chunks) {
          side.send(chunk);
          await settle();
        }
        await side.transport.close();
        await settle();
        await r.clock.advance(10_000);
      }
      return rest;
    };
    const options: ReplicaOptions = { keys: ["a", "k"], shard: "s" };
    const direct = rig({ ...options, watchLag: false }, false);
    const spooled = rig({ ...options, watchLag: false });
    const [error, sameError] = await Promise.all([live(direct), live(spooled)]);
    expect(error).toMatchObject({ code: "MALFORMED", offset: expect.any(Number) });
    expect(sameError).toEqual(error);
    expect(direct.names.filter((name) => name === "reset")).toHaveLength(2);
    expect(spooled.events.map(plain)).toEqual(direct.events.map(plain));
    const times = (r: Rig): unknown[] =>
      r.events.filter(({ kind }) => kind !== "link").map(({ receivedAt }) => receivedAt);
    expect(times(spooled)).toEqual(times(direct));
  });

  test("reads on while the consumer holds, and acknowledges what it received", async () => {
    const r = rig();
    const side = await r.attach();
    for (let i = 0; i < 50; i++) side.send(SET);
    side.send(command("REPLCONF", "GETACK", "*"));
    await settle();
    expect(side.transport.unread).toBe(0);
    expect(side.received.at(-1)).toBe(`REPLCONF ACK ${100 + 50 * SET.length + 37}`);
    await r.until("SET", 50);
    expect(r.events.at(-1)).toMatchObject({ offset: 100 + 50 * SET.length });
  });

  test("keeps itself up while the consumer holds", async () => {
    const r = rig({ timeouts: { idle: 5000 } });
    const first = await r.attach();
    first.send(SET);
    await settle();
    await r.clock.advance(4000);
    await first.transport.close();
    await r.clock.advance(1000);
    const second = await r.primary.accept();
    expect(await second.handshake()).toBe(`PSYNC ${REPLID} ${101 + SET.length}`);
    second.send(`+CONTINUE\r\n${SET}`);
    await settle();
    await r.clock.advance(4000);
    second.send(SET);
    await r.until("SET", 3);
    expect(r.names.slice(-9)).toEqual([
      "SET",
      "disconnected",
      "retry",
      "connecting",
      "handshake",
      "continue",
      "online",
      "SET",
      "SET",
    ]);
  });

  test("says how much waits", async () => {
    const seen: ReplicaStatus[] = [];
    const r = rig({ onStatus: (status) => seen.push(status) });
    const side = await r.attach();
    for (let i = 0; i < 10; i++) side.send(SET);
    await settle();
    await r.clock.advance(1000);
    expect(seen.at(-1)).toMatchObject({
      phase: "online",
      offset: 100,
      position: { offset: 100 },
      buffered: 10 * SET.length,
      lag: 10 * SET.length,
    });
    await r.until("SET", 10);
    await r.clock.advance(1000);
    expect(seen.at(-1)).toMatchObject({
      offset: 100 + 10 * SET.length,
      buffered: 0,
      lag: 0,
      eventsPerSecond: 10,
    });
  });

  test("hands out everything before the error that ended it", async () => {
    const r = rig({ reconnect: false });
    const side = await r.attach();
    side.send(`${SET}${SET}`);
    await settle();
    await side.transport.close();
    await settle();
    expect(await r.rest()).toMatchObject({ code: "DISCONNECTED" });
    expect(r.names.filter((name) => name === "SET")).toHaveLength(2);
    expect(r.file.closed || r.file.size === 0).toBe(true);
  });

  test("ends with an error of its file", async () => {
    const r = rig();
    r.file.failWrites = new Error("disk full");
    const side = await r.attach();
    const big = command("SET", "big", "x".repeat(1 << 20));
    for (let i = 0; i < 12; i++) {
      side.send(big);
      await settle();
    }
    expect(await r.rest()).toMatchObject({ code: "FILE" });
    expect(side.closed).toBe(true);
  });

  test("ends at once when returned, pending or held", async () => {
    for (const pending of [true, false]) {
      const r = rig();
      const side = await r.attach();
      side.send(SET);
      if (pending) await r.until("SET");
      const next = pending ? r.iterator.next() : undefined;
      await settle();
      await r.iterator.return?.();
      if (next !== undefined) expect((await next).done).toBe(true);
      expect(side.closed).toBe(true);
      expect(r.clock.pending).toBe(0);
    }
  });

  test("ends with what onStatus throws", async () => {
    const r = rig({
      onStatus: () => {
        throw new Error("mine");
      },
    });
    await r.attach();
    const rest = r.rest();
    await r.clock.advance(1000);
    expect(await rest).toMatchObject({ message: "mine" });
  });

  test("refuses what is no spool", () => {
    const { connect } = new FakePrimary();
    const base = { connect, clock: new FakeClock() };
    const spool = async (): Promise<MemorySpoolFile> => new MemorySpoolFile();
    expect(() => replicaBatches("redis://h", { ...base, overrun: { spool, maxBytes: 1000 } })).toThrow(
      RangeError,
    );
    expect(() => replicaBatches("redis://h", { ...base, overrun: { spool: "" } })).toThrow(TypeError);
    expect(() => replicaBatches("redis://h", { ...base, overrun: { spool: "/tmp/x" } })).toThrow(
      expect.objectContaining({ code: "NO_RUNTIME" }),
    );
  });
});

import { afterEach, describe, expect, test } from "vitest";
import type { RedisEvent } from "../../src/events.ts";
import type { ReplicaOptions } from "../../src/replica/options.ts";
import { replicaBatches } from "../../src/replica/replica_batches.ts";
import type { ReplicaStatus } from "../../src/replica/status.ts";
import { StopSignal } from "../../src/replica/stop_signal.ts";
import type { Connect, Transport } from "../../src/transport.ts";
import { FakeClock, settle } from "./support/fake_clock.ts";
import { FakePrimary, type PrimarySide } from "./support/fake_primary.ts";
import { tinyRdb } from "./support/tiny_rdb.ts";
import { command, MARK, OTHER_REPLID, REPLID, text } from "./support/wire.ts";

const RDB = tinyRdb({ streamDb: 3, keys: { k: "v" } });
const SNAPSHOT = `+FULLRESYNC ${REPLID} 100\r\n$EOF:${MARK}\r\n${text(RDB)}${MARK}`;
const SET = command("SET", "a", 1);
const URL = "redis://primary";

/** A replica whose batches a test takes one by one, and the world around it. */
class Rig {
  readonly clock = new FakeClock();
  readonly primary: FakePrimary;
  readonly iterator: AsyncIterator<readonly RedisEvent[]>;
  readonly names: string[] = [];
  readonly events: RedisEvent[] = [];

  constructor(options: ReplicaOptions = {}, capacity?: number) {
    this.primary = new FakePrimary(capacity);
    const batches = replicaBatches(URL, {
      connect: this.primary.connect,
      clock: this.clock,
      reconnect: { random: () => 0 },
      ...options,
    });
    this.iterator = batches[Symbol.asyncIterator]();
  }

  /** Takes batches until an event of that name came. */
  async until(name: string): Promise<void> {
    for (;;) {
      const { done, value } = await this.iterator.next();
      if (done === true) throw new Error(`ended before ${name}: ${this.names}`);
      this.note(value);
      if (this.names.includes(name)) return;
    }
  }

  note(batch: readonly RedisEvent[]): void {
    this.events.push(...batch);
    this.names.push(
      ...batch.map((event) => (event.kind === "aof" && event.event === "command" ? event.name : event.event)),
    );
  }

  /** Takes everything up to the end; returns the error that ended it. */
  async rest(): Promise<unknown> {
    try {
      for (;;) {
        const { done, value } = await this.iterator.next();
        if (done === true) return undefined;
        this.note(value);
      }
    } catch (error) {
      return error;
    }
  }

  /** Attaches up to the end of the snapshot. */
  async attach(more = ""): Promise<PrimarySide> {
    const online = this.until("online");
    const side = await this.primary.accept();
    expect(await side.handshake()).toBe("PSYNC ? -1");
    side.send(`${SNAPSHOT}${more}`);
    await online;
    return side;
  }
}

const rigs: Rig[] = [];
const rig = (options?: ReplicaOptions, capacity?: number): Rig => {
  const made = new Rig(options, capacity);
  rigs.push(made);
  return made;
};
afterEach(async () => {
  for (const { iterator, clock } of rigs.splice(0)) {
    await iterator.return?.();
    expect(clock.pending).toBe(0);
  }
});

describe("replicaBatches", () => {
  test("delivers snapshot and stream, one batch a chunk", async () => {
    const r = rig();
    const side = await r.attach(SET);
    expect(r.names).toEqual([
      "connecting",
      "handshake",
      "fullresync",
      "begin",
      "aux",
      "aux",
      "key",
      "end",
      "online",
      "SET",
    ]);
    expect(r.events[0]).toMatchObject({ address: "primary:6379", position: undefined });
    side.send(`${SET}${SET}`);
    side.send(SET);
    const first = await r.iterator.next();
    expect(first.value).toHaveLength(2);
    const second = await r.iterator.next();
    expect(second.value).toHaveLength(1);
    expect(second.value[0]).toMatchObject({ offset: 100 + 4 * SET.length, db: 3 });
  });

  test("reads the next chunk only when the next batch is asked for", async () => {
    const r = rig({}, 0);
    const side = await r.attach();
    side.send(SET);
    side.send(SET);
    await r.clock.advance(5000);
    // Without room in the pipe a chunk that nobody asked for is the one that is always let in.
    expect(side.transport.unread).toBe(SET.length);
    await r.iterator.next();
    await settle();
    expect(side.transport.unread).toBe(SET.length);
    await r.iterator.next();
    expect(side.transport.unread).toBe(0);
  });

  test("acknowledges at once, every second while the consumer holds, and on GETACK", async () => {
    const r = rig();
    const side = await r.attach();
    expect(await side.command("REPLCONF ACK")).toBe("REPLCONF ACK 100");
    // Soon again, in case the first came too early for the primary, then less and less often.
    await r.clock.advance(2000);
    expect(side.received).toEqual(Array(7).fill("REPLCONF ACK 100"));
    side.received.length = 0;
    await r.clock.advance(3000);
    expect(side.received).toEqual(Array(3).fill("REPLCONF ACK 100"));
    side.received.length = 0;
    side.send(command("REPLCONF", "GETACK", "*"));
    const next = r.iterator.next();
    await settle();
    expect(side.received).toEqual(["REPLCONF ACK 137"]);
    expect((await next).value[0]).toMatchObject({ event: "progress", position: { offset: 137 } });
  });

  test("shows life while the snapshot is prepared and read slowly", async () => {
    const r = rig();
    const online = r.until("begin");
    const side = await r.primary.accept();
    await side.handshake();
    side.send(`+FULLRESYNC ${REPLID} 100\r\n`);
    await settle();
    await r.clock.advance(2500);
    side.send(SNAPSHOT.slice(SNAPSHOT.indexOf("$"), -60));
    await online;
    await r.clock.advance(2000);
    expect(side.received).toEqual(["\n", "\n", "\n", "\n"]);
  });

  test("lets the server take its time as long as it shows life", async () => {
    const r = rig({ timeouts: { handshake: 3000 } });
    const online = r.until("online");
    const side = await r.primary.accept();
    await side.handshake();
    for (let i = 0; i < 10; i++) {
      await r.clock.advance(2000);
      side.send("\n");
    }
    side.send(SNAPSHOT);
    await online;
  });

  test("tells a progress that became due while a read was pending, and loses no byte by it", async () => {
    const r = rig({ keys: "wanted" });
    const side = await r.attach();
    await r.clock.advance(10_000);
    let next = r.iterator.next();
    side.send(SET);
    expect((await next).value[0]).toMatchObject({
      event: "progress",
      position: { offset: 100 + SET.length },
    });
    next = r.iterator.next();
    side.send(SET);
    await r.clock.advance(2000);
    expect((await next).value[0]).toMatchObject({
      event: "progress",
      position: { offset: 100 + 2 * SET.length },
    });
    side.send(command("SET", "wanted", 1));
    expect((await r.iterator.next()).value[0]).toMatchObject({ kind: "aof", text: expect.any(Function) });
  });

  test("applies filters before decoding", async () => {
    const r = rig({ keys: "wanted", commands: ["DEL"] });
    const side = await r.attach(SET);
    side.send(`${command("SET", "wanted", 1)}${command("DEL", "wanted")}`);
    await r.until("DEL");
    expect(r.names).not.toContain("key");
    expect(r.names).not.toContain("SET");
  });

  test("ends by itself after the snapshot when no stream is wanted", async () => {
    const r = rig({ stream: false });
    const rest = r.rest();
    const side = await r.primary.accept();
    await side.command("PING");
    side.send("+PONG\r\n");
    await side.command("REPLCONF rdb-only 1");
    side.send("-ERR\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n");
    await side.command("PSYNC");
    side.send(`${SNAPSHOT}${SET}`);
    expect(await rest).toBeUndefined();
    expect(r.names.at(-1)).toBe("end");
    expect(side.closed).toBe(true);
  });

  test("stamps chunks that waited with their moment, others with an interval", async () => {
    const r = rig();
    const side = await r.attach();
    let next = r.iterator.next();
    await r.clock.advance(5000);
    const came = r.clock.now();
    side.send(SET);
    expect((await next).value[0]!.receivedAt).toEqual({ earliest: came, latest: came });
    side.send(SET);
    await r.clock.advance(700);
    next = r.iterator.next();
    expect((await next).value[0]!.receivedAt).toEqual({ earliest: came, latest: came + 700 });
  });
});

describe("replicaBatches leaves nothing behind", () => {
  test("when returned while a read is pending", async () => {
    const r = rig();
    const side = await r.attach();
    const next = r.iterator.next();
    await settle();
    expect(await r.iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await next).toEqual({ done: true, value: undefined });
    expect(side.closed).toBe(true);
    expect(r.clock.pending).toBe(0);
    expect((await r.iterator.next()).done).toBe(true);
  });

  test("when returned while the consumer holds a batch", async () => {
    const r = rig();
    const side = await r.attach();
    side.send(SET);
    await r.iterator.return?.();
    expect(side.closed).toBe(true);
    expect(r.clock.pending).toBe(0);
  });

  test("when returned before it began", async () => {
    const r = rig();
    await r.iterator.return?.();
    expect((await r.iterator.next()).done).toBe(true);
  });

  test("when returned while it connects, even if the connection comes after all", async () => {
    let arrive: (transport: Transport) => void = () => {};
    let aborted = false;
    const connect: Connect = (_address, { signal }) => {
      signal?.addEventListener("abort", () => {
        aborted = true;
      });
      return new Promise((resolve) => {
        arrive = resolve;
      });
    };
    const r = rig({ connect });
    await r.iterator.next();
    const next = r.iterator.next();
    await settle();
    await r.iterator.return?.();
    expect((await next).done).toBe(true);
    expect(aborted).toBe(true);
    const other = new FakePrimary();
    arrive(await other.connect({ host: "h", port: 1 }, {}));
    const side = await other.accept();
    await settle();
    expect(side.closed).toBe(true);
  });

  test("when returned while it waits for the next attempt", async () => {
    const r = rig();
    const side = await r.attach();
    await side.transport.close();
    await r.until("retry");
    const next = r.iterator.next();
    await settle();
    expect(r.clock.pending).toBe(1);
    await r.iterator.return?.();
    expect((await next).done).toBe(true);
    expect(r.clock.pending).toBe(0);
  });

  test("when aborted: pending or held, the socket closes at once and the iteration ends", async () => {
    for (const pending of [true, false]) {
      const signal = new StopSignal();
      const r = rig({ signal });
      const side = await r.attach();
      const next = pending ? r.iterator.next() : undefined;
      await settle();
      signal.abort();
      await settle();
      expect(side.closed).toBe(true);
      expect(r.clock.pending).toBe(0);
      expect(await (next ?? r.iterator.next())).toEqual({ done: true, value: undefined });
    }
  });

  test("when aborted before it began", async () => {
    const signal = new StopSignal();
    signal.abort();
    expect(await rig({ signal }).rest()).toBeUndefined();
  });

  test("when thrown into", async () => {
    const r = rig();
    const side = await r.attach();
    await expect(r.iterator.throw?.(new Error("mine"))).rejects.toThrow("mine");
    expect(side.closed).toBe(true);
  });

  test("of the signal: no listener", async () => {
    const listeners = new Set<() => void>();
    const signal = {
      aborted: false,
      addEventListener: (_type: "abort", listener: () => void) => listeners.add(listener),
      removeEventListener: (_type: "abort", listener: () => void) => listeners.delete(listener),
    };
    const r = rig({ signal });
    await r.attach();
    expect(listeners.size).toBe(1);
    await r.iterator.return?.();
    expect(listeners.size).toBe(0);
  });
});

describe("replicaBatches goes on after a cut", () => {
  test("at the byte where it was", async () => {
    const r = rig();
    const first = await r.attach(`${SET}${SET.slice(0, 5)}`);
    await first.transport.close();
    await r.until("retry");
    expect(r.events.slice(-2)).toMatchObject([
      { event: "disconnected", code: "DISCONNECTED", position: { offset: 100 + SET.length } },
      { event: "retry", attempt: 1, delay: 50 },
    ]);
    r.names.length = 0;
    const online = r.until("online");
    await r.clock.advance(50);
    const second = await r.primary.accept();
    expect(await second.handshake()).toBe(`PSYNC ${REPLID} ${101 + SET.length}`);
    second.send(`+CONTINUE ${OTHER_REPLID}\r\n${SET}`);
    await online;
    expect(r.names).toEqual(["connecting", "handshake", "continue", "online", "SET"]);
    expect(r.events.at(-1)).toMatchObject({
      db: 3,
      position: { replid: OTHER_REPLID, offset: 100 + 2 * SET.length, db: 3 },
    });
    expect(await second.command("REPLCONF ACK")).toBe(`REPLCONF ACK ${100 + 2 * SET.length}`);
  });

  test("with a reset when it cannot", async () => {
    const r = rig();
    const first = await r.attach();
    first.transport.reset();
    await r.until("retry");
    r.names.length = 0;
    const online = r.until("online");
    await r.clock.advance(50);
    const second = await r.primary.accept();
    await second.handshake();
    second.send(SNAPSHOT.replace(" 100\r", " 900\r"));
    await online;
    expect(r.names.slice(0, 4)).toEqual(["connecting", "handshake", "reset", "fullresync"]);
    expect(r.events.find((event) => event.event === "reset")).toMatchObject({
      reason: "backlog",
      lostFrom: 100,
      lostTo: 900,
    });
  });

  test("after waiting longer each time, and again from the start once online", async () => {
    const r = rig();
    const first = await r.attach();
    r.primary.refuse = true;
    await first.transport.close();
    const online = r.until("continue");
    await r.clock.advance(50 + 100 + 200);
    r.primary.refuse = false;
    await r.clock.advance(400);
    const second = await r.primary.accept();
    await second.handshake();
    second.send("+CONTINUE\r\n");
    await online;
    const retries = r.events.filter((event) => event.event === "retry");
    expect(retries).toMatchObject([{ delay: 50 }, { delay: 100 }, { delay: 200 }, { delay: 400 }]);
    await second.transport.close();
    r.names.length = 0;
    await r.until("retry");
    expect(r.events.at(-1)).toMatchObject({ attempt: 1, delay: 50 });
  });

  test("from a position of an earlier life", async () => {
    const r = rig({ position: { replid: REPLID, offset: 7, db: 2 } });
    const online = r.until("online");
    const side = await r.primary.accept();
    expect(await side.handshake()).toBe(`PSYNC ${REPLID} 8`);
    side.send(`+CONTINUE\r\n${SET}`);
    await online;
    expect(r.events.at(-1)).toMatchObject({ kind: "aof", db: 2, offset: 7 + SET.length });
  });

  test("when the idle time-out finds the peer gone", async () => {
    const r = rig({ timeouts: { idle: 60_000 } });
    const side = await r.attach();
    const retry = r.until("retry");
    await r.clock.advance(61_000);
    await retry;
    expect(r.events.at(-2)).toMatchObject({ event: "disconnected", code: "TIMEOUT" });
    expect(side.closed).toBe(true);
  });

  test("when the first snapshot stops in its middle", async () => {
    const r = rig({ timeouts: { idle: 5_000 } });
    const retry = r.until("retry");
    const side = await r.primary.accept();
    await side.handshake();
    side.send(`+FULLRESYNC ${REPLID} 7\r\n$100\r\nREDIS0011`);
    await settle();
    await r.clock.advance(6_000);
    await retry;
    expect(r.events.at(-2)).toMatchObject({ event: "disconnected", code: "TIMEOUT" });
    r.names.length = 0;
    const again = r.until("handshake");
    await r.clock.advance(1_000);
    expect(await (await r.primary.accept()).handshake()).toBe("PSYNC ? -1");
    await again;
  });

  test("waiting for a server that is loading", async () => {
    const r = rig();
    const online = r.until("online");
    for (let i = 0; i < 12; i++) {
      const side = await r.primary.accept();
      await side.command("PING");
      side.send("-LOADING Redis is loading the dataset in memory\r\n");
      await settle();
      await r.clock.advance(10_000);
    }
    const side = await r.primary.accept();
    await side.handshake();
    side.send(SNAPSHOT);
    await online;
    expect(r.events.filter((event) => event.event === "disconnected")).toHaveLength(12);
  });
});

test("replicaBatches sets no timer that a runtime would cut short", async () => {
  const r = rig({
    timeouts: { connect: 1e12, handshake: 1e12, idle: Number.POSITIVE_INFINITY },
    reconnect: { minDelay: 1e12 },
  });
  const setTimer = r.clock.setTimer.bind(r.clock);
  const longest: number[] = [];
  r.clock.setTimer = (ms, callback) => {
    longest.push(ms);
    return setTimer(ms, callback);
  };
  const side = await r.attach();
  await side.transport.close();
  await r.until("retry");
  void r.iterator.next();
  await settle();
  expect(Math.max(...longest)).toBe(2 ** 31 - 1);
});

describe("replicaBatches counts idle time only while a read is pending", () => {
  test("so that a slow consumer is no silent peer", async () => {
    const r = rig({ timeouts: { idle: 1000 } });
    const side = await r.attach();
    await r.clock.advance(600_000);
    side.send(SET);
    await r.until("SET");
    expect(r.names).not.toContain("disconnected");
  });
});

describe("replicaBatches and a slow consumer", () => {
  /** Reads a little, holds for some seconds with more unread, and is cut. */
  const cutWhileBehind = async (r: Rig, side: PrimarySide): Promise<void> => {
    side.send(SET);
    await r.iterator.next();
    side.send(SET);
    await r.clock.advance(4000);
    await side.transport.close();
    await r.until("retry");
  };
  const attachAgain = async (r: Rig, offset: number): Promise<PrimarySide> => {
    r.names.length = 0;
    const online = r.until("online");
    online.catch(() => {});
    await r.clock.advance(10_000);
    const side = await r.primary.accept();
    await side.handshake();
    side.send(SNAPSHOT.replace(" 100\r", ` ${offset}\r`));
    await online;
    return side;
  };

  test("says why it was reset, and ends when that happens again and again", async () => {
    const r = rig({ watchLag: false });
    let side = await r.attach();
    for (const offset of [5000, 10_000]) {
      await cutWhileBehind(r, side);
      side = await attachAgain(r, offset);
      expect(r.events.filter((event) => event.event === "reset").at(-1)).toMatchObject({
        reason: "overrun",
        lostTo: offset,
      });
    }
    await cutWhileBehind(r, side);
    await expect(attachAgain(r, 15_000)).rejects.toMatchObject({
      code: "OVERRUN",
      message: expect.stringContaining("client-output-buffer-limit"),
    });
  });

  test("is forgiven once it has caught up", async () => {
    const r = rig({ watchLag: false });
    let side = await r.attach();
    for (let round = 1; round < 6; round++) {
      await cutWhileBehind(r, side);
      side = await attachAgain(r, round * 5000);
      const next = r.iterator.next();
      await r.clock.advance(100);
      side.send(SET);
      await next;
    }
  });

  test("ends at once where that is wanted", async () => {
    const r = rig({ watchLag: false, overrun: "fail" });
    await cutWhileBehind(r, await r.attach());
    await expect(attachAgain(r, 5000)).rejects.toMatchObject({ code: "OVERRUN" });
  });

  test("is not blamed for a cut while it kept up, nor where the primary still has everything", async () => {
    const r = rig({ watchLag: false, overrun: "fail" });
    const first = await r.attach();
    const next = r.iterator.next();
    await r.clock.advance(4000);
    await first.transport.close();
    r.note((await next).value);
    const second = await attachAgain(r, 5000);
    expect(r.events.filter((event) => event.event === "reset")).toMatchObject([{ reason: "backlog" }]);
    await cutWhileBehind(r, second);
    const online = r.until("continue");
    await r.clock.advance(10_000);
    const third = await r.primary.accept();
    await third.handshake();
    third.send("+CONTINUE\r\n");
    await online;
  });

  test("is warned before the primary cuts it", async () => {
    const r = rig();
    const side = await r.attach();
    side.send(SET);
    await r.clock.advance(2000);
    const ask = await r.primary.accept();
    await ask.command("CONFIG GET");
    const info = "# Replication\r\nmaster_repl_offset:600\r\nrepl_backlog_size:10000\r\n";
    const config = "normal 0 0 0 slave 1000 1000 60 pubsub 0 0 0";
    ask.send(`$${info.length}\r\n${info}\r\n*2\r\n$1\r\nx\r\n$${config.length}\r\n${config}\r\n`);
    await settle();
    expect(ask.closed).toBe(true);
    await r.until("SET");
    expect(r.events.slice(-2)).toMatchObject([
      { event: "lag", lag: 500, limit: 1000, of: "output-buffer", position: { offset: 100 } },
      { kind: "aof" },
    ]);
  });
});

describe("replicaBatches tells how it is doing", () => {
  test("every second", async () => {
    const seen: ReplicaStatus[] = [];
    const r = rig({ onStatus: (status) => seen.push(status), watchLag: false });
    const online = r.until("online");
    const side = await r.primary.accept();
    await r.clock.advance(1000);
    await side.handshake();
    await r.clock.advance(1000);
    side.send(SNAPSHOT.slice(0, -50));
    await settle();
    await r.clock.advance(1000);
    side.send(SNAPSHOT.slice(-50));
    await online;
    const next = r.iterator.next();
    await r.clock.advance(1000);
    side.send(SET.slice(0, 7));
    await settle();
    await r.clock.advance(1000);
    side.send(SET.slice(7));
    r.note((await next).value);
    await side.transport.close();
    await r.until("retry");
    const after = r.iterator.next();
    after.catch(() => {});
    await r.clock.advance(1000);
    expect(seen.map(({ phase }) => phase)).toEqual([
      "handshake",
      "handshake",
      "snapshot",
      "online",
      "online",
      expect.any(String),
    ]);
    expect(seen[2]).toMatchObject({
      snapshot: { read: RDB.length - 10, total: undefined },
      position: undefined,
      offset: 100,
    });
    expect(seen[3]).toMatchObject({
      lag: 0,
      offset: 100,
      position: { offset: 100 },
      silence: 1000,
      buffered: 0,
      cuts: 0,
    });
    expect(seen[4]).toMatchObject({
      buffered: 7,
      received: expect.any(Number),
      events: r.names.indexOf("SET"),
    });
    expect(seen[5]).toMatchObject({ cuts: 1, lag: undefined, eventsPerSecond: 4 });
  });

  test("ending with what the callback throws", async () => {
    const r = rig({
      onStatus: () => {
        throw new Error("mine");
      },
    });
    await r.attach();
    const rest = r.rest();
    await r.clock.advance(1000);
    expect(await rest).toMatchObject({ message: "mine" });
    expect(r.clock.pending).toBe(0);
  });
});

describe("replicaBatches ends with a coded error", () => {
  /** Attaches and lets the primary do something instead of serving. */
  const fails = async (
    play: (side: PrimarySide, r: Rig) => unknown,
    options?: ReplicaOptions,
  ): Promise<[unknown, Rig]> => {
    const r = rig({ reconnect: false, ...options });
    const rest = r.rest();
    const side = await r.primary.accept();
    await play(side, r);
    const error = await rest;
    expect(r.clock.pending).toBe(0);
    await settle();
    expect(side.closed).toBe(true);
    return [error, r];
  };

  test("when the connection is cut within the snapshot, everything before it delivered", async () => {
    const [error, r] = await fails(async (side) => {
      await side.handshake();
      side.send(SNAPSHOT.slice(0, -45));
      await settle();
      await side.transport.close();
    });
    expect(error).toMatchObject({ code: "DISCONNECTED", offset: RDB.length - 5 });
    expect(r.names).toEqual(["connecting", "handshake", "fullresync", "begin", "aux", "aux", "key"]);
  });

  test("for good when it keeps being cut there", async () => {
    const r = rig();
    const rest = r.rest();
    for (let i = 0; i < 5; i++) {
      const side = await r.primary.accept();
      await side.handshake();
      side.send(SNAPSHOT.slice(0, -45));
      await settle();
      await side.transport.close();
      await settle();
      await r.clock.advance(5000);
    }
    expect(await rest).toMatchObject({ code: "DISCONNECTED", offset: RDB.length - 5 });
    expect(r.names.filter((name) => name === "reset")).toHaveLength(4);
  });

  test("when a corrupt chunk has good events before the fault", async () => {
    const [error, r] = await fails(async (side) => {
      await side.handshake();
      side.send(`${SNAPSHOT}${SET}${SET}@@@`);
    });
    expect(error).toMatchObject({ code: "MALFORMED", offset: 100 + 2 * SET.length });
    expect(r.names.slice(-3)).toEqual(["online", "SET", "SET"]);
  });

  test("at once for wrong credentials, never telling them", async () => {
    const [error] = await fails(
      async (side) => {
        expect(await side.command("PING")).toBe("PING");
        side.send("-NOAUTH Authentication required.\r\n");
        expect(await side.command("AUTH")).toBe("AUTH app sEcRet");
        side.send("-WRONGPASS invalid username-password pair or user is disabled.\r\n");
      },
      { username: "app", password: "sEcRet", reconnect: {} },
    );
    expect(error).toMatchObject({ code: "WRONGPASS" });
    expect(JSON.stringify(error) + String(error)).not.toContain("sEcRet");
  });

  test("when the peer says nothing", async () => {
    const [error] = await fails(async (_side, r) => {
      await settle();
      await r.clock.advance(30_000);
    });
    expect(error).toMatchObject({
      code: "TIMEOUT",
      message: expect.stringContaining("did not answer PING within 30000 ms"),
    });
  });

  test("when nothing listens, after a few attempts", async () => {
    const r = rig();
    r.primary.refuse = true;
    const rest = r.rest();
    await r.clock.advance(10_000);
    expect(await rest).toMatchObject({ code: "CONNECT" });
    expect(r.names).toEqual([...Array(4).fill(["connecting", "disconnected", "retry"]).flat(), "connecting"]);
  });

  test("when connecting takes too long", async () => {
    const r = rig({ connect: () => new Promise(() => {}), timeouts: { connect: 250 } });
    const rest = r.rest();
    await r.clock.advance(250);
    expect(await rest).toMatchObject({ code: "TIMEOUT", message: expect.stringContaining("primary:6379") });
    expect(r.clock.pending).toBe(0);
  });

  test("when writes fail though reads stay open", async () => {
    const broken = new Error("broken pipe");
    const primary = new FakePrimary();
    const connect: Connect = async (address, options) => {
      const transport = await primary.connect(address, options);
      return {
        chunks: transport.chunks,
        close: () => transport.close(),
        write: () => Promise.reject(broken),
      };
    };
    const r = rig({ connect, reconnect: false });
    const rest = r.rest();
    await settle();
    await r.clock.advance(2000);
    expect(await rest).toMatchObject({ code: "DISCONNECTED", cause: broken });
  });

  test("as the transport gave it where it knows better", async () => {
    const connect: Connect = () => Promise.reject(new TypeError("Cannot use the TLS options"));
    expect(await rig({ connect }).rest()).toBeInstanceOf(TypeError);
  });
});

describe("replicaBatches refuses", () => {
  const { connect } = new FakePrimary();
  const clock = new FakeClock();
  const position = { replid: REPLID, offset: 1, db: 0 };
  const bad: readonly [name: string, url: string, options: object, error: object | string][] = [
    ["no connect", URL, { clock }, { code: "NO_RUNTIME" }],
    ["no clock", URL, { connect }, { code: "NO_RUNTIME" }],
    ["a wrong URL", "http://x", { connect, clock }, "TypeError"],
    ["a database", "redis://x/2", { connect, clock }, "TypeError"],
    [
      "a single server's position for a cluster",
      "redis-cluster://x",
      { connect, clock, position },
      "TypeError",
    ],
    ["nothing to deliver", URL, { connect, clock, snapshot: false, stream: false }, "TypeError"],
    ["a position without a stream", URL, { connect, clock, position, stream: false }, "TypeError"],
    ["a user alone", "redis://u@x", { connect, clock }, "TypeError"],
    ["a wrong replid", URL, { connect, clock, position: { ...position, replid: "x" } }, "TypeError"],
    ["a wrong offset", URL, { connect, clock, position: { ...position, offset: -1 } }, "RangeError"],
    [
      "an offset that is no number",
      URL,
      { connect, clock, position: { ...position, offset: 2 ** 53 } },
      "RangeError",
    ],
    ["a wrong db", URL, { connect, clock, position: { ...position, db: 0.5 } }, "RangeError"],
    ["a wrong time-out", URL, { connect, clock, timeouts: { idle: 0 } }, "RangeError"],
    ["a wrong port", URL, { connect, clock, announce: { port: 0 } }, "RangeError"],
    ["a wrong delay", URL, { connect, clock, reconnect: { minDelay: -1 } }, "RangeError"],
    ["a wrong filter", URL, { connect, clock, dbs: [-1] }, "RangeError"],
    ["a wrong onHole", URL, { connect, clock, onHole: "x" }, "TypeError"],
    ["a wrong limit of commands", URL, { connect, clock, maxCommandBytes: 0 }, "RangeError"],
  ];
  test.each(bad)("%s", (_name, url, options, error) => {
    expect(() => replicaBatches(url, options as ReplicaOptions)).toThrow(
      expect.objectContaining(typeof error === "string" ? { name: error } : error),
    );
  });

  test("the password of a URL no message", () => {
    expect(() => replicaBatches("redis://u:sEcRet@x:0", { connect, clock })).toThrow(
      expect.not.stringContaining("sEcRet"),
    );
  });
});

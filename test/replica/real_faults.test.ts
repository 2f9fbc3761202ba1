import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RedisEvent } from "../../src/events.ts";
import type { ReplicaOptions } from "../../src/replica/options.ts";
import { replicaBatches } from "../../src/replica/replica_batches.ts";
import { connect } from "../../transports/node/connect.ts";
import { clock } from "../../transports/shared/clock.ts";
import { describeServers } from "../servers/describe.ts";
import { startServer, type TestServer } from "../servers/mod.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { Follower, info } from "./support/follower.ts";
import { openSpoolFile } from "./support/spool_files.ts";

const masterOffset = async (client: TestClient): Promise<number> =>
  Number(await info(client, "master_repl_offset"));

describeServers("A replica link survives", (kind) => {
  let server: TestServer;
  let client: TestClient;
  const followers: Follower[] = [];
  const follow = (options?: ReplicaOptions, url = server.url): Follower => {
    const follower = new Follower(url, options);
    followers.push(follower);
    return follower;
  };

  beforeAll(async () => {
    server = await startServer({
      kind,
      config: { "repl-backlog-size": "64mb", "repl-ping-replica-period": "1" },
    });
    client = await connectClient(server);
  });
  afterAll(async () => {
    await Promise.all(followers.map((follower) => follower.stop()));
    client?.close();
    await server?.stop();
  });

  /** For what takes seconds and is alike everywhere: the oldest kind and the newest. */
  const twice = test.skipIf(kind === "redis-8.0");

  test("is made again where it was cut", async () => {
    const follower = follow({ reconnect: { minDelay: 10 } });
    await follower.seen("online");
    for (let round = 1; round <= 3; round++) {
      await client.command(["SET", "round", round]);
      await client.command(["CLIENT", "KILL", "TYPE", "replica"]);
      await client.command(["SET", "after", round]);
      await follower.seen("online", round + 1);
    }
    await follower.reached(await masterOffset(client));
    const wanted = [1, 2, 3].flatMap((round) => [`SET round ${round}`, `SET after ${round}`]);
    expect(follower.commands.filter((command) => /^SET (round|after)/.test(command))).toEqual(wanted);
    expect(follower.link("reset")).toEqual([]);
    await follower.stop();
  });

  test("says what was lost when the backlog no longer holds it", async () => {
    const small = await startServer({ kind, config: { "repl-backlog-size": "16384" } });
    const writer = await connectClient(small);
    const follower = follow({}, small.url);
    await follower.seen("online");
    await writer.command(["SET", "before", "1"]);
    await follower.until("before", () => follower.commands.includes("SET before 1"));
    const position = follower.events.at(-1)!.position!;
    await follower.stop();
    for (let i = 0; i < 40; i++) await writer.command(["SET", "big", "x".repeat(4096)]);
    const again = follow({ position }, small.url);
    await again.seen("online");
    const [reset] = again.link("reset");
    expect(reset).toMatchObject({ reason: "backlog", lostFrom: position.offset, position: undefined });
    expect(reset!.lostTo).toBe(again.link("fullresync")[0]!.offset);
    expect(again.events.indexOf(reset!)).toBeLessThan(
      again.events.findIndex((event) => event.event === "fullresync"),
    );
    const strict = follow({ position, onHole: "fail" }, small.url);
    expect(await strict.end()).toMatchObject({ code: "HISTORY", offset: position.offset });
    await again.stop();
    writer.close();
    await small.stop();
  });

  test("is warned when it lags, and told why it was reset", async () => {
    const limits = "replica 33554432 33554432 60";
    const tight = await startServer({
      kind,
      config: { "client-output-buffer-limit": limits, "repl-backlog-size": "16384" },
    });
    const writer = await connectClient(tight);
    const batches = replicaBatches(tight.url, {
      connect,
      clock,
      commands: ["DEL"],
      reconnect: { minDelay: 10 },
    });
    const iterator = batches[Symbol.asyncIterator]();
    const seen: RedisEvent[] = [];
    const until = async (name: string): Promise<RedisEvent> => {
      for (;;) {
        const found = seen.find((event) => event.event === name);
        if (found !== undefined) return found;
        seen.push(...(await iterator.next()).value);
      }
    };
    const write = async (mib: number): Promise<void> => {
      for (let i = 0; i < mib; i++) await writer.command(["SET", "big", "x".repeat(1 << 20)]);
    };
    const gone = async (count: number): Promise<void> => {
      while (Number(await info(writer, "connected_slaves")) !== count) await sleep(20);
    };
    await until("online");
    await write(24);
    // Nothing is taken meanwhile; the watch looks once a second at how long nothing was.
    await sleep(2500);
    expect(await until("lag")).toMatchObject({ of: "output-buffer", limit: 33_554_432 });
    await write(64);
    await gone(0);
    expect(await until("reset")).toMatchObject({ reason: "overrun" });
    expect(seen.findIndex((event) => event.event === "lag")).toBeLessThan(
      seen.findIndex((event) => event.event === "disconnected"),
    );
    await iterator.return?.();
    await gone(0);
    writer.close();
    await tight.stop();
  });

  test("survives a burst with a spool however slowly events are taken", async () => {
    const limits = "replica 16777216 16777216 60";
    const tight = await startServer({
      kind,
      config: { "client-output-buffer-limit": limits, "repl-backlog-size": "16384" },
    });
    const writer = await connectClient(tight);
    const spool = join(tight.dir, "spool");
    const batches = replicaBatches(tight.url, {
      connect,
      clock,
      openSpool: openSpoolFile,
      overrun: { spool, maxBytes: 256 << 20 },
    });
    const iterator = batches[Symbol.asyncIterator]();
    const seen: RedisEvent[] = [];
    const take = async (): Promise<void> => {
      seen.push(...(await iterator.next()).value.filter((event: RedisEvent) => event.kind !== "rdb"));
    };
    while (!seen.some((event) => event.event === "online")) await take();
    const value = "x".repeat(1 << 20);
    // Not one batch is taken meanwhile, and the primary has it all acknowledged.
    for (let i = 0; i < 96; i++) {
      await writer.command(["SET", `big${i}`, value]);
      if (i % 8 === 7) expect(await writer.text("WAIT", "1", "20000")).toBe("1");
    }
    expect((await stat(spool)).size).toBeGreaterThan(64 << 20);
    await writer.command(["SET", "last", "1"]);
    const keys = (): (string | undefined)[] =>
      seen.flatMap((event) => (event.kind === "aof" && event.event === "command" ? [event.text(1)] : []));
    while (!keys().includes("last")) await take();
    expect(keys()).toEqual([...Array.from({ length: 96 }, (_, i) => `big${i}`), "last"]);
    expect(seen.filter((event) => event.event === "disconnected" || event.event === "reset")).toEqual([]);
    await iterator.return?.();
    await expect(stat(spool)).rejects.toThrow("ENOENT");
    writer.close();
    await tight.stop();
  });

  test("waits while the server loads its data set", async () => {
    const loading = await startServer({ kind });
    const writer = await connectClient(loading);
    await writer.command(["DEBUG", "POPULATE", "8000", "k", "10"]);
    await writer.command(["SAVE"]);
    // Some 2 s of loading, during which the server answers LOADING to PING.
    await writer.command(["CONFIG", "SET", "key-load-delay", "200"]);
    await writer.command(["CONFIG", "SET", "loading-process-events-interval-bytes", "1024"]);
    const reload = writer.command(["DEBUG", "RELOAD", "NOSAVE"]);
    const follower = follow({ reconnect: { minDelay: 50, maxDelay: 200 } }, loading.url);
    await follower.seen("end");
    await reload;
    expect(follower.link("disconnected").map((event) => event.code)).toContain("LOADING");
    expect(follower.link("end")[0]!.keys).toBe(8000);
    await follower.stop();
    writer.close();
    await loading.stop();
  });

  twice("waits while a save that is under way keeps the snapshot from beginning", async () => {
    const saving = await startServer({ kind });
    const writer = await connectClient(saving);
    await writer.command(["DEBUG", "POPULATE", "100", "k", "10"]);
    // Some 3 s for the save; the setting is the child's, the snapshot after it is quick.
    await writer.command(["CONFIG", "SET", "rdb-key-save-delay", "30000"]);
    await writer.command(["BGSAVE"]);
    await writer.command(["CONFIG", "SET", "rdb-key-save-delay", "0"]);
    const since = performance.now();
    // Line ends, one a second, are signs of life.
    const follower = follow({ timeouts: { handshake: 1900 }, reconnect: false }, saving.url);
    await follower.seen("end");
    expect(performance.now() - since).toBeGreaterThan(2000);
    expect(follower.link("end")[0]!.keys).toBe(100);
    await follower.stop();
    writer.close();
    await saving.stop();
  });

  twice("waits while a script runs", async () => {
    const busy = await startServer({ kind, config: { "busy-reply-threshold": "20" } });
    const [writer, killer] = [await connectClient(busy), await connectClient(busy)];
    const script = writer.command(["EVAL", "while true do end", "0"]).catch(() => {});
    const follower = follow({ reconnect: { minDelay: 20, maxDelay: 50 } }, busy.url);
    const refused = (): string[] => follower.link("disconnected").map(({ code }) => code);
    await follower.until("a refusal", () => refused().includes("BUSY"));
    await killer.command(["SCRIPT", "KILL"]);
    await script;
    await follower.seen("online");
    await follower.stop();
    for (const one of [writer, killer]) one.close();
    await busy.stop();
  });

  twice("leaves a server that has fallen silent, and goes on once it speaks", async () => {
    const silent = await startServer({ kind, config: { "repl-ping-replica-period": "1" } });
    const writer = await connectClient(silent);
    const timeouts = { idle: 1500, handshake: 400 };
    const follower = follow({ timeouts, reconnect: { minDelay: 20, maxDelay: 50 } }, silent.url);
    await follower.seen("online");
    await writer.command(["SET", "before", "1"]);
    await follower.until("the write", () => follower.commands.includes("SET before 1"));
    silent.signal("SIGSTOP");
    // Connections are still accepted, by the kernel: nobody is behind them.
    await follower.until("silence, again", () => follower.link("disconnected").length >= 2);
    silent.signal("SIGCONT");
    await writer.command(["SET", "after", "1"]);
    await follower.until("the next write", () => follower.commands.includes("SET after 1"));
    expect(follower.link("disconnected").map(({ code }) => code)).toContain("TIMEOUT");
    expect(follower.link("fullresync")).toHaveLength(1);
    expect(follower.commands.filter((words) => words.startsWith("SET"))).toEqual([
      "SET before 1",
      "SET after 1",
    ]);
    await follower.stop();
    writer.close();
    await silent.stop();
  });

  test("attaches to a replica, whose stream begins without SELECT", async () => {
    const chained = await startServer({ kind, config: { replicaof: `127.0.0.1 ${server.port}` } });
    const reader = await connectClient(chained);
    const other = await connectClient(server, { db: 7 });
    const follower = follow({ reconnect: { minDelay: 50 } }, chained.url);
    await follower.seen("online");
    await other.command(["SET", "chained", "1"]);
    await follower.until("chained", () => follower.commands.includes("SET chained 1"));
    await follower.stop();
    // The primary's stream has db 7 selected now, and will not say so again.
    const late = follow({}, chained.url);
    await late.seen("online");
    await other.command(["SET", "chained", "2"]);
    await late.until("chained", () => late.commands.includes("SET chained 2"));
    expect(late.last("aof")).toMatchObject({ db: 7 });
    await late.stop();
    other.close();
    reader.close();
    await chained.stop();
  });

  test("follows a replica that is promoted under its new id", async () => {
    const chained = await startServer({ kind, config: { replicaof: `127.0.0.1 ${server.port}` } });
    const reader = await connectClient(chained);
    const follower = follow({ reconnect: { minDelay: 50 } }, chained.url);
    await follower.seen("online");
    await client.command(["SET", "before", "promotion"]);
    await follower.until("before", () => follower.commands.includes("SET before promotion"));
    const before = follower.events.at(-1)!.position!;
    await reader.command(["REPLICAOF", "NO", "ONE"]);
    await reader.command(["SET", "after", "promotion"]);
    await follower.until("after", () => follower.commands.includes("SET after promotion"));
    expect(follower.link("reset")).toEqual([]);
    const after = follower.events.at(-1)!.position!;
    expect(after.replid).toBe(await info(reader, "master_replid"));
    expect(after.replid).not.toBe(before.replid);
    await follower.stop();
    reader.close();
    await chained.stop();
  });

  test("goes on after a restart that kept the history, and says so after one that did not", async () => {
    const mortal = await startServer({ kind });
    const follower = follow({ reconnect: { minDelay: 20, maxDelay: 100 } }, mortal.url);
    await follower.seen("online");
    const write = async (value: string): Promise<void> => {
      const writer = await connectClient(mortal);
      await writer.command(["SET", "life", value]);
      // A snapshot at shutdown is what carries replication id and offset over.
      await writer.command(["CONFIG", "SET", "save", "3600 1"]);
      await follower.until(value, () => follower.commands.includes(`SET life ${value}`));
      writer.close();
    };
    await write("one");
    await mortal.restart("SIGTERM");
    await follower.seen("online", 2);
    expect(follower.link("reset")).toEqual([]);
    await write("two");
    await mortal.restart("SIGKILL");
    await follower.seen("online", 3);
    expect(follower.link("reset")).toMatchObject([
      { reason: "history", lostTo: undefined, lostFrom: expect.any(Number) },
    ]);
    await write("three");
    await follower.stop();
    await mortal.stop();
  });

  test("waits for a replica that has lost its primary", async () => {
    const lost = await startServer({ kind, config: { replicaof: "127.0.0.1 1" } });
    const reader = await connectClient(lost);
    const follower = follow({ reconnect: { minDelay: 20, maxDelay: 50 } }, lost.url);
    await follower.seen("retry", 3);
    expect(follower.link("disconnected")[0]!.code).toBe("NOMASTERLINK");
    await reader.command(["REPLICAOF", "NO", "ONE"]);
    await follower.seen("online");
    await follower.stop();
    reader.close();
    await lost.stop();
  });
});

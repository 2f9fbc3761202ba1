/** A link that Sentinels lead to the primary: real ones, that fail over. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { RedisEvent } from "../../src/events.ts";
import type { ReplicaOptions } from "../../src/replica/options.ts";
import { replicaBatches } from "../../src/replica/replica_batches.ts";
import { describeServers } from "../servers/describe.ts";
import { type ServerKind, startServer, type TestServer } from "../servers/mod.ts";
import { startSentinels, type TestSentinels } from "../servers/sentinel.ts";
import { connectClient } from "../support/client.ts";
import { Follower } from "./support/follower.ts";
import { MemorySpoolFile } from "./support/spool_files.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A primary with two replicas under three Sentinels. */
async function startGroup(kind: ServerKind): Promise<{ servers: TestServer[]; group: TestSentinels }> {
  const config = { "repl-diskless-sync-delay": "0", "repl-ping-replica-period": "1" };
  const primary = await startServer({ kind, config });
  cleanups.push(() => primary.stop());
  const servers = [primary];
  for (let i = 0; i < 2; i++) {
    const replica = await startServer({
      kind,
      config: { ...config, replicaof: `127.0.0.1 ${primary.port}`, "replica-priority": String(100 + i) },
    });
    cleanups.push(() => replica.stop());
    servers.push(replica);
  }
  const group = await startSentinels({ kind, primary, replicas: 2 });
  cleanups.push(() => group.stop());
  return { servers, group };
}

function follow(url: string, options: ReplicaOptions = {}): Follower {
  const follower = new Follower(url, { reconnect: { minDelay: 20, maxDelay: 200 }, ...options });
  cleanups.push(() => follower.stop());
  return follower;
}

/** Writes SET n:i i, one at a time, to whatever is the primary, and goes on after each failure with the next number. */
async function writeNumbers(port: () => Promise<number>, stopped: () => boolean): Promise<void> {
  for (let i = 0; !stopped(); ) {
    try {
      const client = await connectClient(`redis://127.0.0.1:${await port()}`);
      try {
        for (; !stopped(); i++) await client.command(["SET", `n:${i}`, i]);
      } finally {
        client.close();
      }
    } catch {
      i++;
      await sleep(20);
    }
  }
}

/** The keys that the events leave; a write that comes twice without a reset is an error. */
function keysOf(events: readonly RedisEvent[]): string[] {
  let keys = new Set<string>();
  for (const event of events) {
    if (event.event === "fullresync") keys = new Set();
    if (event.kind === "rdb" && event.event === "key") keys.add(event.keyText);
    if (event.kind !== "aof" || event.event !== "command" || event.name !== "SET") continue;
    const key = event.text(1)!;
    if (keys.has(key)) throw new Error(`${key} came twice`);
    keys.add(key);
  }
  return [...keys].sort();
}

async function keysAt(port: number): Promise<string[]> {
  const client = await connectClient(`redis://127.0.0.1:${port}`);
  const keys = (await client.command(["KEYS", "*"])) as Buffer[];
  client.close();
  return keys.map(String).sort();
}

async function command(port: number, ...args: string[]): Promise<void> {
  const client = await connectClient(`redis://127.0.0.1:${port}`);
  await client.command(args);
  client.close();
}

async function settled(follower: Follower, port: number): Promise<void> {
  await command(port, "SET", "last", "1");
  await follower.until("the last write", () => follower.commands.includes("SET last 1"));
}

describeServers("A Sentinel source", (kind) => {
  test("moves to the new primary without a hole when nothing is written meanwhile", async () => {
    const { servers, group } = await startGroup(kind);
    const follower = follow(group.url);
    await follower.seen("online");
    for (const n of ["one", "two"]) await command(servers[0]!.port, "SET", n, n);
    await follower.until("the writes", () => follower.commands.includes("SET two two"));
    const before = follower.events.at(-1)!.position!.replid;
    const port = await group.failover();
    expect(port).not.toBe(servers[0]!.port);
    await follower.seen("online", 2);
    await settled(follower, port);
    expect(follower.link("reset")).toEqual([]);
    expect(follower.link("fullresync")).toHaveLength(1);
    expect(follower.link("connecting").at(-1)!.address).toBe(`127.0.0.1:${port}`);
    expect(follower.events.at(-1)!.position!.replid).not.toBe(before);
    expect(keysOf(follower.events)).toEqual(["last", "one", "two"]);
  }, 60_000);

  test.each(["killed", "replaced by order"])(
    "loses and doubles nothing untold when the primary is %s under load",
    async (way) => {
      const { servers, group } = await startGroup(kind);
      // On one kind through a spool, whose link goes back behind the greetings of the old primary by itself.
      const spool = async (): Promise<MemorySpoolFile> => new MemorySpoolFile();
      const follower = follow(group.url, kind === "valkey-9.1" ? { overrun: { spool } } : {});
      await follower.seen("online");
      let stopped = false;
      const writing = writeNumbers(
        () => group.primaryPort(),
        () => stopped,
      );
      await follower.until("some writes", () => follower.commands.length > 500);
      if (way === "killed") {
        await servers[0]!.kill();
        while ((await group.primaryPort()) === servers[0]!.port) await sleep(50);
      } else await group.failover();
      // On a busy machine the next primary may be taken for dead too: any of the others will do.
      const others = servers.slice(1).map(({ port }) => `127.0.0.1:${port}`);
      await follower.until("another primary", () =>
        others.includes(follower.link("connecting").at(-1)?.address ?? ""),
      );
      await follower.seen("online", 2);
      const count = follower.events.length;
      await follower.until("more writes", () => follower.events.length > count + 200);
      stopped = true;
      await writing;
      const port = await group.primaryPort();
      await settled(follower, port);
      const last = follower.link("reset").length;
      expect(follower.link("fullresync")).toHaveLength(1 + last);
      expect(keysOf(follower.events)).toEqual(await keysAt(port));
    },
    90_000,
  );

  test("says that Sentinels do not know the name, and that none answers", async () => {
    const primary = await startServer({ kind });
    cleanups.push(() => primary.stop());
    const group = await startSentinels({ kind, primary, count: 1 });
    cleanups.push(() => group.stop());
    const wrong = follow(group.url.replace("mymaster", "other"));
    expect(await wrong.end()).toMatchObject({ code: "CONFIG", message: expect.stringContaining('"other"') });
    const nobody = follow("redis-sentinel://127.0.0.1:1/mymaster");
    expect(await nobody.end()).toMatchObject({ code: "CONNECT" });
  }, 60_000);
});

test("Options of a kind of source that the URL does not name are wrong arguments", () => {
  const connect = () => Promise.reject(new Error("not to be called"));
  const clock = { now: Date.now, setTimer: () => () => {} };
  expect(() => replicaBatches("redis://h", { connect, clock, sentinel: {} })).toThrow(TypeError);
  expect(() => replicaBatches("redis-sentinel://h/m", { connect, clock, preferReplica: true })).toThrow(
    TypeError,
  );
});

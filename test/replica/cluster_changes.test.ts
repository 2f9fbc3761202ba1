/** A whole cluster as one source: shards that go, answers of old servers, a spool, another process. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { keySlot } from "../../src/bytes/crc16.ts";
import type { RedisEvent } from "../../src/events.ts";
import type { ReplicaOptions } from "../../src/replica/options.ts";
import { replicaBatches } from "../../src/replica/replica_batches.ts";
import type { Connect } from "../../src/transport.ts";
import { connect, openSpool } from "../../transports/node/mod.ts";
import { clock } from "../../transports/shared/clock.ts";
import { startCluster, type TestCluster } from "../servers/cluster.ts";
import { describeServers } from "../servers/describe.ts";
import { connectClient } from "../support/client.ts";
import { copyOf, keysOf, numbered, sets, write } from "./support/cluster_data.ts";
import { Follower } from "./support/follower.ts";
import { bytes, text } from "./support/wire.ts";

const ROOT = join(import.meta.dirname, "../..");
const CONFIG = { "repl-diskless-sync-delay": "0", "repl-ping-replica-period": "1" };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Parameters<typeof startCluster>[0]): Promise<TestCluster> {
  const cluster = await startCluster({ ...options, config: { ...CONFIG, ...options.config } });
  cleanups.push(() => cluster.stop());
  return cluster;
}

function follow(cluster: TestCluster, options: ReplicaOptions = {}): Follower {
  const follower = new Follower(cluster.url, { reconnect: { minDelay: 20, maxDelay: 200 }, ...options });
  cleanups.push(() => follower.stop());
  return follower;
}

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "rxr-cluster-"));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const written = (events: readonly RedisEvent[]): string[] =>
  events.flatMap((event) =>
    event.kind === "aof" && event.event === "command" && event.name === "SET" ? [event.text(1)!] : [],
  );

/** A server of before CLUSTER SHARDS: what it is asked is a subcommand that it does not know. */
const connectOld: Connect = async (address, options) => {
  const transport = await connect(address, options);
  const forget = (sent: Uint8Array): Uint8Array => bytes(text(sent).replace("SHARDS", "SHARDZ"));
  return {
    chunks: transport.chunks,
    write: (sent) => transport.write(forget(sent)),
    close: () => transport.close(),
  };
};

describeServers(
  "A cluster source",
  (kind) => {
    test("finds shards, failovers and new shards by CLUSTER SLOTS where there is nothing better", async () => {
      const cluster = await start({ kind, replicasPerPrimary: 1 });
      const follower = follow(cluster, { connect: connectOld });
      await follower.seen("online", 3);
      const keys = numbered("k", 60);
      await cluster.failover(cluster.nodes[3]!);
      await write(cluster, keys, "1");
      await sets(follower, keys, "1");
      const added = await cluster.addNode();
      const slot = keySlot(bytes("k1"));
      await cluster.moveSlots(await cluster.primaryOf(slot), added, [slot]);
      const online = (): Set<string | undefined> =>
        new Set(follower.link("online").map(({ shard }) => shard));
      await follower.until("the new shard", () => online().size === 4);
      await write(cluster, keys, "2");
      await sets(follower, keys, "2");
      expect([...copyOf(follower.events).keys()].sort()).toEqual(await keysOf(cluster));
      expect(follower.link("reset")).toEqual([]);
      // A user who may ask for nothing else.
      for (const node of cluster.nodes) {
        const client = await connectClient(node);
        const rights = ["+psync", "+replconf", "+ping", "+client|setname", "+cluster|slots"];
        await client.command(["ACL", "SETUSER", "old", "on", ">old", ...rights]);
        client.close();
      }
      const old = follow(cluster, { username: "old", password: "old", watchLag: false });
      await old.seen("online", 4);
    }, 90_000);
  },
  ["redis-7.0"],
);

describeServers(
  "A cluster source",
  (kind) => {
    test("lets go of a shard that gave its slots away and was forgotten", async () => {
      // An empty primary becomes a replica of the one that got its last slot, or stays what it is.
      const migration = kind === "redis-8.0" ? "no" : "yes";
      const config = { "cluster-allow-replica-migration": migration };
      const cluster = await start({ kind, primaries: 2, config });
      const added = await cluster.addNode();
      const keys = numbered("k", 200);
      const slot = keySlot(bytes("k7"));
      const home = await cluster.primaryOf(slot);
      await cluster.moveSlots(home, added, [slot]);
      await write(cluster, keys, "1");
      const follower = follow(cluster);
      await follower.seen("online", 3);
      await write(cluster, keys, "2");
      await sets(follower, keys, "2");
      const { position } = follower.events.at(-1)!;
      const before = Object.keys(position!.shards!);
      expect(before).toHaveLength(3);
      await cluster.moveSlots(added, home, [slot]);
      await write(cluster, keys, "3");
      await sets(follower, keys, "3");
      await cluster.removeNode(added);
      const gone = (): RedisEvent | undefined =>
        follower.link("disconnected").find(({ code }) => code === "closed");
      await follower.until("the end of the shard", () => gone() !== undefined);
      const name = gone()!.shard!;
      expect(before).toContain(name);
      await write(cluster, keys, "4");
      await sets(follower, keys, "4");
      expect([...copyOf(follower.events).keys()].sort()).toEqual(await keysOf(cluster));
      expect(follower.link("reset")).toEqual([]);
      const last = follower.last("aof")!;
      expect(Object.keys(last.position!.shards!).sort()).toEqual(before.filter((one) => one !== name).sort());
      // From before: the shard that is no more is named as lost, the others go on.
      const again = follow(cluster, { position: position! });
      await again.seen("online", 2);
      await sets(again, keys, "4");
      expect(again.link("reset")).toMatchObject([{ shard: name, reason: "history" }]);
      expect(again.link("fullresync")).toEqual([]);
    }, 90_000);
  },
  ["redis-8.0", "valkey-9.1"],
);

describeServers(
  "A cluster source",
  (kind) => {
    let cluster: TestCluster;
    beforeAll(async () => {
      cluster = await startCluster({ kind, replicasPerPrimary: 1, config: CONFIG });
    }, 90_000);
    afterAll(() => cluster.stop());

    test("keeps what a slow consumer leaves in a spool for each shard, over a failover", async () => {
      const dir = await folder();
      const iterator = replicaBatches(cluster.url, {
        connect,
        clock,
        openSpool,
        overrun: { spool: join(dir, "spool"), maxBytes: 64 << 20 },
        reconnect: { minDelay: 20, maxDelay: 200 },
      })[Symbol.asyncIterator]();
      cleanups.push(() => iterator.return!());
      const events: RedisEvent[] = [];
      const take = async (done: () => boolean): Promise<void> => {
        while (!done()) events.push(...(await iterator.next()).value!);
      };
      const online = (): number => events.filter(({ event }) => event === "online").length;
      await take(() => online() === 3);
      // Nobody asks for events from here on, and more comes than links and spools keep in memory.
      const keys = numbered("k", 900);
      await write(cluster, keys, "1".repeat(40_000));
      for (const deadline = Date.now() + 20_000; (await readdir(dir)).length < 3; await sleep(20)) {
        if (Date.now() > deadline) throw new Error(`spools in use: ${await readdir(dir)}`);
      }
      const [replica] = cluster.nodes.slice(3);
      await cluster.failover(replica!);
      await write(cluster, keys, "2");
      await take(() => written(events).length === 2 * keys.length);
      expect(new Set(copyOf(events).values())).toEqual(new Set(["2"]));
      expect(events.filter(({ event }) => event === "fullresync")).toHaveLength(3);
      expect(events.filter(({ event }) => event === "reset")).toEqual([]);
      await iterator.return!();
      expect(await readdir(dir)).toEqual([]);
    }, 90_000);

    test("goes on in another process where the last one was killed, though a shard failed over meanwhile", async () => {
      const file = join(await folder(), "position");
      const first = tail(cluster, file);
      await first.until("all shards", () => first.count("online") === 3);
      const rounds = [0, 1, 2].map((round) => numbered(`r${round}-`, 100));
      await write(cluster, rounds[0]!, "1");
      await first.until("the writes", () => first.keys.length === 100);
      await first.kill();
      await write(cluster, rounds[1]!, "1");
      await cluster.failover(cluster.nodes[4]!);
      const second = tail(cluster, file);
      await write(cluster, rounds[2]!, "1");
      await second.until("the rest", () =>
        rounds.flat().every((key) => first.keys.includes(key) || second.keys.includes(key)),
      );
      await second.kill();
      expect(second.count("reset") + second.count("fullresync")).toBe(0);
      // At least once: what was printed and not yet saved may come again, in order; nothing else does.
      const repeated = second.keys.filter((key) => !rounds[1]!.includes(key) && !rounds[2]!.includes(key));
      expect(first.keys).toEqual(expect.arrayContaining(repeated));
      expect(second.keys.filter((key) => !repeated.includes(key)).sort()).toEqual(
        [...rounds[1]!, ...rounds[2]!].sort(),
      );
    }, 90_000);
  },
  ["valkey-9.1"],
);

/** `rxreplica tail`, reading along. */
function tail(cluster: TestCluster, file: string): Tail {
  const tail = new Tail(["cli/main.ts", "tail", cluster.url, "--resume", file, "--format", "ndjson"]);
  cleanups.push(() => tail.kill());
  return tail;
}

class Tail {
  readonly #child: ChildProcess;
  readonly #lines: { readonly event?: string; readonly command?: readonly string[] }[] = [];
  #stderr = "";

  constructor(argv: readonly string[]) {
    const { PATH, HOME } = process.env;
    this.#child = spawn("node", ["--import", "tsx", ...argv], { cwd: ROOT, env: { PATH, HOME } });
    createInterface({ input: this.#child.stdout! }).on("line", (line) => this.#lines.push(JSON.parse(line)));
    this.#child.stderr!.setEncoding("utf8").on("data", (said: string) => (this.#stderr += said));
  }

  /** Keys of the SETs printed. */
  get keys(): string[] {
    return this.#lines.flatMap(({ command }) => (command?.[0] === "SET" ? [command[1]!] : []));
  }

  count(event: string): number {
    return this.#lines.filter((line) => line.event === event).length;
  }

  async until(what: string, test: () => boolean): Promise<void> {
    for (const deadline = Date.now() + 30_000; !test(); await sleep(10)) {
      const ended = this.#child.exitCode !== null || Date.now() > deadline;
      if (ended) throw new Error(`no ${what}: ${this.#lines.length} lines, ${this.#stderr}`);
    }
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }
}

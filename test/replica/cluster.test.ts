/** A whole cluster as one source: real ones, whose shards fail over and share their slots anew. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { keySlot } from "../../src/bytes/crc16.ts";
import type { RedisEvent } from "../../src/events.ts";
import type { ReplicaOptions } from "../../src/replica/options.ts";
import { startCluster, type TestCluster } from "../servers/cluster.ts";
import { describeServers } from "../servers/describe.ts";
import { connectClient } from "../support/client.ts";
import { copyOf, keysOf, numbered, sets, shardsIn, write } from "./support/cluster_data.ts";
import { Follower } from "./support/follower.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(...args: Parameters<typeof startCluster>): Promise<TestCluster> {
  const [options] = args;
  const cluster = await startCluster({
    ...options,
    config: { "repl-diskless-sync-delay": "0", "repl-ping-replica-period": "1" },
  });
  cleanups.push(() => cluster.stop());
  return cluster;
}

function follow(cluster: TestCluster, options: ReplicaOptions = {}): Follower {
  const follower = new Follower(cluster.url, { reconnect: { minDelay: 20, maxDelay: 200 }, ...options });
  cleanups.push(() => follower.stop());
  return follower;
}

describeServers("A cluster source", (kind) => {
  test("copies all shards, and goes on from a position of all of them", async () => {
    const cluster = await start({ kind });
    const early = numbered("early", 300);
    await write(cluster, early, "1");
    const follower = follow(cluster);
    await follower.seen("online", 3);
    const late = numbered("late", 300);
    await write(cluster, late, "2");
    await sets(follower, late, "2");
    expect([...copyOf(follower.events).keys()].sort()).toEqual([...early, ...late].sort());
    expect(shardsIn(follower).size).toBe(3);
    // In the middle of the writes: whatever came before comes from no shard again, whatever came after from all.
    const at = follower.events.findIndex((event) => event.kind === "aof") + 100;
    const { position } = follower.events[at]!;
    expect(Object.keys(position!.shards!).sort()).toEqual([...shardsIn(follower)].sort());
    expect(position).toMatchObject(position!.shards![follower.events[at]!.shard!]!);
    await follower.stop();
    const names = (events: readonly RedisEvent[]) =>
      events
        .flatMap((event) => (event.kind === "aof" && event.event === "command" ? [event.text(1)!] : []))
        .sort();
    const again = follow(cluster, { position: JSON.parse(JSON.stringify(position)) });
    const rest = names(follower.events.slice(at + 1));
    await again.until("the rest", () => names(again.events).length >= rest.length);
    expect(names(again.events)).toEqual(rest);
    expect(again.link("fullresync")).toEqual([]);
  }, 60_000);

  test("tells no position while a shard cannot be resumed", async () => {
    const cluster = await start({ kind });
    await write(cluster, numbered("k", 30), "1");
    const follower = follow(cluster);
    await follower.seen("online", 3);
    const whole = follower.events.findIndex(({ position }) => position !== undefined);
    const ended = follower.events.flatMap((event, index) => (event.event === "end" ? [index] : []));
    expect(ended).toHaveLength(3);
    expect(whole).toBe(ended[2]);
  }, 60_000);

  test("follows a shard that fails over, by order and by death", async () => {
    const cluster = await start({ kind, replicasPerPrimary: 1 });
    const follower = follow(cluster);
    await follower.seen("online", 3);
    const keys = numbered("k", 200);
    await write(cluster, keys, "1");
    await sets(follower, keys, "1");
    await cluster.failover(cluster.nodes[3]!);
    await write(cluster, keys, "2");
    await sets(follower, keys, "2");
    const dead = (await cluster.primaries()).find((node) => cluster.nodes.indexOf(node) === 1)!;
    await dead.kill();
    const live = cluster.nodes[4]!;
    while (!(await cluster.primaries()).includes(live)) await sleep(100);
    await write(cluster, keys, "3");
    await sets(follower, keys, "3");
    expect(follower.link("reset")).toEqual([]);
    expect(follower.link("fullresync")).toHaveLength(3);
    expect(shardsIn(follower).size).toBe(3);
    // Each write once.
    expect(follower.commands.filter((command) => command.startsWith("SET"))).toHaveLength(600);
  }, 90_000);

  test("takes in a new shard and keys that move to it", async () => {
    const cluster = await start({ kind });
    const keys = numbered("k", 300);
    await write(cluster, keys, "1");
    const follower = follow(cluster);
    await follower.seen("online", 3);
    const added = await cluster.addNode();
    const [from] = cluster.nodes;
    const slots = [...new Set(keys.map((key) => keySlot(new TextEncoder().encode(key))))].filter(
      (slot) => slot < 5000,
    );
    await cluster.moveSlots(from!, added, slots.slice(0, 3));
    await follower.seen("online", 4);
    await cluster.moveSlots(from!, added, slots.slice(3, 12));
    await write(cluster, ["last0", "last1", "last2", "last3"], "2");
    await sets(follower, ["last0", "last1", "last2", "last3"], "2");
    const wanted = await keysOf(cluster);
    await follower.until(
      "the same keys",
      () => [...copyOf(follower.events).keys()].sort().join() === wanted.join(),
    );
    await write(cluster, keys, "3");
    await sets(follower, keys, "3");
    expect([...copyOf(follower.events).keys()].sort()).toEqual(wanted);
    expect(Object.keys(follower.events.at(-1)!.position!.shards!)).toHaveLength(4);
  }, 90_000);

  test("attaches to replicas where it is wanted", async () => {
    const cluster = await start({ kind, replicasPerPrimary: 1 });
    // Redis 7.0 lists replicas as loading until it has heard of an offset of theirs.
    await write(cluster, numbered("early", 30), "1");
    const client = await connectClient(cluster.nodes[0]!);
    while ((await client.text("CLUSTER", "SHARDS")).includes("loading")) await sleep(100);
    client.close();
    const follower = follow(cluster, { preferReplica: true });
    await follower.seen("online", 3);
    const ports = new Set(follower.link("connecting").map(({ address }) => Number(address.split(":")[1])));
    expect(ports).toEqual(new Set(cluster.nodes.slice(3).map(({ port }) => port)));
    await write(cluster, numbered("k", 50), "1");
    await sets(follower, numbered("k", 50), "1");
    // Where the replica dies its primary takes over, without a hole. It takes a cluster seconds to notice: one kind is enough.
    if (kind !== "valkey-9.1") return;
    await cluster.nodes[3]!.kill();
    await write(cluster, numbered("k", 50), "2");
    await sets(follower, numbered("k", 50), "2");
    expect(follower.link("connecting").at(-1)!.address).toBe(`127.0.0.1:${cluster.nodes[0]!.port}`);
    expect(follower.link("reset")).toEqual([]);
    expect(follower.link("fullresync")).toHaveLength(3);
  }, 90_000);
});

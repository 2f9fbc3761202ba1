import { afterAll, beforeAll, expect, test } from "vitest";
import { connectClient } from "../support/client.ts";
import { startCluster, type TestCluster } from "./cluster.ts";
import { describeServers } from "./describe.ts";
import type { ServerKind } from "./kinds.ts";
import { startSentinels } from "./sentinel.ts";
import { startServer } from "./start.ts";

/** A cluster takes seconds to form: two of its kinds tell enough about the starter. */
const KINDS = ["redis-8.0", "valkey-9.1"] as const;

describeServers("startCluster", startClusterTests, KINDS);

function startClusterTests(kind: ServerKind): void {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster({ kind, primaries: 3, replicasPerPrimary: 1 });
  });
  afterAll(() => cluster.stop());

  test("serves every slot from three primaries", async () => {
    expect(cluster.nodes).toHaveLength(6);
    expect(await cluster.primaries()).toEqual(cluster.nodes.slice(0, 3));
    const client = await connectClient(cluster.nodes[2]!);
    expect(await client.text("CLUSTER", "INFO")).toMatch(/cluster_state:ok\r\ncluster_slots_assigned:16384/);
    // Slot 12182, in the last third.
    expect(await client.text("SET", "foo", "v")).toBe("OK");
    await expect(client.command(["SET", "bar", "v"])).rejects.toThrow(/MOVED 5061/);
    client.close();
    expect(cluster.url).toMatch(/^redis-cluster:\/\/127\.0\.0\.1:\d+,127\.0\.0\.1:\d+,127\.0\.0\.1:\d+$/);
  });

  test("moves slots with their keys to an added node", async () => {
    const from = await cluster.primaryOf(5061);
    const client = await connectClient(from);
    await client.command(["SET", "bar", "travels"]);
    const added = await cluster.addNode();
    await cluster.moveSlots(from, added, [5060, 5061]);
    await expect(client.command(["GET", "bar"])).rejects.toThrow(`MOVED 5061 127.0.0.1:${added.port}`);
    client.close();
    const there = await connectClient(added);
    expect(await there.text("GET", "bar")).toBe("travels");
    there.close();
    expect(await cluster.primaries()).toContain(added);
  });

  test("fails over to a replica", async () => {
    const replica = cluster.nodes[3]!;
    await cluster.failover(replica);
    expect(await cluster.primaryOf(0)).toBe(replica);
  });
}

describeServers("startSentinels", (kind) => {
  test("find the primary and its replica, and name the replica after a failover", async () => {
    const primary = await startServer({ kind });
    const config = { replicaof: `127.0.0.1 ${primary.port}`, "repl-diskless-sync-delay": "0" };
    const replica = await startServer({ kind, config });
    const group = await startSentinels({ kind, primary, replicas: 1 });
    expect(group.sentinels).toHaveLength(3);
    expect(group.url).toMatch(/^redis-sentinel:\/\/(127\.0\.0\.1:\d+,?){3}\/mymaster$/);
    expect(await group.primaryPort()).toBe(primary.port);
    expect(await group.failover()).toBe(replica.port);
    await Promise.all([group.stop(), primary.stop(), replica.stop()]);
  });
});

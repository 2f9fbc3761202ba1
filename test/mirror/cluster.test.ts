/** A cluster as target: each key on its node, in order, while slots move. */
import { expect, test } from "vitest";
import { connectTarget, parseTarget } from "../../cli/mirror/target.ts";
import { keySlot } from "../../src/bytes/crc16.ts";
import { describeServers } from "../servers/describe.ts";
import { startCluster, type TestCluster } from "../servers/mod.ts";
import { type Command, connectClient, type TestClient } from "../support/client.ts";
import { describeDifferences } from "../support/compare.ts";
import { readKeys } from "../support/read_keys.ts";
import { atEnd, Mirror, type MirrorOptions, start } from "./rig.ts";

async function startTarget(kind: Parameters<typeof startCluster>[0]["kind"]): Promise<TestCluster> {
  const cluster = await startCluster({ kind });
  atEnd(() => cluster.stop());
  return cluster;
}

async function mirrorTo(cluster: TestCluster, source: string, options: MirrorOptions = {}): Promise<Mirror> {
  const made = new Mirror(source, await connectTarget(parseTarget(cluster.url), {}), options);
  atEnd(() => made.stop());
  return made;
}

/** What of db 0 the cluster holds otherwise than the server, as text. */
async function differences(client: TestClient, cluster: TestCluster): Promise<string> {
  const names = ((await client.command(["KEYS", "*"])) as Buffer[]).sort(Buffer.compare);
  const found: string[] = [];
  let count = 0;
  for (const node of await cluster.primaries()) {
    const there = await connectClient(node);
    count += Number(await there.text("DBSIZE"));
    const mine = names.filter((name) => belongs.get(keySlot(name)) === node.port);
    const [left, right] = [await readKeys(client, mine), await readKeys(there, mine)];
    for (const [i, name] of mine.entries()) {
      const [ours, theirs] = [left[i], right[i]].map((one) =>
        one === undefined ? "" : JSON.stringify([one.type, one.expireAt, [...one.lines].sort()]),
      );
      if (ours !== theirs) found.push(`${name}: ${ours?.slice(0, 200)} ≠ ${theirs?.slice(0, 200)}`);
    }
    there.close();
  }
  if (count !== names.length) found.push(`${names.length} keys ≠ ${count}`);
  return found.join("\n") || describeDifferences([]);
}

const belongs = new Map<number, number>();
async function noteSlots(cluster: TestCluster): Promise<void> {
  for (const node of await cluster.primaries()) {
    const client = await connectClient(node);
    for (const [from, to, primary] of (await client.command(["CLUSTER", "SLOTS"])) as [
      number,
      number,
      [unknown, number],
    ][]) {
      for (let slot = from; slot <= to; slot++) belongs.set(slot, primary[1]);
    }
    client.close();
  }
}

/** Writes of every kind to one key each, or to keys with one hash tag. */
function* writes(round: number): Generator<Command> {
  for (let i = 0; i < 40; i++) {
    const tag = `{t${i}}`;
    yield ["INCR", `${tag}n`];
    yield ["APPEND", `${tag}s`, `${round},`];
    yield ["RPUSH", `${tag}l`, round, round + 1];
    yield ["XADD", `${tag}x`, "*", "round", round];
    yield ["HSET", `${tag}h`, `f${round}`, round];
    if (i % 5 === 0) yield ["RENAME", `${tag}s`, `${tag}renamed`];
    if (i % 7 === 0) {
      yield ["MULTI"];
      yield ["INCR", `${tag}n`];
      yield ["RPUSH", `${tag}l`, "in transaction"];
      yield ["EXEC"];
    }
  }
}

describeServers(
  "A mirror to a cluster",
  (kind) => {
    test("holds snapshot and writes, in order while slots move", async () => {
      const source = await start(kind);
      const cluster = await startTarget(kind);
      await source.client.pipeline(writes(0));
      const made = await mirrorTo(cluster, source.server.url);
      for (let round = 1; round <= 10; round++) await source.client.pipeline(writes(round));
      const [from, to] = await cluster.primaries();
      const slots = [0, 7, 13, 21, 35].map((i) => keySlot(Buffer.from(`t${i}`)));
      await noteSlots(cluster);
      const mine = slots.filter((slot) => belongs.get(slot) === from!.port);
      expect(mine.length).toBeGreaterThan(0);
      const moving = cluster.moveSlots(from!, to!, mine);
      for (let round = 11; round <= 40; round++) await source.client.pipeline(writes(round));
      await moving;
      await source.client.pipeline(writes(41));
      await made.caughtUp(source.client);
      await noteSlots(cluster);
      expect(await differences(source.client, cluster)).toBe("");
      expect(await made.stop()).toBeUndefined();
    }, 120_000);

    test("stops at a transaction across slots, or splits it and says so", async () => {
      const source = await start(kind);
      const cluster = await startTarget(kind);
      const across: Command[] = [["MULTI"], ["SET", "a", 1], ["SET", "b", 2], ["EXEC"], ["DEL", "a", "c"]];
      const stopping = await mirrorTo(cluster, source.server.url, { existing: "flush" });
      await stopping.caughtUp(source.client);
      await source.client.pipeline(across);
      expect(await stopping.ended()).toMatchObject({
        code: "UNSUPPORTED",
        message: expect.stringMatching(/crossSlot/),
      });
      const splits: string[] = [];
      const splitting = await mirrorTo(cluster, source.server.url, {
        existing: "flush",
        crossSlot: "split",
        onSplit: (name) => splits.push(name),
      });
      await splitting.caughtUp(source.client);
      await source.client.pipeline([["SET", "c", 1], ...across, ["MSET", "x", 1, "y", 2]]);
      await splitting.caughtUp(source.client);
      await noteSlots(cluster);
      expect(await differences(source.client, cluster)).toBe("");
      expect(splits).toEqual(["MULTI", "DEL", "MSET"]);
      await source.client.command(["RENAME", "b", "r"]);
      expect(await splitting.ended()).toMatchObject({
        code: "UNSUPPORTED",
        message: expect.stringMatching(/RENAME .*several slots/),
      });
    }, 120_000);
  },
  ["redis-8.0", "valkey-9.1"],
);

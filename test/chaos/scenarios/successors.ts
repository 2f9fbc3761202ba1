/** What happens when another server becomes the primary. */
import { setTimeout as sleep } from "node:timers/promises";
import type { TestServer } from "../../servers/mod.ts";
import type { TestSentinels } from "../../servers/sentinel.ts";
import type { Rig } from "../rig.ts";
import { eventually, live, type Scenario } from "./scenario.ts";

/** Waits until a replica has everything. Keys expire and pings go out without any writer: both offsets are read until they agree. */
async function inStep(rig: Rig, replica: TestServer): Promise<void> {
  await eventually("a replica in step", async () => {
    const { master_repl_offset } = await rig.replication();
    return (await rig.replication(replica)).slave_repl_offset === master_repl_offset;
  });
}

async function promoted(rig: Rig, replica: TestServer): Promise<void> {
  await eventually("a promotion", async () => (await rig.replication(replica)).role === "master");
}

/** Kills the primary after writes that the consumer has and the replica will never have. */
async function killAhead(rig: Rig, replica: TestServer): Promise<void> {
  const { consumer, primary } = rig;
  replica.signal("SIGSTOP");
  // All others attach again and get what is written from now on.
  await rig.ask((client) => client.command(["CLIENT", "KILL", "TYPE", "replica"]));
  const written = Number((await rig.replication()).master_repl_offset);
  await consumer.until("writes that only it has", () => consumer.applied > written);
  await primary.kill("SIGKILL");
  replica.signal("SIGCONT");
}

export const promote: Scenario = {
  async run(rig) {
    const { consumer, random, primary, proxy, writer } = rig;
    const replica = await rig.addReplica();
    await live(rig);
    const resets = consumer.count("reset");
    const how = random.pick(["FAILOVER", "quiet", "crash", "lossy"] as const);
    rig.way = how;
    if (how === "FAILOVER") {
      const order = ["FAILOVER", "TO", "127.0.0.1", replica.port, "TIMEOUT", 10_000];
      await rig.ask((client) => client.command(order));
      await promoted(rig, replica);
    } else {
      if (how === "quiet") {
        await writer.pause();
        await inStep(rig, replica);
      }
      if (how === "lossy") await killAhead(rig, replica);
      proxy.target = undefined;
      await primary.kill("SIGKILL");
      await rig.ask((client) => client.command(["REPLICAOF", "NO", "ONE"]), replica);
    }
    rig.follow(replica);
    proxy.cutAll();
    writer.resume();
    await rig.tape.online();
    const { master_replid } = await rig.replication();
    await consumer.until(
      `history ${master_replid}`,
      () => consumer.online && consumer.replid === master_replid,
    );
    const wasReset = consumer.count("reset") > resets;
    if (how === "quiet" && wasReset) throw new Error("a whole replica was told as a hole");
    if (how === "lossy" && !wasReset) throw new Error("writes that were lost were not told as a hole");
    await sleep(random.int(50, 300));
  },
};

/** How long a server may be silent, ms, before Sentinels act. */
const Patience = {
  /** Machines under load must not make them act where nothing is planned. */
  LONG: 60_000,
  SHORT: 500,
} as const;

async function setPatience(rig: Rig, { name, sentinels }: TestSentinels, ms: number): Promise<void> {
  const order = ["SENTINEL", "SET", name, "down-after-milliseconds", ms];
  for (const one of sentinels) await rig.ask((client) => client.command(order), one);
}

/** By order of an operator; Sentinels that have only just met may know of no replica good enough yet. */
async function orderFailover(rig: Rig, { name, sentinels }: TestSentinels): Promise<void> {
  await eventually("a failover by order", async () => {
    try {
      await rig.ask((client) => client.command(["SENTINEL", "FAILOVER", name]), sentinels[0]);
      return true;
    } catch (error) {
      if (/NOGOODSLAVE|INPROG/.test(String(error))) return false;
      throw error;
    }
  });
}

export const sentinel: Scenario = {
  sentinels: { downAfter: Patience.LONG },
  config: () => ({ "repl-ping-replica-period": "1" }),
  async run(rig) {
    const { consumer, random, primary } = rig;
    const sentinels = rig.sentinels!;
    const replica = rig.replicas[0]!;
    await live(rig);
    const resets = consumer.count("reset");
    const how = random.pick(["ordered", "killed", "hung", "lossy"] as const);
    rig.way = how;
    if (how === "ordered") await orderFailover(rig, sentinels);
    else {
      await setPatience(rig, sentinels, Patience.SHORT);
      if (how === "killed") await primary.kill("SIGKILL");
      else if (how === "lossy") await killAhead(rig, replica);
      else primary.signal("SIGSTOP");
    }
    await eventually("another primary", async () => (await sentinels.primaryPort()) === replica.port);
    await promoted(rig, replica);
    await setPatience(rig, sentinels, Patience.LONG);
    await sleep(random.int(0, 200));
    rig.follow(replica);
    // One that only hung goes on as a primary, with the writes that wait in its sockets, until Sentinels tell it otherwise.
    if (how === "hung") primary.signal("SIGCONT");
    const { master_replid } = await rig.replication();
    await consumer.until(
      `history ${master_replid}`,
      () => consumer.online && consumer.replid === master_replid,
    );
    if (how === "lossy" && consumer.count("reset") === resets)
      throw new Error("writes that were lost were not told as a hole");
    await sleep(random.int(200, 600));
  },
};

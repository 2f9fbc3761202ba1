/** What happens when another server becomes the primary. */
import { setTimeout as sleep } from "node:timers/promises";
import type { TestServer } from "../../servers/mod.ts";
import type { TestSentinels } from "../../servers/sentinel.ts";
import type { Rig } from "../rig.ts";
import { live, onlineAgain, type Scenario } from "./scenario.ts";

/** Waits until a replica has everything. Keys expire and pings go out without any writer: both offsets are read until they agree. */
async function inStep(rig: Rig, replica: TestServer): Promise<void> {
  for (;;) {
    const { master_repl_offset } = await rig.replication();
    const { slave_repl_offset } = await rig.replication(replica);
    if (slave_repl_offset === master_repl_offset) return;
    await sleep(5);
  }
}

async function promoted(rig: Rig, replica: TestServer): Promise<void> {
  while ((await rig.replication(replica)).role !== "master") await sleep(5);
}

export const promote: Scenario = {
  async run(rig) {
    const { consumer, random, primary, proxy, writer } = rig;
    const replica = await rig.addReplica();
    await live(rig);
    const before = consumer.count("online");
    const resets = consumer.count("reset");
    const how = random.pick(["FAILOVER", "quiet", "crash"] as const);
    if (how === "FAILOVER") {
      const order = ["FAILOVER", "TO", "127.0.0.1", replica.port, "TIMEOUT", 10_000];
      await rig.ask((client) => client.command(order));
      await promoted(rig, replica);
    } else {
      if (how === "quiet") {
        await writer.pause();
        await inStep(rig, replica);
      }
      proxy.target = undefined;
      await primary.kill("SIGKILL");
      await rig.ask((client) => client.command(["REPLICAOF", "NO", "ONE"]), replica);
    }
    rig.follow(replica);
    proxy.cutAll();
    writer.resume();
    await rig.tape.online();
    await onlineAgain(rig, before);
    if (how === "quiet" && consumer.count("reset") > resets)
      throw new Error("a whole replica was told as a hole");
    await sleep(random.int(50, 300));
  },
};

/** By order of an operator; Sentinels that have only just met may know of no replica good enough yet. */
async function orderFailover(sentinels: TestSentinels): Promise<void> {
  for (const deadline = Date.now() + 15_000; ; await sleep(100)) {
    try {
      await sentinels.failover();
      return;
    } catch (error) {
      if (!/NOGOODSLAVE|INPROG/.test(String(error)) || Date.now() > deadline) throw error;
    }
  }
}

export const sentinel: Scenario = {
  sentinels: true,
  config: () => ({ "repl-ping-replica-period": "1" }),
  async run(rig) {
    const { consumer, random, primary } = rig;
    const sentinels = rig.sentinels!;
    const replica = rig.replicas[0]!;
    await live(rig);
    const how = random.pick(["ordered", "killed", "hung"] as const);
    if (how === "ordered") await orderFailover(sentinels);
    else if (how === "killed") await primary.kill("SIGKILL");
    else primary.signal("SIGSTOP");
    while ((await sentinels.primaryPort()) !== replica.port) await sleep(20);
    await promoted(rig, replica);
    await sleep(random.int(0, 200));
    rig.follow(replica);
    // One that only hung goes on as a primary, with the writes that wait in its sockets, until Sentinels tell it otherwise.
    if (how === "hung") primary.signal("SIGCONT");
    const { master_replid } = await rig.replication();
    await consumer.until(`history ${master_replid}`, () => consumer.replid === master_replid);
    await sleep(random.int(200, 600));
  },
};

/** What happens to a primary that comes back. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerConfig } from "../../servers/mod.ts";
import type { Random } from "../../support/random.ts";
import { live, onlineAgain, type Scenario } from "./scenario.ts";

/** Snapshots at random times, an AOF, or nothing that survives the process. */
function persistence(random: Random): ServerConfig {
  return random.pick<ServerConfig>([
    {},
    { appendonly: "yes", appendfsync: random.pick(["everysec", "always"]) },
    { save: "1 1" },
  ]);
}

export const kill: Scenario = {
  config: persistence,
  async run(rig) {
    const { consumer, random, primary, proxy, tape } = rig;
    await live(rig);
    for (let kills = random.int(1, 2); kills > 0; kills--) {
      const before = consumer.count("online");
      // The tape may be the first to attach again, so that it has all of the new history, or not.
      const inOrder = random.oneIn(2);
      await primary.kill("SIGKILL");
      if (inOrder) proxy.target = undefined;
      await sleep(random.int(0, 100));
      await primary.restart("SIGKILL");
      await tape.online();
      proxy.target = primary.port;
      await onlineAgain(rig, before);
      await sleep(random.int(50, 300));
    }
  },
};

export const restart: Scenario = {
  config: () => ({ save: "3600 1" }),
  async run(rig) {
    const { consumer, random, primary, writer, tape } = rig;
    await live(rig);
    // Without writes at the end nothing is lost, and so nothing may be reset.
    const quiet = random.oneIn(2);
    const before = consumer.count("online");
    const resets = consumer.count("reset");
    if (quiet) {
      await writer.pause();
      const { master_replid, master_repl_offset } = await rig.replication();
      await consumer.caughtUp(master_replid!, Number(master_repl_offset));
    }
    await primary.restart("SIGTERM");
    await tape.online();
    await onlineAgain(rig, before);
    if (quiet && consumer.count("reset") > resets) throw new Error("an orderly restart was told as a hole");
    writer.resume();
    await sleep(random.int(50, 300));
  },
};

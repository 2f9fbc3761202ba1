/** What happens when more is written than is taken. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Rig } from "../rig.ts";
import { live, onlineAgain, type Scenario } from "./scenario.ts";

export const flood: Scenario = {
  alone: true,
  config: () => ({ "repl-backlog-size": "16384" }),
  async run(rig) {
    const { consumer, random, proxy } = rig;
    await live(rig);
    for (let floods = random.int(1, 2); floods > 0; floods--) {
      const before = consumer.count("online");
      const resets = consumer.count("reset");
      proxy.target = undefined;
      proxy.cutAll();
      await rig.ask(async (client) => {
        for (let i = 0; i < 200; i++)
          await client.command(["SET", `flood:${i % 7}`, "x".repeat(random.int(1, 2_000))]);
      });
      proxy.target = rig.primary.port;
      await onlineAgain(rig, before);
      if (consumer.count("reset") === resets)
        throw new Error("a backlog that was overrun was not told as a hole");
      await sleep(random.int(50, 200));
    }
  },
};

const SMALL_BUFFER = {
  "client-output-buffer-limit": "replica 8388608 8388608 60",
  "repl-backlog-size": "16384",
};

/** Writes more than sockets and the primary's buffer hold together. */
async function burst(rig: Rig, mib: number): Promise<void> {
  await rig.ask(async (client) => {
    for (let i = 0; i < mib * 2; i++) await client.command(["SET", `burst:${i % 5}`, "x".repeat(1 << 19)]);
  });
}

export const overrun: Scenario = {
  alone: true,
  config: () => SMALL_BUFFER,
  async run(rig) {
    const { consumer, random, proxy } = rig;
    await live(rig);
    const resets = consumer.count("reset");
    const before = consumer.count("online");
    const release = proxy.hold();
    await burst(rig, 24 + random.int(0, 12));
    release();
    await consumer.until("a reset", () => consumer.count("reset") > resets);
    await onlineAgain(rig, before);
  },
};

export const spool: Scenario = {
  config: () => SMALL_BUFFER,
  consumer: (random, folder) => ({
    overrun: { spool: join(folder, `spool-${random.int(0, 1e9)}`), maxBytes: 256 << 20 },
    watchLag: false,
  }),
  async run(rig) {
    const { consumer, random } = rig;
    await live(rig);
    const resets = consumer.count("reset");
    consumer.slowness = 40;
    // At the pace of a link that is read, which a spool lets it be.
    for (let part = 0; part < 4; part++) {
      await burst(rig, 6);
      await sleep(random.int(10, 60));
    }
    consumer.slowness = 0;
    if (consumer.count("reset") > resets) throw new Error("reset in spite of the spool");
  },
};

/** What happens to a consumer. */
import { setTimeout as sleep } from "node:timers/promises";
import { anywhere, live, onlineAgain, randomCut, type Scenario, several } from "./scenario.ts";

export const clientKill: Scenario = {
  async run(rig) {
    const { consumer, random } = rig;
    await live(rig);
    // FLUSHALL in the load may have ended the primary's own snapshot before.
    const resets = consumer.count("reset");
    for (let kills = random.int(3, 10); kills > 0; kills--) {
      const before = consumer.count("online");
      await rig.ask(async (client) => {
        const list = await client.text("CLIENT", "LIST", "TYPE", "replica");
        const id = /^id=(\d+) .*name=chaos /m.exec(list)?.[1];
        if (id !== undefined) await client.command(["CLIENT", "KILL", "ID", id]);
      });
      await onlineAgain(rig, before);
      await sleep(random.int(0, 60));
    }
    if (consumer.count("reset") > resets) throw new Error("CLIENT KILL was told as a hole");
  },
};

/** Unsubscribed and subscribed again at its checkpoint. */
export const resume: Scenario = {
  faults: (random) => several(random, 0, 6, () => randomCut(random, anywhere(random))),
  async run(rig) {
    const { consumer, random } = rig;
    for (let restarts = random.int(3, 8); restarts > 0; restarts--) {
      await sleep(random.int(0, 200));
      await consumer.restart();
    }
    await live(rig);
  },
};

/** A process that gets SIGKILL, in the middle of whatever it does, and is started again. */
export const consumerKill: Scenario = {
  child: true,
  faults: (random) => several(random, 0, 2, () => randomCut(random, anywhere(random))),
  async run(rig) {
    const { consumer, random } = rig;
    for (let kills = random.int(2, 3); kills > 0; kills--) {
      const before = consumer.events;
      const more = random.int(1, random.pick([1, 30, 300]));
      await consumer.until("some events", () => consumer.events >= before + more);
      await consumer.restart();
    }
    const before = consumer.count("online");
    await onlineAgain(rig, before);
    await sleep(random.int(50, 300));
  },
};

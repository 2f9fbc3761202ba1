/** What happens to a connection. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../fault_proxy.ts";
import type { Rig } from "../rig.ts";
import { anywhere, live, onlineAgain, randomCut, type Scenario, several } from "./scenario.ts";

/** Waits until every fault planned has had its connection and happened there. */
async function allFaults(rig: Rig): Promise<void> {
  const wanted = rig.proxy.faults + rig.faults.length;
  await rig.consumer.until("all faults", () => rig.faults.length === 0 && rig.proxy.faults >= wanted, 40_000);
}

export const cut: Scenario = {
  faults: (random) => several(random, 1, 5, () => randomCut(random, anywhere(random))),
  async run(rig) {
    const { random } = rig;
    await live(rig);
    // What is left of the first faults lies behind what a connection that goes on carries soon.
    rig.faults.length = 0;
    rig.faults.push(
      ...several(random, 4, 10, () => randomCut(random, random.int(0, random.pick([150, 1_500, 6_000])))),
    );
    rig.proxy.cutAll();
    await allFaults(rig);
  },
};

export const stall: Scenario = {
  config: () => ({ "repl-ping-replica-period": "1" }),
  faults: (random) => [
    ...several(
      random,
      1,
      3,
      (): Fault => ({ kind: "drip", after: anywhere(random), bytes: random.int(10, 3_000) }),
    ),
    { kind: "stall", after: anywhere(random), ms: random.int(20, 500) },
    ...several(random, 0, 2, () => randomCut(random, anywhere(random))),
  ],
  async run(rig) {
    // A connection that only drips or stalls goes on: it is ended for the next fault to have its turn.
    for (let turn = 0; turn < 3 && rig.faults.length > 0; turn++) {
      const before = rig.proxy.faults;
      await rig.consumer.until("a fault", () => rig.proxy.faults > before, 40_000);
      await sleep(rig.random.int(50, 300));
      rig.proxy.cutAll();
    }
    rig.faults.length = 0;
    const before = rig.consumer.count("online");
    rig.proxy.cutAll();
    await onlineAgain(rig, before);
    await sleep(rig.random.int(50, 300));
  },
};

const IDLE = 1_000;

/** The server vanishes without a word. Only our own clock can find that out, in each phase of a link. */
export const halfOpen: Scenario = {
  config: () => ({ "repl-ping-replica-period": "1" }),
  consumer: () => ({ timeouts: { idle: IDLE, handshake: IDLE } }),
  faults: (random) => [
    { kind: "half-open", after: random.int(0, 150) },
    { kind: "half-open", after: random.int(300, 30_000) },
  ],
  async run(rig) {
    const { consumer, proxy, random } = rig;
    const found = (): number => consumer.count("disconnected:TIMEOUT");
    await consumer.until("two silent peers to be found", () => found() >= 2);
    await consumer.until("the stream", () => consumer.online);
    // Once more in the stream, which the link has to go on with.
    const before = { found: found(), resets: consumer.count("reset"), faults: proxy.faults };
    rig.faults.push({ kind: "half-open", after: random.int(200, 4_000) });
    proxy.cutAll();
    await consumer.until("silence", () => proxy.faults > before.faults);
    const silentSince = performance.now();
    await consumer.until("an end to it", () => found() > before.found);
    const ms = performance.now() - silentSince;
    if (ms < IDLE / 2) throw new Error(`gave up a peer that was silent for ${ms} ms only`);
    await consumer.until("the stream again", () => consumer.online);
    if (consumer.count("reset") > before.resets) throw new Error("a silent peer was told as a hole");
  },
};

/** What a scenario is, and what several have in common. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerConfig } from "../../servers/mod.ts";
import type { Random } from "../../support/random.ts";
import type { ConsumerOptions } from "../consumer.ts";
import type { Fault } from "../fault_proxy.ts";
import type { Rig, RigOptions } from "../rig.ts";

export interface Scenario {
  readonly config?: (random: Random) => ServerConfig;
  readonly consumer?: (random: Random, folder: string) => ConsumerOptions;
  /** The consumer is a process of its own. */
  readonly child?: boolean;
  /** No second consumer: a primary keeps more of its backlog than it should while another replica has not taken it. */
  readonly alone?: boolean;
  /** There are a replica and three Sentinels, which lead the consumer past the proxy. */
  readonly sentinels?: RigOptions["sentinels"];
  /** Faults of the first connections; those after them have none. */
  readonly faults?: (random: Random) => readonly Fault[];
  readonly run: (rig: Rig) => Promise<void>;
}

/** Bytes at which something happens: inside the handshake, the snapshot, the first commands, or far in the stream. */
export function anywhere(random: Random): number {
  return random.int(0, random.pick([200, 3_000, 60_000, 300_000]));
}

export function several<T>(random: Random, low: number, high: number, make: () => T): T[] {
  return Array.from({ length: random.int(low, high) }, make);
}

export function randomCut(random: Random, after: number): Fault {
  return { kind: "cut", after, how: random.pick(["fin", "rst"]) };
}

/** Waits for the stream, and a moment more. */
export async function live(rig: Rig): Promise<void> {
  await rig.consumer.until("the stream", () => rig.consumer.count("online") > 0);
  await sleep(rig.random.int(20, 150));
}

/** Waits for the consumer's link to be online once more than before. */
export async function onlineAgain(rig: Rig, before: number): Promise<void> {
  await rig.consumer.until("a link made again", () => rig.consumer.count("online") > before);
}

/** Waits until something that has to be asked for is so. */
export async function eventually(what: string, check: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await check()); await sleep(10)) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
  }
}

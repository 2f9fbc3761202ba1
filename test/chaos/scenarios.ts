/** What can happen to a link, a primary and a consumer, one kind each. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerConfig, TestServer } from "../servers/mod.ts";
import type { Random } from "../support/random.ts";
import type { ConsumerOptions } from "./consumer.ts";
import type { Fault } from "./fault_proxy.ts";
import type { Rig } from "./rig.ts";

export interface Scenario {
  readonly config?: (random: Random) => ServerConfig;
  readonly consumer?: (random: Random, folder: string) => ConsumerOptions;
  /** Faults of the first connections; those after them have none. */
  readonly faults?: (random: Random) => readonly Fault[];
  readonly run: (rig: Rig) => Promise<void>;
}

/** Bytes at which something happens: inside the handshake, the snapshot, the first commands, or far in the stream. */
function anywhere(random: Random): number {
  return random.int(0, random.pick([200, 3_000, 60_000, 300_000]));
}

function several<T>(random: Random, low: number, high: number, make: () => T): T[] {
  return Array.from({ length: random.int(low, high) }, make);
}

function randomCut(random: Random, after: number): Fault {
  return { kind: "cut", after, how: random.pick(["fin", "rst"]) };
}

/** Waits until every fault planned has had its connection and happened there. */
async function allFaults(rig: Rig): Promise<void> {
  const wanted = rig.proxy.faults + rig.faults.length;
  await rig.consumer.until("all faults", () => rig.faults.length === 0 && rig.proxy.faults >= wanted, 40_000);
}

async function live(rig: Rig): Promise<void> {
  await rig.consumer.until("the stream", () => rig.consumer.count("online") > 0);
  await sleep(rig.random.int(20, 150));
}

/** Waits for the consumer's link to be online once more than before. */
async function onlineAgain(rig: Rig, before: number): Promise<void> {
  await rig.consumer.until("a link made again", () => rig.consumer.count("online") > before);
}

const cut: Scenario = {
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

const stall: Scenario = {
  config: () => ({ "repl-ping-replica-period": "1" }),
  consumer: () => ({ timeouts: { idle: 1_300, handshake: 1_300 } }),
  faults: (random) => [
    ...several(
      random,
      1,
      3,
      (): Fault => ({ kind: "drip", after: anywhere(random), bytes: random.int(10, 3_000) }),
    ),
    { kind: "stall", after: anywhere(random), ms: random.int(20, 500) },
    { kind: "half-open", after: random.int(1_000, 200_000) },
    ...several(random, 0, 2, (): Fault => ({ kind: "cut", after: anywhere(random), how: "rst" })),
  ],
  async run(rig) {
    // A connection that only drips or stalls goes on: it is ended for the next fault to have its turn.
    for (let turn = 0; turn < 2; turn++) {
      const before = rig.proxy.faults;
      await rig.consumer.until("a fault", () => rig.proxy.faults > before, 40_000);
      await sleep(rig.random.int(50, 300));
      rig.proxy.cutAll();
    }
    const deadline = Date.now() + 2_500;
    while (!rig.proxy.happened.has("half-open") && Date.now() < deadline) {
      await sleep(150);
      rig.proxy.cutAll();
      await sleep(150);
    }
  },
};

/** Snapshots at random times, an AOF, or nothing that survives the process. */
function persistence(random: Random): ServerConfig {
  return random.pick<ServerConfig>([
    {},
    { appendonly: "yes", appendfsync: random.pick(["everysec", "always"]) },
    { save: "1 1" },
  ]);
}

const kill: Scenario = {
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

const restart: Scenario = {
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
      const { master_replid, master_repl_offset } = await rig.ask((client) => client.info("replication"));
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

async function replicaOf(rig: Rig): Promise<TestServer> {
  const { primary } = rig;
  const replica = await rig.startMore({ replicaof: `127.0.0.1 ${primary.port}` });
  for (;;) {
    const { master_link_status } = await rig.ask((client) => client.info("replication"), replica);
    if (master_link_status === "up") return replica;
    await sleep(10);
  }
}

const promote: Scenario = {
  async run(rig) {
    const { consumer, random, primary, proxy, tape, writer } = rig;
    const replica = await replicaOf(rig);
    await live(rig);
    const before = consumer.count("online");
    const resets = consumer.count("reset");
    const how = random.pick(["FAILOVER", "quiet", "crash"] as const);
    if (how === "FAILOVER") {
      await rig.ask((client) =>
        client.command(["FAILOVER", "TO", "127.0.0.1", replica.port, "TIMEOUT", 10_000]),
      );
      while ((await rig.ask((client) => client.info("replication"), replica)).role !== "master")
        await sleep(5);
    } else {
      if (how === "quiet") {
        await writer.pause();
        // Keys expire and pings go out without any writer: both offsets are read until they agree.
        for (;;) {
          const { master_repl_offset } = await rig.ask((client) => client.info("replication"));
          const { slave_repl_offset } = await rig.ask((client) => client.info("replication"), replica);
          if (slave_repl_offset === master_repl_offset) break;
          await sleep(5);
        }
      }
      proxy.target = undefined;
      await primary.kill("SIGKILL");
      await rig.ask((client) => client.command(["REPLICAOF", "NO", "ONE"]), replica);
    }
    rig.follow(replica);
    proxy.cutAll();
    writer.resume();
    await tape.online();
    await onlineAgain(rig, before);
    if (how === "quiet" && consumer.count("reset") > resets)
      throw new Error("a whole replica was told as a hole");
    await sleep(random.int(50, 300));
  },
};

const flood: Scenario = {
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

const overrun: Scenario = {
  config: () => SMALL_BUFFER,
  async run(rig) {
    const { consumer, random, proxy } = rig;
    await live(rig);
    const resets = consumer.count("reset");
    const release = proxy.hold();
    await burst(rig, 24 + random.int(0, 12));
    release();
    await consumer.until("a reset", () => consumer.count("reset") > resets);
    const before = consumer.count("online");
    await onlineAgain(rig, before - 1);
    await sleep(100);
  },
};

const spool: Scenario = {
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

const clientKill: Scenario = {
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

const resume: Scenario = {
  faults: (random) =>
    several(
      random,
      0,
      6,
      (): Fault => ({ kind: "cut", after: anywhere(random), how: random.pick(["fin", "rst"]) }),
    ),
  async run(rig) {
    const { consumer, random } = rig;
    for (let restarts = random.int(3, 8); restarts > 0; restarts--) {
      await sleep(random.int(0, 200));
      await consumer.restart();
    }
    await live(rig);
  },
};

export const SCENARIOS = {
  cut,
  stall,
  kill,
  restart,
  promote,
  flood,
  overrun,
  spool,
  "client-kill": clientKill,
  resume,
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioKind = keyof typeof SCENARIOS;
export const SCENARIO_KINDS = Object.keys(SCENARIOS) as readonly ScenarioKind[];

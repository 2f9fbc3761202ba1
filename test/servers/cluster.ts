/** A real cluster on loopback. */
import { setTimeout as sleep } from "node:timers/promises";
import { connectClient, type TestClient } from "../support/client.ts";
import type { ServerKind } from "./kinds.ts";
import { freePort } from "./ports.ts";
import { type ServerConfig, startServer, type TestServer, type TlsStart } from "./start.ts";

export interface ClusterOptions {
  readonly kind: ServerKind;
  /** Default 3. */
  readonly primaries?: number;
  /** Default 0. */
  readonly replicasPerPrimary?: number;
  /** Further settings of every node. */
  readonly config?: ServerConfig;
  /** Nodes speak TLS to each other, and to clients on a second port. */
  readonly tls?: TlsStart;
}

export interface TestCluster {
  readonly kind: ServerKind;
  /** All nodes: the first primaries, their replicas, then what was added. */
  readonly nodes: readonly TestServer[];
  /** `redis-cluster://127.0.0.1:P,127.0.0.1:P,…` with the first primaries. */
  readonly url: string;
  /** `rediss-cluster://…` with their TLS ports. */
  readonly tlsUrl: string;
  /** The nodes that are primaries of slots now, by their own word. */
  primaries(): Promise<TestServer[]>;
  /** The running node that is primary of a slot now. */
  primaryOf(slot: number): Promise<TestServer>;
  /** Starts one more node and makes it known to all: a primary without slots, or a replica of the given node. */
  addNode(replicaOf?: TestServer): Promise<TestServer>;
  /** Moves slots with their keys from one primary to another. */
  moveSlots(from: TestServer, to: TestServer, slots: readonly number[]): Promise<void>;
  /** Makes a replica the primary of its shard, by its own request. */
  failover(replica: TestServer): Promise<void>;
  /** Takes a node that serves no slots out of the cluster: all others forget it, it forgets them. */
  removeNode(node: TestServer): Promise<void>;
  stop(): Promise<void>;
}

export const SLOTS = 16_384;
const WAIT_MS = 30_000;

/** Starts a cluster and waits until every node finds all slots served and all replicas are linked. */
export async function startCluster(options: ClusterOptions): Promise<TestCluster> {
  const { primaries = 3, replicasPerPrimary = 0 } = options;
  const cluster = new RunningCluster(options);
  try {
    const count = primaries * (1 + replicasPerPrimary);
    await Promise.all(Array.from({ length: count }, () => cluster.startNode()));
    await cluster.join(primaries);
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

class RunningCluster implements TestCluster {
  readonly kind: ServerKind;
  readonly nodes: TestServer[] = [];
  readonly #config: ServerConfig;
  readonly #tls: TlsStart | undefined;
  /** No longer in the cluster, still running. */
  readonly #removed: TestServer[] = [];
  #first: readonly TestServer[] = [];

  constructor(options: ClusterOptions) {
    this.kind = options.kind;
    this.#tls = options.tls;
    const tls = options.tls && { "tls-cluster": "yes", "tls-replication": "yes" };
    this.#config = { ...tls, ...options.config };
  }

  get url(): string {
    return `redis-cluster://${this.#first.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
  }

  get tlsUrl(): string {
    return `rediss-cluster://${this.#first.map(({ tls }) => `127.0.0.1:${tls!.port}`).join(",")}`;
  }

  async startNode(): Promise<TestServer> {
    const node = await startServer({
      kind: this.kind,
      ...(this.#tls === undefined ? {} : { tls: this.#tls }),
      config: {
        "cluster-enabled": "yes",
        "cluster-port": String(await freePort()),
        "cluster-node-timeout": "2000",
        "cluster-require-full-coverage": "no",
        ...this.#config,
      },
    });
    this.nodes.push(node);
    return node;
  }

  /** Shares the slots among the first nodes, lets all meet, and makes the others their replicas, in turn. */
  async join(primaries: number): Promise<void> {
    this.#first = this.nodes.slice(0, primaries);
    for (const [index, node] of this.nodes.entries()) {
      await ask(node, ["CLUSTER", "SET-CONFIG-EPOCH", index + 1]);
      if (index > 0) await this.#meet(node);
      if (index >= primaries) continue;
      const from = Math.ceil((index * SLOTS) / primaries);
      const to = Math.ceil(((index + 1) * SLOTS) / primaries) - 1;
      await ask(node, ["CLUSTER", "ADDSLOTSRANGE", from, to]);
    }
    await this.#settle();
    const replicas = this.nodes.slice(primaries);
    await Promise.all(replicas.map((node, index) => this.#follow(node, this.#first[index % primaries]!)));
    await this.#settle();
  }

  async addNode(replicaOf?: TestServer): Promise<TestServer> {
    const node = await this.startNode();
    await this.#meet(node);
    await this.#settle();
    if (replicaOf === undefined) return node;
    await this.#follow(node, replicaOf);
    await this.#settle();
    return node;
  }

  async primaries(): Promise<TestServer[]> {
    const found: TestServer[] = [];
    for (const node of this.nodes) {
      if (!node.running) continue;
      const fields = (await ownLine(node)).split(" ");
      if (fields[2]!.includes("master") && fields.length > 8) found.push(node);
    }
    return found;
  }

  async primaryOf(slot: number): Promise<TestServer> {
    for (const node of await this.primaries()) {
      const ranges = (await ownLine(node)).split(" ").slice(8);
      for (const range of ranges) {
        const [from, to = from] = range.split("-").map(Number);
        if (slot >= from! && slot <= to!) return node;
      }
    }
    throw new Error(`no running primary has slot ${slot}`);
  }

  async moveSlots(from: TestServer, to: TestServer, slots: readonly number[]): Promise<void> {
    const [fromId, toId] = [await ask(from, ["CLUSTER", "MYID"]), await ask(to, ["CLUSTER", "MYID"])];
    const source = await connectClient(from);
    for (const slot of slots) {
      await ask(to, ["CLUSTER", "SETSLOT", slot, "IMPORTING", fromId]);
      await source.command(["CLUSTER", "SETSLOT", slot, "MIGRATING", toId]);
      // Nodes reach each other as they are set to.
      await moveKeys(source, to.tls?.port ?? to.port, slot);
      // The new owner first, so that the slot is never without one.
      await ask(to, ["CLUSTER", "SETSLOT", slot, "NODE", toId]);
      await ask(from, ["CLUSTER", "SETSLOT", slot, "NODE", toId]).catch((error: Error) => {
        // It has heard that its last slot is gone, and follows the new owner.
        if (!error.message.includes("only with masters")) throw error;
      });
    }
    source.close();
    await this.#settle();
  }

  async failover(replica: TestServer): Promise<void> {
    await ask(replica, ["CLUSTER", "FAILOVER"]);
    await until(`${replica.port} is a primary`, async () => (await this.primaries()).includes(replica));
    await this.#settle();
  }

  async removeNode(node: TestServer): Promise<void> {
    const id = await ask(node, ["CLUSTER", "MYID"]);
    for (const other of this.nodes) {
      if (other !== node && other.running) await ask(other, ["CLUSTER", "FORGET", id]);
    }
    await ask(node, ["CLUSTER", "RESET"]);
    this.nodes.splice(this.nodes.indexOf(node), 1);
    this.#removed.push(node);
    await this.#settle();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.nodes, ...this.#removed].map((node) => node.stop()));
  }

  async #follow(node: TestServer, primary: TestServer): Promise<void> {
    await ask(node, ["CLUSTER", "REPLICATE", await ask(primary, ["CLUSTER", "MYID"])]);
    await until(`${node.port} is a linked replica`, async () =>
      (await ask(node, ["INFO", "replication"])).includes("master_link_status:up"),
    );
  }

  async #meet(node: TestServer): Promise<void> {
    const first = this.nodes[0]!;
    // Without the bus port the node would be looked for at its port + 10000.
    const bus = (await ask(first, ["CONFIG", "GET", "cluster-port"])).split("\n").at(-1)!;
    await ask(node, ["CLUSTER", "MEET", "127.0.0.1", first.tls?.port ?? first.port, bus]);
  }

  /** Waits until all running nodes agree on who has which slots. */
  async #settle(): Promise<void> {
    await until("the nodes agree", async () => {
      const running = this.nodes.filter((node) => node.running);
      const views = new Set<string>();
      for (const node of running) {
        if (!(await ask(node, ["CLUSTER", "INFO"])).includes("cluster_state:ok")) return false;
        views.add(await slotsSeenBy(node));
      }
      const [view = ""] = views;
      return views.size === 1 && running.every((node) => view.includes(`:${node.port}@`));
    });
  }
}

async function moveKeys(source: TestClient, port: number, slot: number): Promise<void> {
  for (;;) {
    const keys = (await source.command(["CLUSTER", "GETKEYSINSLOT", slot, 100])) as Buffer[];
    if (keys.length === 0) return;
    await source.command(["MIGRATE", "127.0.0.1", port, "", 0, 5_000, "KEYS", ...keys]);
  }
}

/** Nodes that work, with their role, primary and slots, as one text that is the same wherever they agree. */
async function slotsSeenBy(node: TestServer): Promise<string> {
  const lines = (await ask(node, ["CLUSTER", "NODES"])).trim().split("\n");
  const parts = lines.map((line) => line.split(" ")).filter((fields) => !/fail|noaddr/.test(fields[2]!));
  const texts = parts.map(([id, address, flags, primary, , , , , ...slots]) => {
    const role = flags!.replace("myself,", "");
    return [id, address!.split(",")[0], role, primary, ...slots].join(" ");
  });
  return texts.sort().join("\n");
}

async function ownLine(node: TestServer): Promise<string> {
  const lines = (await ask(node, ["CLUSTER", "NODES"])).trim().split("\n");
  return lines.find((line) => line.includes("myself"))!;
}

async function ask(node: TestServer, args: (string | number)[]): Promise<string> {
  const client = await connectClient(node);
  try {
    return await client.text(...args);
  } finally {
    client.close();
  }
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + WAIT_MS; !(await check()); await sleep(50)) {
    if (Date.now() > deadline) throw new Error(`waited ${WAIT_MS} ms in vain until ${what}`);
  }
}

/** Real sentinels that watch over a real primary. */
import { setTimeout as sleep } from "node:timers/promises";
import { connectClient } from "../support/client.ts";
import type { ServerKind } from "./kinds.ts";
import { type ServerConfig, startServer, type TestServer } from "./start.ts";

export interface SentinelOptions {
  readonly kind: ServerKind;
  readonly primary: TestServer;
  /** Replicas that sentinels should know of before this resolves. Default 0. */
  readonly replicas?: number;
  /** Name of the watched primary. Default `mymaster`. */
  readonly name?: string;
  /** How many sentinels. Default 3, two of which must agree. */
  readonly count?: number;
  /** Ms without an answer after which the primary counts as down. Default 500. */
  readonly downAfter?: number;
  readonly config?: ServerConfig;
}

export interface TestSentinels {
  readonly name: string;
  readonly sentinels: readonly TestServer[];
  /** `redis-sentinel://127.0.0.1:P,127.0.0.1:P,127.0.0.1:P/mymaster` */
  readonly url: string;
  /** Port of the primary, as the first running sentinel says. */
  primaryPort(): Promise<number>;
  /** Orders a failover and waits until sentinels name another primary. */
  failover(): Promise<number>;
  stop(): Promise<void>;
}

const WAIT_MS = 30_000;

/** Starts sentinels and waits until they know each other, the primary and its replicas. */
export async function startSentinels(options: SentinelOptions): Promise<TestSentinels> {
  const { kind, primary, replicas = 0, name = "mymaster", count = 3, downAfter = 500 } = options;
  const quorum = Math.floor(count / 2) + 1;
  // The name must be known before anything can be said about it: one setting, its lines in this order.
  const lines = [
    `monitor ${name} 127.0.0.1 ${primary.port} ${quorum}`,
    `down-after-milliseconds ${name} ${downAfter}`,
    `failover-timeout ${name} 3000`,
  ];
  const config = { sentinel: lines, ...options.config };
  const starts = Array.from({ length: count }, () => startServer({ kind, sentinel: true, config }));
  const sentinels = await Promise.all(starts);
  const group = new RunningSentinels(name, sentinels);
  try {
    await group.settle(count - 1, replicas);
    return group;
  } catch (error) {
    await group.stop();
    throw error;
  }
}

class RunningSentinels implements TestSentinels {
  readonly name: string;
  readonly sentinels: readonly TestServer[];

  constructor(name: string, sentinels: readonly TestServer[]) {
    this.name = name;
    this.sentinels = sentinels;
  }

  get url(): string {
    const hosts = this.sentinels.map(({ port }) => `127.0.0.1:${port}`);
    return `redis-sentinel://${hosts.join(",")}/${this.name}`;
  }

  async primaryPort(): Promise<number> {
    const sentinel = this.sentinels.find(({ running }) => running);
    if (sentinel === undefined) throw new Error("no sentinel runs");
    const address = await ask(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", this.name);
    return Number(address.split("\n")[1]);
  }

  async failover(): Promise<number> {
    const before = await this.primaryPort();
    await ask(this.sentinels.find(({ running }) => running)!, "SENTINEL", "FAILOVER", this.name);
    await until("another primary is named", async () => (await this.primaryPort()) !== before);
    return await this.primaryPort();
  }

  /** Each sentinel must see the primary up, the others and the replicas. */
  async settle(others: number, replicas: number): Promise<void> {
    for (const sentinel of this.sentinels) {
      await until(`sentinel ${sentinel.port} sees everybody`, async () => {
        const fields = (await ask(sentinel, "SENTINEL", "MASTER", this.name)).split("\n");
        const get = (name: string) => fields[fields.indexOf(name) + 1];
        const known = [get("flags"), get("num-other-sentinels"), get("num-slaves")];
        return known.join() === ["master", others, replicas].join();
      });
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.sentinels.map((sentinel) => sentinel.stop()));
  }
}

async function ask(server: TestServer, ...args: string[]): Promise<string> {
  const client = await connectClient(server);
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

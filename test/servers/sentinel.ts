/** Real sentinels that watch over a real primary. */
import { setTimeout as sleep } from "node:timers/promises";
import { connectClient } from "../support/client.ts";
import type { ServerKind } from "./kinds.ts";
import { type ServerConfig, startServer, type TestServer, type TlsStart } from "./start.ts";

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
  /** Sentinels speak TLS to each other and to the servers, and to clients on a second port. */
  readonly tls?: TlsStart;
  /** Password that Sentinels want of clients and of each other. Default: none. */
  readonly password?: string;
  /** How Sentinels prove themselves to the servers: `auth-user` and `auth-pass`. */
  readonly serverAccess?: { readonly username: string; readonly password: string };
}

export interface TestSentinels {
  readonly name: string;
  readonly sentinels: readonly TestServer[];
  /** `redis-sentinel://127.0.0.1:P,127.0.0.1:P,127.0.0.1:P/mymaster` */
  readonly url: string;
  /** `rediss-sentinel://…` with their TLS ports. */
  readonly tlsUrl: string;
  /** Port of the primary, its TLS port where Sentinels use that, as the first running sentinel says. */
  primaryPort(): Promise<number>;
  /** Orders a failover and waits until sentinels name another primary. */
  failover(): Promise<number>;
  stop(): Promise<void>;
}

const WAIT_MS = 30_000;

/** Starts sentinels and waits until they know each other, the primary and its replicas. */
export async function startSentinels(options: SentinelOptions): Promise<TestSentinels> {
  const { kind, replicas = 0, name = "mymaster", count = 3, password, tls } = options;
  const config = {
    sentinel: sentinelLines(options, name, count),
    ...(tls === undefined ? {} : { "tls-replication": "yes" }),
    ...(password === undefined ? {} : { requirepass: `"${password}"` }),
    ...options.config,
  };
  const start = { kind, sentinel: true, config, ...(tls === undefined ? {} : { tls }) };
  const sentinels = await Promise.all(Array.from({ length: count }, () => startServer(start)));
  const group = new RunningSentinels(name, sentinels, password);
  try {
    await group.settle(count - 1, replicas);
    return group;
  } catch (error) {
    await group.stop();
    throw error;
  }
}

/** The name must be known before anything can be said about it: one setting, its lines in this order. */
function sentinelLines(options: SentinelOptions, name: string, count: number): string[] {
  const { primary, downAfter = 500, password, serverAccess, tls } = options;
  const quorum = Math.floor(count / 2) + 1;
  const port = tls === undefined ? primary.port : primary.tls!.port;
  const lines = [
    `monitor ${name} 127.0.0.1 ${port} ${quorum}`,
    `down-after-milliseconds ${name} ${downAfter}`,
    `failover-timeout ${name} 3000`,
  ];
  if (serverAccess !== undefined) {
    lines.push(`auth-user ${name} ${serverAccess.username}`, `auth-pass ${name} "${serverAccess.password}"`);
  }
  if (password !== undefined) lines.push(`sentinel-pass "${password}"`);
  return lines;
}

class RunningSentinels implements TestSentinels {
  readonly name: string;
  readonly sentinels: readonly TestServer[];
  readonly #password: string | undefined;

  constructor(name: string, sentinels: readonly TestServer[], password: string | undefined) {
    this.name = name;
    this.sentinels = sentinels;
    this.#password = password;
  }

  get url(): string {
    const hosts = this.sentinels.map(({ port }) => `127.0.0.1:${port}`);
    return `redis-sentinel://${hosts.join(",")}/${this.name}`;
  }

  get tlsUrl(): string {
    const hosts = this.sentinels.map(({ tls }) => `127.0.0.1:${tls!.port}`);
    return `rediss-sentinel://${hosts.join(",")}/${this.name}`;
  }

  async primaryPort(): Promise<number> {
    const sentinel = this.sentinels.find(({ running }) => running);
    if (sentinel === undefined) throw new Error("no sentinel runs");
    const address = await this.#ask(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", this.name);
    return Number(address.split("\n")[1]);
  }

  async failover(): Promise<number> {
    const before = await this.primaryPort();
    await this.#ask(this.sentinels.find(({ running }) => running)!, "SENTINEL", "FAILOVER", this.name);
    await until("another primary is named", async () => (await this.primaryPort()) !== before);
    return await this.primaryPort();
  }

  /** Each sentinel must see the primary up, the others and the replicas. */
  async settle(others: number, replicas: number): Promise<void> {
    for (const sentinel of this.sentinels) {
      await until(`sentinel ${sentinel.port} sees everybody`, async () => {
        const fields = (await this.#ask(sentinel, "SENTINEL", "MASTER", this.name)).split("\n");
        const get = (name: string) => fields[fields.indexOf(name) + 1];
        const known = [get("flags"), get("num-other-sentinels"), get("num-slaves")];
        return known.join() === ["master", others, replicas].join();
      });
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.sentinels.map((sentinel) => sentinel.stop()));
  }

  async #ask(sentinel: TestServer, ...args: string[]): Promise<string> {
    const password = this.#password;
    const client = await connectClient(sentinel, password === undefined ? {} : { password });
    try {
      return await client.text(...args);
    } finally {
      client.close();
    }
  }
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + WAIT_MS; !(await check()); await sleep(50)) {
    if (Date.now() > deadline) throw new Error(`waited ${WAIT_MS} ms in vain until ${what}`);
  }
}

/** What a round runs on: a primary under load, a proxy before it, a consumer behind that, a server that it applies to. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ServerConfig, type ServerKind, startServer, type TestServer } from "../servers/mod.ts";
import { startSentinels, type TestSentinels } from "../servers/sentinel.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { compareServers, debugDigest, describeDifferences } from "../support/compare.ts";
import { fillServer } from "../support/fill.ts";
import { Random } from "../support/random.ts";
import { ChildFeed } from "./child_feed.ts";
import { Consumer, type ConsumerOptions } from "./consumer.ts";
import { type Fault, FaultProxy } from "./fault_proxy.ts";
import { LocalFeed } from "./local_feed.ts";
import { Sieve } from "./sieve.ts";
import type { Verified } from "./stream_check.ts";
import { Tape } from "./tape.ts";
import { Writer } from "./writer.ts";

export interface RigOptions {
  readonly kind: ServerKind;
  readonly seed: number;
  readonly random: Random;
  /** For the files of the round. */
  readonly folder: string;
  readonly config: ServerConfig;
  readonly consumer: ConsumerOptions;
  /** The consumer is a process of its own. */
  readonly child: boolean;
  /** There is no second, filtered consumer. */
  readonly alone: boolean;
  /** A replica and three Sentinels, which lead the consumer past the proxy. */
  readonly sentinels?: { readonly downAfter: number } | undefined;
  /** Faults of the connections to come, one each; those after them have none. */
  readonly faults: Fault[];
}

export class Rig {
  readonly random: Random;
  /** Faults that have not had a connection yet. */
  readonly faults: Fault[];
  /** Which of its ways a scenario took. */
  way: string | undefined;
  primary!: TestServer;
  /** The servers that may become the primary. */
  readonly replicas: TestServer[] = [];
  sentinels: TestSentinels | undefined;
  proxy!: FaultProxy;
  writer!: Writer;
  consumer!: Consumer;
  readonly #options: RigOptions;
  readonly #tapes: Map<TestServer, Tape> = new Map();
  #sieve: Sieve | undefined;
  #copy!: TestServer;
  readonly #cleanups: (() => unknown)[] = [];

  private constructor(options: RigOptions) {
    this.#options = options;
    this.random = options.random;
    this.faults = options.faults;
  }

  static async start(options: RigOptions): Promise<Rig> {
    const rig = new Rig(options);
    try {
      await rig.#start();
      return rig;
    } catch (error) {
      await rig.stop();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { kind, seed, config, faults, sentinels } = this.#options;
    this.primary = await this.#startServer(config);
    this.#copy = await this.#startServer();
    await this.ask((client) => fillServer(client, { seed, keys: 60, big: 20_000 }));
    if (sentinels !== undefined) {
      // Before anything else attaches: Sentinels take whatever does for a replica too.
      const { primary } = this;
      const replica = await this.#startReplica();
      this.sentinels = await startSentinels({ kind, primary, replicas: 1, ...sentinels });
      this.#cleanups.push(() => this.sentinels?.stop());
      await this.#record(replica);
    }
    await this.#record(this.primary);
    this.proxy = await FaultProxy.start(this.primary.port, () => faults.shift());
    this.#cleanups.push(() => this.proxy.stop());
    this.writer = new Writer(this.primary.url, seed * 1000);
    this.#cleanups.push(() => this.writer.stop().catch(() => {}));
    if (!this.#options.alone) await this.#startSieve();
    this.consumer = await this.#startConsumer();
    this.#cleanups.push(() => this.consumer.stop());
  }

  /** The tape of the server that is the primary now. */
  get tape(): Tape {
    return this.#tapes.get(this.primary)!;
  }

  /** A replica that is in step with the primary, and on tape. */
  async addReplica(): Promise<TestServer> {
    const replica = await this.#startReplica();
    await this.#record(replica);
    return replica;
  }

  /** From now on that server is the primary, for writes and the proxy. */
  follow(server: TestServer): void {
    this.primary = server;
    this.writer.url = server.url;
    this.proxy.target = server.port;
  }

  /** Does something over a connection of its own to the primary, or to another server. */
  async ask<T>(use: (client: TestClient) => Promise<T>, server: TestServer = this.primary): Promise<T> {
    const client = await connectClient(server);
    try {
      return await use(client);
    } finally {
      client.close();
    }
  }

  /** What a server says of its part in replication. */
  async replication(server: TestServer = this.primary): Promise<Record<string, string>> {
    return await this.ask((client) => client.info("replication"), server);
  }

  /** Ends the load and holds what was received and what became of it to the primary. */
  async verify(): Promise<Verified & { readonly kept: number }> {
    await this.writer.stop();
    const end = await this.ask((client) => this.#settleOn(client));
    const tapes = [...this.#tapes.values()];
    const verified = this.consumer.check.verify(tapes, end);
    const kept = this.#sieve?.verify(tapes) ?? 0;
    await this.compare();
    return { ...verified, kept };
  }

  /**
   * Throws where the copy is not what the primary is. Over connections of its own: what has expired meanwhile is still being
   * deleted, and the connection that it is applied over selects databases for that.
   */
  async compare(): Promise<void> {
    await this.ask((left) => this.ask((right) => compareAll(left, right), this.#copy));
  }

  async stop(): Promise<void> {
    // Whoever waits for a server that was stopped in its tracks would wait for ever.
    for (const server of this.#tapes.keys()) server.signal("SIGCONT");
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }

  async #startServer(config: ServerConfig = {}): Promise<TestServer> {
    const server = await startServer({ kind: this.#options.kind, config });
    this.#cleanups.push(() => server.stop());
    return server;
  }

  async #startReplica(): Promise<TestServer> {
    const { port } = this.primary;
    const replica = await this.#startServer({ ...this.#options.config, replicaof: `127.0.0.1 ${port}` });
    while ((await this.replication(replica)).master_link_status !== "up") await sleep(10);
    this.replicas.push(replica);
    return replica;
  }

  async #record(server: TestServer): Promise<void> {
    const tape = new Tape(server.port);
    this.#cleanups.push(() => tape.stop());
    this.#tapes.set(server, tape);
    await tape.online();
  }

  /** Behind a proxy of its own, with cuts of its own, wherever the others go. */
  async #startSieve(): Promise<void> {
    const random = new Random(this.#options.seed);
    const cuts = Array.from(
      { length: 3 },
      (): Fault => ({ kind: "cut", after: random.int(0, 50_000), how: "rst" }),
    );
    const proxy = await FaultProxy.start(this.primary.port, () => cuts.shift());
    this.#cleanups.push(() => proxy.stop());
    this.#sieve = new Sieve(`redis://127.0.0.1:${proxy.port}`, "[nh]:*");
    this.#cleanups.push(() => this.#sieve?.stop());
  }

  async #startConsumer(): Promise<Consumer> {
    const { child, consumer, folder } = this.#options;
    const client = await connectClient(this.#copy);
    this.#cleanups.push(() => client.close());
    const url = this.sentinels?.url ?? `redis://127.0.0.1:${this.proxy.port}`;
    return new Consumer(client, (target) =>
      child ? new ChildFeed(url, folder, consumer, target) : new LocalFeed(url, consumer, target),
    );
  }

  /** Waits until everything that the primary has written is on the tape and with the consumer. */
  async #settleOn(client: TestClient): Promise<number> {
    let before = -1;
    // The primary may still find that something has expired: nothing new for a while is what counts.
    for (let quiet = 0; quiet < 2; ) {
      const { master_replid, master_repl_offset } = await client.info("replication");
      const offset = Number(master_repl_offset);
      quiet = offset === before ? quiet + 1 : 0;
      before = offset;
      await this.tape.reached(offset);
      await this.consumer.caughtUp(master_replid!, offset);
    }
    return before;
  }
}

async function compareAll(primary: TestClient, copy: TestClient): Promise<void> {
  for (const deadline = Date.now() + 10_000; ; ) {
    const differences = describeDifferences(await compareServers(primary, copy));
    if (differences !== "") throw new Error(`the copy differs: ${differences.slice(0, 1500)}`);
    // The digest counts keys past their time that are not deleted yet; each server deletes them in its own time.
    const [ours, theirs] = [await debugDigest(copy), await debugDigest(primary)];
    if (ours === theirs) return;
    if (Date.now() > deadline) throw new Error(`DEBUG DIGEST of the copy is ${ours}, not ${theirs}`);
  }
}

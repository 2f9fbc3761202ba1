/** What a round runs on: a primary under load, a proxy before it, a consumer behind that, a server that it applies to. */
import { type ServerConfig, type ServerKind, startServer, type TestServer } from "../servers/mod.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { compareServers, debugDigest, describeDifferences } from "../support/compare.ts";
import { fillServer } from "../support/fill.ts";
import type { Random } from "../support/random.ts";
import { Consumer, type ConsumerOptions } from "./consumer.ts";
import { type Fault, FaultProxy } from "./fault_proxy.ts";
import type { Verified } from "./stream_check.ts";
import { Tape } from "./tape.ts";
import { Writer } from "./writer.ts";

export interface RigOptions {
  readonly kind: ServerKind;
  readonly seed: number;
  readonly random: Random;
  readonly config: ServerConfig;
  readonly consumer: ConsumerOptions;
  /** Faults of the connections to come, one each; those after them have none. */
  readonly faults: Fault[];
}

export class Rig {
  readonly kind: ServerKind;
  readonly random: Random;
  readonly config: ServerConfig;
  /** Faults that have not had a connection yet. */
  readonly faults: Fault[];
  primary: TestServer;
  readonly proxy: FaultProxy;
  readonly tape: Tape;
  readonly writer: Writer;
  readonly consumer: Consumer;
  readonly #target: TestClient;
  readonly #cleanups: (() => unknown)[];

  private constructor(
    options: RigOptions,
    parts: Pick<Rig, "primary" | "proxy" | "tape" | "writer" | "consumer">,
    target: TestClient,
    cleanups: (() => unknown)[],
  ) {
    this.kind = options.kind;
    this.random = options.random;
    this.config = options.config;
    this.faults = options.faults;
    this.primary = parts.primary;
    this.proxy = parts.proxy;
    this.tape = parts.tape;
    this.writer = parts.writer;
    this.consumer = parts.consumer;
    this.#target = target;
    this.#cleanups = cleanups;
  }

  static async start(options: RigOptions): Promise<Rig> {
    const { kind, seed, config, consumer, faults } = options;
    const cleanups: (() => unknown)[] = [];
    try {
      const primary = await startServer({ kind, config });
      cleanups.push(() => primary.stop());
      const copy = await startServer({ kind });
      cleanups.push(() => copy.stop());
      const target = await connectClient(copy);
      cleanups.push(() => target.close());
      const client = await connectClient(primary);
      await fillServer(client, { seed, keys: 60, big: 20_000 });
      client.close();
      const tape = new Tape(primary.port);
      cleanups.push(() => tape.stop());
      await tape.online();
      const proxy = await FaultProxy.start(primary.port, () => faults.shift());
      cleanups.push(() => proxy.stop());
      const writer = new Writer(primary.url, seed * 1000);
      cleanups.push(() => writer.stop().catch(() => {}));
      const made = new Consumer(`redis://127.0.0.1:${proxy.port}`, target, consumer);
      cleanups.push(() => made.stop());
      return new Rig(options, { primary, proxy, tape, writer, consumer: made }, target, cleanups);
    } catch (error) {
      for (const cleanup of cleanups.reverse()) await cleanup();
      throw error;
    }
  }

  /** One more server, stopped at the end. */
  async startMore(config: ServerConfig = {}): Promise<TestServer> {
    const server = await startServer({ kind: this.kind, config: { ...this.config, ...config } });
    this.#cleanups.push(() => server.stop());
    return server;
  }

  /** From now on that server is the primary, for writes, the tape and the proxy. */
  follow(server: TestServer): void {
    this.primary = server;
    this.writer.url = server.url;
    this.tape.port = server.port;
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

  /** Ends the load and holds what was received and what became of it to the primary. */
  async verify(): Promise<Verified> {
    await this.writer.stop();
    const client = await connectClient(this.primary);
    this.#cleanups.push(() => client.close());
    const end = await this.#settleOn(client);
    const verified = this.consumer.check.verify(this.tape, end);
    const deadline = Date.now() + 10_000;
    for (;;) {
      const differences = describeDifferences(await compareServers(client, this.#target));
      if (differences !== "") throw new Error(`the copy differs: ${differences.slice(0, 1500)}`);
      // The digest counts keys past their time that are not deleted yet; each server deletes them in its own time.
      const [ours, theirs] = [await debugDigest(this.#target), await debugDigest(client)];
      if (ours === theirs) break;
      if (Date.now() > deadline) throw new Error(`DEBUG DIGEST of the copy is ${ours}, not ${theirs}`);
    }
    return verified;
  }

  async stop(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
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

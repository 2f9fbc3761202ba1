/** Servers and a mirror between them, run inside this process. */
import { setTimeout as sleep } from "node:timers/promises";
import { lastValueFrom, tap } from "rxjs";
import { afterEach, expect } from "vitest";
import { connectTarget, parseTarget } from "../../cli/mirror/target.ts";
import type { Position, RedisEvent } from "../../src/events.ts";
import { type Applied, type ApplyOptions, applyTo } from "../../src/rx/apply_to.ts";
import { createGate } from "../../src/rx/create_gate.ts";
import { replicate } from "../../src/rx/replicate.ts";
import { toCommands } from "../../src/rx/to_commands.ts";
import type { RebuildOptions } from "../../src/stream/key_rebuilder.ts";
import { connect } from "../../transports/node/connect.ts";
import { clock } from "../../transports/shared/clock.ts";
import { type ServerKind, startServer, type TestServer } from "../servers/mod.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { compareServers, debugDigest, describeDifferences } from "../support/compare.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Has something done after the test, the last first. */
export function atEnd(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

export interface Started {
  readonly server: TestServer;
  readonly client: TestClient;
}

export async function start(kind: ServerKind, config: Record<string, string> = {}): Promise<Started> {
  const server = await startServer({ kind, config });
  atEnd(() => server.stop());
  const client = await connectClient(server);
  atEnd(() => client.close());
  return { server, client };
}

export interface MirrorOptions extends ApplyOptions, RebuildOptions {
  readonly via?: "commands" | "restore";
  readonly from?: Position;
  readonly snapshot?: boolean;
  readonly onEvent?: (event: RedisEvent) => void;
}

/** A mirror that runs until `stop`. */
export class Mirror {
  readonly applied: Applied[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<unknown>;
  #failure: unknown;

  constructor(source: string, client: Awaited<ReturnType<typeof connectTarget>>, options: MirrorOptions) {
    const gate = createGate();
    const { via = "commands", from, snapshot = true, onEvent = () => {} } = options;
    const events = replicate(source, {
      connect,
      clock,
      gate,
      signal: this.#stop.signal,
      snapshot,
      level: via === "restore" ? "raw" : "data",
      ...(from === undefined ? {} : { position: from }),
    }).pipe(
      tap(onEvent),
      toCommands(options),
      applyTo(client, { ...options, gate }),
      tap((applied) => {
        this.applied.push(applied);
      }),
    );
    this.#done = lastValueFrom(events, { defaultValue: undefined })
      .catch((error: unknown) => {
        this.#failure = error;
      })
      .finally(() => client.close());
  }

  get last(): Applied | undefined {
    return this.applied.at(-1);
  }

  /** Waits until everything the primary wrote so far is applied. */
  async caughtUp(primary: TestClient, ms = 60_000): Promise<void> {
    const offset = Number(/master_repl_offset:(\d+)/.exec(await primary.text("INFO", "replication"))?.[1]);
    const deadline = Date.now() + ms;
    while ((this.last?.position?.offset ?? -1) < offset) {
      if (this.#failure !== undefined) throw this.#failure;
      if (Date.now() > deadline) throw new Error(`waited for ${offset}, at ${this.last?.position?.offset}`);
      await sleep(5);
    }
  }

  /** Ends it in order; what ended it before, if anything did. */
  async stop(): Promise<unknown> {
    this.#stop.abort();
    return await this.ended();
  }

  async ended(): Promise<unknown> {
    await this.#done;
    return this.#failure;
  }
}

export async function mirror(source: string, target: string, options: MirrorOptions = {}): Promise<Mirror> {
  const made = new Mirror(source, await connectTarget(parseTarget(target), {}), options);
  atEnd(() => made.stop());
  return made;
}

/**
 * A server of another version that follows the source by itself. Versions write scores differently into DEBUG DIGEST: only
 * digests of the same version say something.
 */
export async function startReference(kind: ServerKind, source: TestServer): Promise<Started> {
  const reference = await start(kind);
  await reference.client.command(["REPLICAOF", source.host, source.port]);
  return reference;
}

/** Waits until a reference has everything that its source wrote so far. */
export async function followed(reference: TestClient, source: TestClient): Promise<void> {
  const offset = async (client: TestClient) => {
    const info = await client.info("replication");
    return Number(info.slave_repl_offset ?? info.master_repl_offset);
  };
  const deadline = Date.now() + 30_000;
  while ((await offset(reference)) < (await offset(source))) {
    if (Date.now() > deadline) throw new Error("the reference does not follow");
    await sleep(20);
  }
}

/** Both servers hold the same; `reference` holds what `left` does, in the version of `right`. */
export async function expectSame(left: TestClient, right: TestClient, reference = left): Promise<void> {
  expect(describeDifferences(await compareServers(left, right))).toBe("");
  // The digest counts keys past their time that are not yet deleted; each server deletes them in its own time.
  const deadline = Date.now() + 10_000;
  for (;;) {
    const [ours, theirs] = [await debugDigest(reference), await debugDigest(right)];
    if (ours === theirs) return;
    if (Date.now() > deadline) expect(theirs).toBe(ours);
    await sleep(100);
  }
}

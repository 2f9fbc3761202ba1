/** Attaches to a server as a user would, and keeps what came. */
import type { RedisEvent } from "../../src/events.ts";
import type { ReplicaOptions } from "../../src/replica/options.ts";
import { replicaBatches } from "../../src/replica/replica_batches.ts";
import { connect } from "../../transports/node/connect.ts";
import { clock } from "../../transports/shared/clock.ts";
import type { TestClient } from "../support/client.ts";

export type AttachOptions = Omit<ReplicaOptions, "connect" | "clock">;

/** A running link that hands its events to a consumer, in order and at its pace. */
export class Attached {
  /** How often each kind and event came. */
  readonly counts: Map<string, number> = new Map();
  /** Offset after the last event that tells one. */
  offset = -1;
  readonly #iterator: AsyncIterator<readonly RedisEvent[]>;
  readonly #done: Promise<void>;
  #failure: unknown = undefined;
  #waiting: (() => void)[] = [];

  constructor(
    url: string,
    consume: (event: RedisEvent) => Promise<void> | void,
    options: AttachOptions = {},
  ) {
    this.#iterator = replicaBatches(url, { ...options, connect, clock })[Symbol.asyncIterator]();
    this.#done = this.#run(consume);
  }

  count(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  /** Waits until a condition on what came holds. */
  async until(condition: () => boolean, what: string, ms = 20_000): Promise<void> {
    const deadline = Date.now() + ms;
    while (!condition()) {
      if (this.#failure !== undefined) throw this.#failure;
      if (Date.now() > deadline) throw new Error(`Waited ${ms} ms for ${what}; came: ${this.summary()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Waits until everything that the primary has written so far was consumed. */
  async caughtUp(primary: TestClient): Promise<void> {
    const offset = await masterOffset(primary);
    await this.until(() => this.offset >= offset, `offset ${offset}, at ${this.offset}`);
  }

  summary(): string {
    return JSON.stringify(Object.fromEntries(this.counts));
  }

  /** Ends the link; throws what ended it before. */
  async stop(): Promise<void> {
    await this.#iterator.return?.();
    await this.#done;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits for the link to end by itself; what ended it, `undefined` for its regular end. */
  async ended(): Promise<unknown> {
    await this.#done;
    return this.#failure;
  }

  async #run(consume: (event: RedisEvent) => Promise<void> | void): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#iterator.next();
        if (done) return;
        for (const event of value) {
          await consume(event);
          this.#note(event);
        }
      }
    } catch (error) {
      this.#failure = error;
    }
  }

  #note(event: RedisEvent): void {
    const name = `${event.kind}:${event.event}`;
    this.counts.set(name, this.count(name) + 1);
    if (event.kind === "aof") this.offset = event.offset;
    else if (event.position !== undefined) this.offset = Math.max(this.offset, event.position.offset);
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** The primary's own count of the bytes it has replicated. */
export async function masterOffset(primary: TestClient): Promise<number> {
  const info = await primary.text("INFO", "replication");
  return Number(/master_repl_offset:(\d+)/.exec(info)?.[1]);
}

/** A consumer as a user would write one: it keeps a copy and a checkpoint, and can be ended and started again at any time. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Position, RedisEvent } from "../../src/events.ts";
import type { ReplicateOptions } from "../../src/rx/replicate.ts";
import type { TestClient } from "../support/client.ts";
import { Copy } from "./copy.ts";
import type { StreamCheck } from "./stream_check.ts";

export type ConsumerOptions = Pick<ReplicateOptions, "overrun" | "timeouts" | "watchLag">;

/** Where the events come from and where the checkpoint is kept. */
export interface Feed {
  start(position: Position | undefined): void;
  /** Ends it without a word. Nothing comes after that. */
  end(): Promise<void>;
  /** The checkpoint. */
  saved(): Promise<Position | undefined>;
}

/** What a feed does with what comes. */
export interface FeedTarget {
  readonly take: (event: RedisEvent) => Promise<void> | undefined;
  readonly fail: (error: unknown) => void;
}

export class Consumer {
  restarts = 0;
  readonly #copy: Copy;
  readonly #feed: Feed;
  #failure: unknown;

  constructor(target: TestClient, makeFeed: (target: FeedTarget) => Feed) {
    const copy = new Copy(target);
    this.#copy = copy;
    this.#feed = makeFeed({
      take: (event) => copy.take(event),
      fail: (error) => {
        this.#failure ??= error;
      },
    });
    this.#feed.start(undefined);
  }

  get check(): StreamCheck {
    return this.#copy.check;
  }

  /** Replication id of the history that it is in. */
  get replid(): string {
    return this.#copy.replid;
  }

  /** Offset after the last command that was applied. */
  get applied(): number {
    return this.#copy.applied;
  }

  /** Whether its link is in the stream. */
  get online(): boolean {
    return this.#copy.online;
  }

  /** Events taken so far, but those of the link itself. */
  get events(): number {
    return this.#copy.events;
  }

  /** ms that each batch of commands takes longer than it must. */
  set slowness(ms: number) {
    this.#copy.slowness = ms;
  }

  /** How often a link event came; `reset:REASON` and `disconnected:CODE` are counted too. */
  count(name: string): number {
    return this.#copy.count(name);
  }

  /** Waits until a condition holds; throws what ended the stream. */
  async until(what: string, condition: () => boolean, ms = 30_000): Promise<void> {
    for (const deadline = Date.now() + ms; ; await sleep(5)) {
      if (this.#failure !== undefined) throw this.#failure;
      if (condition()) return;
      if (Date.now() > deadline) throw new Error(`waited ${ms} ms for ${what}; ${this.summary()}`);
    }
  }

  async caughtUp(replid: string, offset: number): Promise<void> {
    await this.until(`offset ${offset} of ${replid}`, () => this.#copy.has(replid, offset));
    await this.#copy.flush();
  }

  /** Dies without a word and is started again at what its checkpoint says. */
  async restart(): Promise<void> {
    this.restarts++;
    await this.#feed.end();
    const position = await this.#feed.saved();
    await this.#copy.restart(position);
    this.#feed.start(position);
  }

  async stop(): Promise<void> {
    await this.#feed.end();
  }

  summary(): string {
    return this.#copy.summary();
  }
}

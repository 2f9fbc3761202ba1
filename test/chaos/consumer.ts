/** A consumer as a user would write one: applies every event to a server, keeps a checkpoint, can be restarted from it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Subscription } from "rxjs";
import type { AofCommand, RedisEvent } from "../../src/events.ts";
import { checkpoint } from "../../src/rx/checkpoint.ts";
import { createGate } from "../../src/rx/create_gate.ts";
import { createMemoryStore } from "../../src/rx/create_memory_store.ts";
import { type ReplicateOptions, replicate } from "../../src/rx/replicate.ts";
import { connect } from "../../transports/node/connect.ts";
import { openSpool } from "../../transports/node/spool.ts";
import { clock } from "../../transports/shared/clock.ts";
import { Applier } from "../support/apply.ts";
import type { TestClient } from "../support/client.ts";
import { StreamCheck } from "./stream_check.ts";

export type ConsumerOptions = Pick<ReplicateOptions, "overrun" | "timeouts" | "watchLag">;

/** Commands applied at most before the target has to have answered. */
const APPLY_EVERY = 200;

export class Consumer {
  readonly check: StreamCheck = new StreamCheck();
  /** How often each link event came; resets by their reason too. */
  readonly counts: Map<string, number> = new Map();
  /** Why links were lost. */
  readonly losses: string[] = [];
  restarts = 0;
  /** ms that each batch of commands takes longer than it must. */
  slowness = 0;
  readonly #url: string;
  readonly #target: TestClient;
  readonly #options: ConsumerOptions;
  readonly #store = createMemoryStore();
  #applier: Applier;
  #unsent = 0;
  /** Commands of a transaction whose EXEC has not come. */
  #open: AofCommand[] = [];
  #applied = -1;
  #replid = "";
  #offset = -1;
  #subscription: Subscription | undefined;
  #failure: unknown;

  constructor(url: string, target: TestClient, options: ConsumerOptions) {
    this.#url = url;
    this.#target = target;
    this.#options = options;
    this.#applier = new Applier(target);
    this.#subscribe(undefined);
  }

  count(name: string): number {
    return this.counts.get(name) ?? 0;
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
    await this.until(
      `offset ${offset} of ${replid}`,
      () => this.#replid === replid && this.#offset >= offset,
    );
    await this.#applier.flush();
  }

  /** Dies without a word and is started again at what the store holds. */
  async restart(): Promise<void> {
    this.#subscription?.unsubscribe();
    this.restarts++;
    // What was handed to the target is done; a transaction that had not ended is not.
    await this.#applier.flush();
    this.#open = [];
    const position = (await this.#store.load())?.position;
    this.check.restarted(position);
    this.#subscribe(position);
  }

  stop(): void {
    this.#subscription?.unsubscribe();
  }

  summary(): string {
    return `at ${this.#offset} of ${this.#replid}: ${JSON.stringify(Object.fromEntries(this.counts))}; ${[...new Set(this.losses)].join("; ")}`;
  }

  #subscribe(position: ReplicateOptions["position"]): void {
    const gate = createGate();
    this.#subscription = replicate(this.#url, {
      connect,
      clock,
      openSpool,
      gate,
      clientName: "chaos",
      reconnect: { minDelay: 5, maxDelay: 60, initialAttempts: 10_000 },
      position,
      ...this.#options,
    })
      .pipe(checkpoint(this.#store, (event) => this.#take(event), { gate }))
      .subscribe({
        error: (error: unknown) => {
          this.#failure = error;
        },
        complete: () => {
          this.#failure = new Error("the stream ended by itself");
        },
      });
  }

  #take(event: RedisEvent): Promise<void> | undefined {
    if (event.kind === "link") this.#takeLink(event);
    else if (event.kind === "aof" && event.event === "command") return this.#takeCommand(event);
    else return this.#takeRdb(event);
    return undefined;
  }

  #takeLink(event: Extract<RedisEvent, { kind: "link" }>): void {
    this.#note(event.event);
    if (event.event === "disconnected") this.losses.push(event.message);
    if (event.event === "reset") {
      this.#note(`reset:${event.reason}`);
      this.check.reset();
    } else if (event.event === "fullresync") {
      this.check.fullresync(event.replid, event.offset);
      this.#replid = event.replid;
      this.#applied = this.#offset = -1;
      this.#open = [];
    } else if (event.event === "continue") {
      this.check.continued(event.replid, event.offset);
      this.#replid = event.replid;
      this.#offset = Math.max(this.#offset, event.offset);
    } else if (event.position !== undefined) this.#offset = Math.max(this.#offset, event.position.offset);
  }

  #takeCommand(event: AofCommand): Promise<void> | undefined {
    this.check.command(event.offset, event.args);
    this.#offset = Math.max(this.#offset, event.offset);
    // Only a restarted consumer sees a command again; it knows by the offset.
    if (event.offset <= this.#applied) return undefined;
    this.#open.push(event);
    if (event.tx !== undefined && event.name !== "EXEC") return undefined;
    const whole = this.#open;
    this.#open = [];
    this.#applied = event.offset;
    return this.#applyAll(whole);
  }

  /** Hands everything over before it waits: a restart in between must not find half of a transaction. */
  async #applyAll(events: readonly RedisEvent[]): Promise<void> {
    const applying = events.map((event) => this.#applier.apply(event));
    this.#unsent += events.length;
    if (this.#unsent >= APPLY_EVERY) {
      this.#unsent = 0;
      applying.push(this.#applier.flush());
      if (this.slowness > 0) applying.push(sleep(this.slowness));
    }
    await Promise.all(applying);
  }

  async #takeRdb(event: RedisEvent): Promise<void> {
    if (event.event === "end") this.#offset = event.position?.offset ?? this.#offset;
    if (event.event !== "begin") return await this.#applyAll([event]);
    // A new beginning: an unfinished value of the snapshot before must not be mixed in.
    const before = this.#applier.flush();
    this.#applier = new Applier(this.#target);
    await Promise.all([before, this.#applyAll([event])]);
  }

  #note(name: string): void {
    this.counts.set(name, this.count(name) + 1);
  }
}

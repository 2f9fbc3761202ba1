/** A consumer in this process, with its checkpoint in memory. */
import type { Subscription } from "rxjs";
import type { Position } from "../../src/events.ts";
import { checkpoint } from "../../src/rx/checkpoint.ts";
import { createGate } from "../../src/rx/create_gate.ts";
import { createMemoryStore } from "../../src/rx/create_memory_store.ts";
import { replicate } from "../../src/rx/replicate.ts";
import { connect } from "../../transports/node/connect.ts";
import { openSpool } from "../../transports/node/spool.ts";
import { clock } from "../../transports/shared/clock.ts";
import type { ConsumerOptions, Feed, FeedTarget } from "./consumer.ts";

export class LocalFeed implements Feed {
  readonly #url: string;
  readonly #options: ConsumerOptions;
  readonly #target: FeedTarget;
  readonly #store = createMemoryStore();
  #subscription: Subscription | undefined;

  constructor(url: string, options: ConsumerOptions, target: FeedTarget) {
    this.#url = url;
    this.#options = options;
    this.#target = target;
  }

  start(position: Position | undefined): void {
    const { take, fail } = this.#target;
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
      .pipe(checkpoint(this.#store, take, { gate }))
      .subscribe({ error: fail, complete: () => fail(new Error("the stream ended by itself")) });
  }

  async end(): Promise<void> {
    this.#subscription?.unsubscribe();
  }

  async saved(): Promise<Position | undefined> {
    return (await this.#store.load())?.position;
  }
}

import type { RedisEvent } from "../../../src/events.ts";
import type { ReplicaOptions } from "../../../src/replica/options.ts";
import { replicaBatches } from "../../../src/replica/replica_batches.ts";
import { connect } from "../../../transports/node/connect.ts";
import { clock } from "../../../transports/shared/clock.ts";
import type { TestClient } from "../../support/client.ts";

/** Follows a server in the background and lets a test wait for what comes. */
export class Follower {
  readonly events: RedisEvent[] = [];
  /** Set when the iteration ended; `error` is `undefined` when it ended well. */
  ended: { readonly error: unknown } | undefined = undefined;
  readonly #iterator: AsyncIterator<readonly RedisEvent[]>;
  readonly #done: Promise<void>;
  #waiting: (() => void)[] = [];

  constructor(url: string, options: ReplicaOptions = {}) {
    this.#iterator = replicaBatches(url, { connect, clock, ...options })[Symbol.asyncIterator]();
    this.#done = this.#run();
  }

  /** Waits until `test` holds; fails when the iteration ends first. */
  async until(what: string, test: () => boolean): Promise<void> {
    while (!test()) {
      if (this.ended !== undefined) throw new Error(`ended before ${what}`, { cause: this.ended.error });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Waits for `count` events of that name. */
  async seen(name: RedisEvent["event"], count = 1): Promise<void> {
    await this.until(name, () => this.events.filter((event) => event.event === name).length >= count);
  }

  /** Waits for everything up to an offset of the stream. */
  async reached(offset: number): Promise<void> {
    await this.until(`offset ${offset}`, () => (this.offset ?? -1) >= offset);
  }

  /** The greatest offset told. */
  get offset(): number | undefined {
    return this.events.at(-1)?.position?.offset;
  }

  /** Commands as text. */
  get commands(): string[] {
    return this.events.flatMap((event) =>
      event.kind === "aof" && event.event === "command"
        ? [event.args.map((_, index) => event.text(index)).join(" ")]
        : [],
    );
  }

  /** The last event of a kind. */
  last(kind: RedisEvent["kind"]): RedisEvent | undefined {
    return this.events.filter((event) => event.kind === kind).at(-1);
  }

  link<E extends RedisEvent["event"]>(name: E): Extract<RedisEvent, { event: E }>[] {
    return this.events.filter((event) => event.event === name) as Extract<RedisEvent, { event: E }>[];
  }

  /** Waits for the end; returns its error. */
  async end(): Promise<unknown> {
    await this.#done;
    return this.ended?.error;
  }

  async stop(): Promise<void> {
    await this.#iterator.return?.();
    await this.#done;
  }

  async #run(): Promise<void> {
    let error: unknown;
    try {
      for (;;) {
        const { done, value } = await this.#iterator.next();
        if (done === true) break;
        this.events.push(...value);
        this.#wake();
      }
    } catch (thrown) {
      error = thrown;
    }
    this.ended = { error };
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** A field of INFO replication. */
export async function info(client: TestClient, field: string): Promise<string> {
  const text = await client.text("INFO", "replication");
  return new RegExp(`^${field}:(.*)\r?$`, "m").exec(text)?.[1]?.trim() ?? "";
}

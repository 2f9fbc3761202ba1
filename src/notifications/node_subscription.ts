import { utf8 } from "../bytes/text.ts";
import type { Connection } from "../client/connection.ts";
import { ReplicaError } from "../errors.ts";
import type { RespList } from "../resp/value.ts";
import type { Address } from "../transport.ts";
import { parseNotification } from "./channels.ts";
import type { KeyspaceEvent } from "./notification.ts";
import { type Access, openConnection } from "./open_connection.ts";
import { ensureSetting, writeSetting } from "./server_setting.ts";
import type { SubscriptionPlan } from "./subscription_plan.ts";
import { type FetchedValue, fetchValues } from "./value_fetcher.ts";

/** A notification that a server published. */
export interface PublishedNotification extends KeyspaceEvent {
  readonly source: "keyspace" | "keyevent";
  /** When it arrived here, Unix ms. */
  readonly at: number;
  /** With `withValue`: what the key held when it was asked for, which is after the event and maybe after later ones. */
  readonly fetched: FetchedValue | undefined;
}

/** How one node is subscribed to. */
export interface NodeOptions {
  readonly access: Access;
  readonly plan: SubscriptionPlan;
  readonly check: boolean;
  readonly configure: boolean;
  readonly withValue: boolean | "type";
  /** ms between two PINGs, and to wait for their answer. */
  readonly pingInterval: number;
  readonly shard: string | undefined;
  readonly emit: (event: PublishedNotification) => void;
}

/** Fetches of values in one go, at most, and events that may wait for theirs before the socket is left unread. */
const FETCH_AT_ONCE = 200;
const MAX_WAITING = 2_000;

/** One connection to one node from its subscription to its end. */
export class NodeSubscription {
  readonly #options: NodeOptions;
  readonly #address: Address;
  #connection: Connection | undefined = undefined;
  #values: Connection | undefined = undefined;
  #waiting: PublishedNotification[] = [];
  #fetching: Promise<void> | undefined = undefined;
  #cancelPing: (() => void) | undefined = undefined;
  #closed = false;
  /** When the server was last heard of, Unix ms. */
  heardAt = 0;
  /** The setting that was there before it was changed here. */
  before: string | undefined = undefined;

  constructor(address: Address, options: NodeOptions) {
    this.#address = address;
    this.#options = options;
  }

  /** Connects, checks the server's setting and subscribes. */
  async open(): Promise<void> {
    const { access, plan, check, configure, withValue } = this.#options;
    const connection = await openConnection(access, this.#address, { onPush: (push) => this.#push(push) });
    this.#connection = connection;
    if (this.#closed) {
      await connection.close();
      return;
    }
    if (check) this.before = await ensureSetting(connection, plan, configure);
    if (withValue !== false) this.#values = await openConnection(access, this.#address);
    if (plan.channels.length > 0) await connection.subscribe("SUBSCRIBE", plan.channels);
    if (plan.patterns.length > 0) await connection.subscribe("PSUBSCRIBE", plan.patterns);
    this.heardAt = access.clock.now();
    this.#schedulePing(connection);
  }

  /** Resolves with the reason when the connection has ended. */
  async ended(): Promise<ReplicaError> {
    const reason = await this.#connection?.ended;
    await this.#fetching;
    return reason ?? new ReplicaError("closed", "The subscription was closed");
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelPing?.();
    await Promise.all([this.#connection?.close(), this.#values?.close()]);
  }

  /** Puts the setting back, over a connection of its own. */
  async restore(value: string): Promise<void> {
    const connection = await openConnection(this.#options.access, this.#address);
    try {
      await writeSetting(connection, value);
    } finally {
      await connection.close();
    }
  }

  #schedulePing(connection: Connection): void {
    const { access, pingInterval } = this.#options;
    this.#cancelPing = access.clock.setTimer(pingInterval, () => {
      this.#cancelPing = access.clock.setTimer(pingInterval, () => void this.close().catch(ignore));
      connection.exchange(["PING"]).then(() => {
        this.#cancelPing?.();
        if (this.#closed) return;
        this.heardAt = access.clock.now();
        this.#schedulePing(connection);
      }, ignore);
    });
  }

  #push(push: RespList): void | Promise<void> {
    const kind = push.items[0];
    const name = kind?.type === "bulk" || kind?.type === "simple" ? utf8(kind.bytes) : "";
    const at = name === "pmessage" ? 2 : name === "message" ? 1 : 0;
    const channel = push.items[at];
    const payload = push.items[at + 1];
    if (at === 0 || channel?.type !== "bulk" || payload?.type !== "bulk") return;
    const parsed = parseNotification(channel.bytes, payload.bytes);
    const { access, plan, shard, withValue } = this.#options;
    this.heardAt = access.clock.now();
    if (!plan.passes(parsed)) return;
    const event = new PublishedEvent(parsed, this.heardAt, shard, undefined);
    if (withValue === false) {
      this.#options.emit(event);
      return;
    }
    this.#waiting.push(event);
    this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined));
    return this.#waiting.length > MAX_WAITING ? this.#fetching : undefined;
  }

  /** Fetches and emits until nothing waits. */
  async #fetch(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#closed) {
      const batch = this.#waiting.splice(0, FETCH_AT_ONCE);
      let values: readonly (FetchedValue | undefined)[] = [];
      try {
        values = await fetchValues(this.#values!, batch, this.#options.withValue === "type");
      } catch (error) {
        // The events themselves came; without the second connection the first one ends too, with a gap.
        await this.#connection?.close();
        if (!(error instanceof ReplicaError)) throw error;
      }
      for (const [index, event] of batch.entries()) {
        this.#options.emit(new PublishedEvent(event, event.at, event.shard, values[index]));
      }
    }
  }
}

class PublishedEvent implements PublishedNotification {
  readonly db: number;
  readonly event: string;
  readonly key: Uint8Array;
  readonly source: "keyspace" | "keyevent";
  readonly at: number;
  readonly shard: string | undefined;
  readonly fetched: FetchedValue | undefined;

  constructor(
    parsed: Pick<PublishedNotification, "db" | "event" | "key" | "source">,
    at: number,
    shard: string | undefined,
    fetched: FetchedValue | undefined,
  ) {
    this.db = parsed.db;
    this.event = parsed.event;
    this.key = parsed.key;
    this.source = parsed.source;
    this.at = at;
    this.shard = shard;
    this.fetched = fetched;
  }

  get kind(): "notification" {
    return "notification";
  }

  get keyText(): string {
    return utf8(this.key);
  }
}

function ignore(): void {}

import { ReplicaError } from "../errors.ts";
import {
  type NodeOptions,
  NodeSubscription,
  type PublishedNotification,
} from "../notifications/node_subscription.ts";
import type { NotificationGap } from "../notifications/notification.ts";
import type { Locator, MakeLocator } from "../replica/locator.ts";
import { type ReconnectOptions, RetryPolicy } from "../replica/retry.ts";
import type { Address } from "../transport.ts";

/** How nodes are stayed subscribed to. */
export interface FollowerOptions extends Omit<NodeOptions, "shard" | "emit"> {
  readonly reconnect: ReconnectOptions | false;
  readonly restore: boolean;
  readonly emit: (event: PublishedNotification | NotificationGap) => void;
}

/** Stays subscribed to one node: connects again when the connection is lost, and says in which time that was. */
export class NodeFollower {
  readonly #options: FollowerOptions;
  readonly #locator: Locator;
  readonly #shard: string | undefined;
  readonly #fail: (error: unknown) => void;
  #lostAt: number | undefined;
  #reason = "another node serves these keys";
  #current: NodeSubscription | undefined = undefined;
  #before: string | undefined = undefined;
  #cancel: (() => void) | undefined = undefined;
  /** Another server is to be subscribed to. */
  #moved = false;
  #stopped = false;

  constructor(
    options: FollowerOptions,
    place: Address | MakeLocator,
    shard: string | undefined,
    lostAt: number | undefined,
    fail: (error: unknown) => void,
  ) {
    this.#options = options;
    this.#locator =
      typeof place === "function"
        ? place(() => this.#moveOn())
        : { locate: () => Promise.resolve(place), stop: ignore };
    this.#shard = shard;
    this.#lostAt = lostAt;
    this.#fail = fail;
  }

  async run(): Promise<void> {
    const retry = new RetryPolicy(this.#options.reconnect);
    while (!this.#stopped) {
      let error: unknown;
      try {
        this.#moved = false;
        const subscription = await this.#subscribe();
        if (!this.#stopped && !this.#moved) {
          retry.succeeded();
          this.#tellGap();
          error = await subscription.ended();
          this.#lostAt = subscription.heardAt;
        }
      } catch (failure) {
        error = failure;
        await this.#current?.close().catch(ignore);
      }
      if (this.#stopped) return;
      if (this.#moved) {
        this.#reason = "another server became the primary";
        // The old server may be long in answering, or gone.
        void this.#restore();
        continue;
      }
      this.#reason = error instanceof Error ? error.message : String(error);
      try {
        const asLost = error instanceof ReplicaError && error.code === "closed" ? silent() : error;
        await this.#pause(retry.failed(asLost as ReplicaError).delay);
      } catch (final) {
        if (!this.#stopped) this.#fail(final);
        return;
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    this.#locator.stop();
    await this.#current?.close().catch(ignore);
    await this.#restore();
  }

  async #subscribe(): Promise<NodeSubscription> {
    const address = await this.#locator.locate();
    const subscription = new NodeSubscription(address, {
      ...this.#options,
      shard: this.#shard,
      emit: (event) => {
        if (!this.#stopped) this.#options.emit(event);
      },
    });
    this.#current = subscription;
    if (this.#stopped || this.#moved) return subscription;
    await subscription.open();
    this.#before ??= subscription.before;
    return subscription;
  }

  #moveOn(): void {
    this.#moved = true;
    this.#cancel?.();
    void this.#current?.close().catch(ignore);
  }

  /** Puts the setting of the server in use back, if it was changed and that is wanted. */
  async #restore(): Promise<void> {
    const before = this.#before;
    this.#before = undefined;
    if (this.#options.restore && before !== undefined) await this.#current?.restore(before).catch(ignore);
  }

  #tellGap(): void {
    const from = this.#lostAt;
    if (from === undefined) return;
    this.#lostAt = undefined;
    this.#options.emit({
      kind: "notification",
      event: "gap",
      key: undefined,
      source: this.#options.plan.channelFlag === "K" ? "keyspace" : "keyevent",
      from,
      to: this.#options.access.clock.now(),
      reason: this.#reason,
      shard: this.#shard,
      position: undefined,
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.access.clock.setTimer(ms, resolve);
      this.#cancel = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** We hang up only on a server that does not answer. */
function silent(): ReplicaError {
  return new ReplicaError("DISCONNECTED", "Cannot receive notifications: the server did not answer a PING");
}

function ignore(): void {}

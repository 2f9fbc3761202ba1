import { type ClusterShard, parseClusterShards, parseClusterSlots } from "../client/cluster.ts";
import { ReplicaError } from "../errors.ts";
import {
  type NodeOptions,
  NodeSubscription,
  type PublishedNotification,
} from "../notifications/node_subscription.ts";
import type { NotificationGap } from "../notifications/notification.ts";
import { openConnection } from "../notifications/open_connection.ts";
import { type ReconnectOptions, RetryPolicy } from "../replica/retry.ts";
import type { ClusterSource, HostPort, ServerSource } from "../replica/url.ts";
import type { Address } from "../transport.ts";

/** What {@link NotificationNodes} is told. */
export interface NodesOptions extends Omit<NodeOptions, "shard" | "emit"> {
  readonly source: ServerSource | ClusterSource;
  readonly reconnect: ReconnectOptions | false;
  readonly restore: boolean;
  readonly topologyInterval: number;
  readonly emit: (event: PublishedNotification | NotificationGap) => void;
  readonly fail: (error: unknown) => void;
}

/** The nodes that one Observable of notifications is subscribed to: one server, or every primary of a cluster. */
export class NotificationNodes {
  readonly #options: NodesOptions;
  readonly #followers: Map<string, NodeFollower> = new Map();
  /** Every node of the cluster that was ever heard of. */
  readonly #known: Map<string, HostPort> = new Map();
  #cancel: (() => void) | undefined = undefined;
  #stopped = false;
  /** When the nodes were last known for sure, Unix ms. */
  #lookedAt: number | undefined = undefined;

  constructor(options: NodesOptions) {
    this.#options = options;
  }

  start(): void {
    const { source } = this.#options;
    if (source.kind === "server") {
      this.#follow("", source.address, undefined, undefined);
      return;
    }
    for (const node of source.nodes) this.#known.set(nameOf(node), node);
    void this.#watch(new RetryPolicy(this.#options.reconnect));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await Promise.all([...this.#followers.values()].map((follower) => follower.stop()));
  }

  #follow(name: string, address: Address, shard: string | undefined, lostAt: number | undefined): void {
    const follower = new NodeFollower(this.#options, address, shard, lostAt, (error) => {
      // Of a cluster one node may go for good; the next look at the topology tells.
      if (this.#options.source.kind === "cluster" && isLink(error)) this.#followers.delete(name);
      else this.#options.fail(error);
    });
    this.#followers.set(name, follower);
    void follower.run();
  }

  async #watch(retry: RetryPolicy): Promise<void> {
    let delay = this.#options.topologyInterval;
    try {
      const shards = await this.#look();
      if (this.#stopped) return;
      retry.succeeded();
      this.#update(shards);
    } catch (error) {
      if (this.#stopped) return;
      try {
        delay = retry.failed(error as ReplicaError).delay;
      } catch (final) {
        this.#options.fail(final);
        return;
      }
    }
    this.#cancel = this.#options.access.clock.setTimer(delay, () => void this.#watch(retry));
  }

  /** Asks one node after the other until one tells. */
  async #look(): Promise<ClusterShard[]> {
    let failure: unknown = new ReplicaError("CONNECT", "Cannot find the cluster's nodes: none is known");
    for (const node of this.#known.values()) {
      if (this.#stopped) return [];
      try {
        const connection = await openConnection(this.#options.access, node);
        try {
          const reply = await connection.exchange(["CLUSTER", "SHARDS"]);
          if (reply.type !== "error") return parseClusterShards(reply, node.host);
          return parseClusterSlots(await connection.request(["CLUSTER", "SLOTS"]), node.host);
        } finally {
          await connection.close();
        }
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  #update(shards: readonly ClusterShard[]): void {
    const tls = this.#options.access.tls !== undefined;
    const primaries = new Map<string, HostPort>();
    for (const { nodes, slots } of shards) {
      for (const { host, port, tlsPort, role, healthy } of nodes) {
        const node = { host, port: tls && tlsPort > 0 ? tlsPort : port };
        this.#known.set(nameOf(node), node);
        if (role === "primary" && healthy && slots.length > 0) primaries.set(nameOf(node), node);
      }
    }
    for (const [name, follower] of this.#followers) {
      if (primaries.has(name)) continue;
      this.#followers.delete(name);
      void follower.stop();
    }
    for (const [name, node] of primaries) {
      if (!this.#followers.has(name)) this.#follow(name, node, name, this.#lookedAt);
    }
    this.#lookedAt = this.#options.access.clock.now();
  }
}

function nameOf({ host, port }: HostPort): string {
  return `${host}:${port}`;
}

function isLink(error: unknown): boolean {
  return error instanceof ReplicaError && ["CONNECT", "TIMEOUT", "DISCONNECTED"].includes(error.code);
}

/** Stays subscribed to one node: connects again when the connection is lost, and says in which time that was. */
class NodeFollower {
  readonly #options: NodesOptions;
  readonly #address: Address;
  readonly #shard: string | undefined;
  readonly #fail: (error: unknown) => void;
  #lostAt: number | undefined;
  #reason = "another node serves these keys";
  #current: NodeSubscription | undefined = undefined;
  #before: string | undefined = undefined;
  #cancel: (() => void) | undefined = undefined;
  #stopped = false;

  constructor(
    options: NodesOptions,
    address: Address,
    shard: string | undefined,
    lostAt: number | undefined,
    fail: (error: unknown) => void,
  ) {
    this.#options = options;
    this.#address = address;
    this.#shard = shard;
    this.#lostAt = lostAt;
    this.#fail = fail;
  }

  async run(): Promise<void> {
    const retry = new RetryPolicy(this.#options.reconnect);
    while (!this.#stopped) {
      const subscription = new NodeSubscription(this.#address, {
        ...this.#options,
        shard: this.#shard,
        emit: (event) => {
          if (!this.#stopped) this.#options.emit(event);
        },
      });
      this.#current = subscription;
      let error: unknown;
      try {
        await subscription.open();
        this.#before ??= subscription.before;
        if (this.#stopped) return;
        retry.succeeded();
        this.#tellGap();
        error = await subscription.ended();
        this.#lostAt = subscription.heardAt;
      } catch (failure) {
        error = failure;
        await subscription.close().catch(ignore);
      }
      if (this.#stopped) return;
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
    const before = this.#before;
    await this.#current?.close().catch(ignore);
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
      this.#cancel = this.#options.access.clock.setTimer(ms, resolve);
    });
  }
}

/** We hang up only on a server that does not answer. */
function silent(): ReplicaError {
  return new ReplicaError("DISCONNECTED", "Cannot receive notifications: the server did not answer a PING");
}

function ignore(): void {}

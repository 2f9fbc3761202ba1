import { type ClusterShard, parseClusterShards, parseClusterSlots } from "../client/cluster.ts";
import { ReplicaError } from "../errors.ts";
import { openConnection } from "../notifications/open_connection.ts";
import type { MakeLocator } from "../replica/locator.ts";
import { RetryPolicy } from "../replica/retry.ts";
import type { HostPort } from "../replica/url.ts";
import type { Address } from "../transport.ts";
import { type FollowerOptions, NodeFollower } from "./node_follower.ts";

/** What {@link NotificationNodes} is told. */
export interface NodesOptions extends FollowerOptions {
  /** One server, or what finds it; or some nodes of a cluster. */
  readonly place: Address | MakeLocator | { readonly cluster: readonly HostPort[] };
  readonly topologyInterval: number;
  readonly fail: (error: unknown) => void;
}

/** The nodes that one Observable of notifications is subscribed to: one server, the one that Sentinels name, or every primary of a cluster. */
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
    const { place } = this.#options;
    if (typeof place === "function" || !("cluster" in place)) {
      this.#follow("", place, undefined, undefined);
      return;
    }
    for (const node of place.cluster) this.#known.set(nameOf(node), node);
    void this.#watch(new RetryPolicy(this.#options.reconnect));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await Promise.all([...this.#followers.values()].map((follower) => follower.stop()));
  }

  #follow(
    name: string,
    place: Address | MakeLocator,
    shard: string | undefined,
    lostAt: number | undefined,
  ): void {
    const follower = new NodeFollower(this.#options, place, shard, lostAt, (error) => {
      // Of a cluster one node may go for good; the next look at the topology tells.
      if (shard !== undefined && isLink(error)) this.#followers.delete(name);
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

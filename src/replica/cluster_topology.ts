import { utf8 } from "../bytes/text.ts";
import {
  type ClusterNode,
  type ClusterShard,
  parseClusterShards,
  parseClusterSlots,
} from "../client/cluster.ts";
import { serverError } from "../client/server_error.ts";
import { ReplicaError } from "../errors.ts";
import type { Address } from "../transport.ts";
import { askServer, type ServerAccess } from "./ask_server.ts";
import { sameAddress } from "./locator.ts";
import { StopSignal } from "./stop_signal.ts";
import type { HostPort } from "./url.ts";

/** A shard over time: its nodes and primary change, its name does not. */
export interface KnownShard {
  /** Id of the node that was its primary when it was first seen. */
  readonly name: string;
  /** Ids of all nodes that were ever seen in it. */
  readonly members: Set<string>;
  primaryId: string;
  /** Where to attach; `undefined`: no node is fit for it now. */
  primary: Address | undefined;
  replicas: readonly Address[];
}

/** What changed in a cluster. */
export interface ClusterChange {
  readonly added: readonly KnownShard[];
  readonly removed: readonly KnownShard[];
}

/**
 * The shards of a cluster, asked of any of its nodes, and told apart over failovers.
 *
 * Source: cluster.c of the servers.
 */
export class ClusterTopology {
  readonly #access: ServerAccess;
  readonly #stop: StopSignal = new StopSignal();
  readonly #shards: Map<string, KnownShard> = new Map();
  readonly #told: Set<KnownShard> = new Set();
  #nodes: readonly HostPort[];
  #asking: Promise<ClusterChange> | undefined = undefined;
  #onChange: (change: ClusterChange) => void = () => {};

  /** @param names shards that are known by their names from before. */
  constructor(access: ServerAccess, nodes: readonly HostPort[], names: readonly string[]) {
    this.#access = { ...access, signal: this.#stop };
    this.#nodes = nodes;
    for (const name of names) {
      const members = new Set([name]);
      this.#shards.set(name, { name, members, primaryId: name, primary: undefined, replicas: [] });
    }
  }

  /** Called with each change, before `refresh` resolves. */
  set onChange(listener: (change: ClusterChange) => void) {
    this.#onChange = listener;
  }

  /** Asks the cluster; questions that come meanwhile share the answer. Rejects when no node answers. */
  refresh(): Promise<ClusterChange> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Ends questions under way. */
  stop(): void {
    this.#stop.abort();
  }

  async #ask(): Promise<ClusterChange> {
    let failure: unknown;
    for (const node of this.#nodes) {
      try {
        const listed = await askServer(this.#access, node, (connection) => this.#list(connection, node.host));
        const change = this.#update(listed);
        this.#onChange(change);
        return change;
      } catch (error) {
        if (!(error instanceof ReplicaError) || this.#stop.aborted) throw error;
        // Credentials that one node refuses are worth more than the silence of another.
        if (failure === undefined || error.code !== "CONNECT") failure = error;
      }
    }
    throw failure;
  }

  async #list(
    connection: Parameters<Parameters<typeof askServer>[2]>[0],
    asked: string,
  ): Promise<ClusterShard[]> {
    const shards = await connection.exchange(["CLUSTER", "SHARDS"]);
    if (shards.type !== "error") return parseClusterShards(shards, asked);
    const error = serverError(utf8(shards.bytes), { doing: "list the shards of the cluster" });
    // Before Redis 7 there is no CLUSTER SHARDS; users made for older clients may only be allowed the other.
    if (!["UNKNOWN_COMMAND", "SERVER", "NOPERM"].includes(error.code)) throw error;
    const slots = await connection.exchange(["CLUSTER", "SLOTS"]);
    if (slots.type !== "error") return parseClusterSlots(slots, asked);
    throw serverError(utf8(slots.bytes), { doing: "list the slots of the cluster" });
  }

  #update(listed: readonly ClusterShard[]): ClusterChange {
    const serving = listed.filter(({ slots }) => slots.length > 0);
    // A cluster that is being made, or whose node was just reset.
    if (serving.length === 0) {
      throw new ReplicaError("MASTERDOWN", "Cannot attach to the cluster: no node serves any slots");
    }
    const matched = this.#match(serving, listed);
    for (const shard of serving) {
      if (matched.has(shard)) continue;
      const primary = primaryOf(shard);
      // Named once its primary is known.
      if (primary === undefined) continue;
      const name = idOf(primary);
      const known = { name, members: new Set([name]), primaryId: name, primary: undefined, replicas: [] };
      this.#shards.set(name, known);
      matched.set(shard, known);
    }
    for (const [shard, known] of matched) this.#note(known, shard);
    const added = [...matched.values()].filter((known) => !this.#told.has(known));
    for (const known of added) this.#told.add(known);
    const present = new Set(matched.values());
    const removed = [...this.#shards.values()].filter((known) => !present.has(known));
    for (const known of removed) {
      this.#shards.delete(known.name);
      this.#told.delete(known);
    }
    const nodes = listed.flatMap((shard) => shard.nodes.filter(({ healthy }) => healthy));
    const found = nodes.map((node) => this.#addressOf(node)).filter((address) => address.port > 0);
    const others = this.#nodes.filter((node) => !found.some((address) => sameAddress(address, node)));
    // Nodes that are gone are asked last, and at most so many are remembered.
    this.#nodes = [...found, ...others].slice(0, Math.max(found.length, 64));
    return { added, removed };
  }

  /** Which listed shard is which known one: by its primary, else by any node it ever had. */
  #match(serving: readonly ClusterShard[], listed: readonly ClusterShard[]): Map<ClusterShard, KnownShard> {
    const matched = new Map<ClusterShard, KnownShard>();
    const left = new Set(this.#shards.values());
    const pair = (
      shards: readonly ClusterShard[],
      fits: (shard: ClusterShard, known: KnownShard) => boolean,
    ) => {
      for (const shard of shards) {
        if (matched.has(shard)) continue;
        const known = [...left].find((one) => fits(shard, one));
        if (known === undefined) continue;
        matched.set(shard, known);
        left.delete(known);
      }
    };
    pair(serving, (shard, { primaryId }) => isPrimaryOf(shard, primaryId));
    pair(serving, (shard, { members }) => shard.nodes.some((node) => members.has(idOf(node))));
    // A shard that has given its last slot away is followed as long as it is one: its last writes may not be read yet.
    pair(listed, (shard, { primaryId }) => isPrimaryOf(shard, primaryId));
    return matched;
  }

  #note(known: KnownShard, shard: ClusterShard): void {
    for (const node of shard.nodes) known.members.add(idOf(node));
    const primary = primaryOf(shard);
    if (primary !== undefined) {
      known.primaryId = idOf(primary);
      known.primary = this.#addressOf(primary);
    }
    const replicas = shard.nodes.filter((node) => node.role === "replica" && node.healthy);
    known.replicas = replicas.map((node) => this.#addressOf(node)).filter(({ port }) => port > 0);
  }

  #addressOf({ host, port, tlsPort }: ClusterNode): HostPort {
    return { host, port: this.#access.tls !== undefined && tlsPort > 0 ? tlsPort : port };
  }
}

function isPrimaryOf(shard: ClusterShard, id: string): boolean {
  return shard.nodes.some((node) => node.role === "primary" && node.healthy && idOf(node) === id);
}

function primaryOf(shard: ClusterShard): ClusterNode | undefined {
  return shard.nodes.find(({ role, healthy }) => role === "primary" && healthy);
}

function idOf({ id, host, port, tlsPort }: ClusterNode): string {
  return id === "" ? `${host}:${port || tlsPort}` : id;
}

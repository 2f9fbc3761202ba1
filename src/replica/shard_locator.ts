import { ReplicaError } from "../errors.ts";
import type { Address } from "../transport.ts";
import type { ClusterTopology, KnownShard } from "./cluster_topology.ts";
import { type Locator, sameAddress } from "./locator.ts";

/** Finds the node of one shard to attach to. */
export class ShardLocator implements Locator {
  readonly #shard: KnownShard;
  readonly #topology: ClusterTopology;
  readonly #preferReplica: boolean;
  readonly #moved: () => void;
  #current: Address | undefined = undefined;
  #asked = false;
  #stopped = false;

  constructor(shard: KnownShard, topology: ClusterTopology, preferReplica: boolean, moved: () => void) {
    this.#shard = shard;
    this.#topology = topology;
    this.#preferReplica = preferReplica;
    this.#moved = moved;
  }

  async locate(): Promise<Address> {
    // The first time it is what was found a moment ago.
    if (this.#asked) await this.#topology.refresh();
    this.#asked = true;
    const address = this.#choose();
    if (address === undefined) {
      throw new ReplicaError("MASTERDOWN", `Cannot attach: shard ${this.#shard.name} has no node that is up`);
    }
    this.#current = address;
    return address;
  }

  /** The cluster was asked: calls the link away if its node is no longer the one. */
  check(): void {
    if (this.#stopped || this.#current === undefined || this.#isFit(this.#current)) return;
    const next = this.#choose();
    if (next === undefined || sameAddress(next, this.#current)) return;
    this.#current = undefined;
    this.#moved();
  }

  stop(): void {
    this.#stopped = true;
  }

  #choose(): Address | undefined {
    const { primary, replicas } = this.#shard;
    return (this.#preferReplica ? replicas[0] : undefined) ?? primary;
  }

  #isFit(address: Address): boolean {
    const { primary, replicas } = this.#shard;
    if (sameAddress(address, primary)) return true;
    return this.#preferReplica && replicas.some((replica) => sameAddress(replica, address));
  }
}

import { ReplicaError } from "../errors.ts";
import type { LinkEvent } from "../events.ts";

/** What a snapshot does to the target: it takes the place of what is there, or joins it. */
export type SnapshotKind = "snapshot" | "joining";

export interface ShardSnapshotsOptions {
  /** The source goes on at a position: the target holds what came before it. */
  readonly resumed: boolean;
  /** Keys of the target that the source no longer has may stay. */
  readonly merge: boolean;
}

/**
 * Tells what the snapshots of a cluster's shards mean for a target that holds all of them. The first one takes the place of
 * what the target held, those of the other shards join it. One that replaces what its shard brought before would leave keys
 * behind that are gone since, and which they are is not known in the target: then all must begin anew.
 */
export class ShardSnapshots {
  readonly #options: ShardSnapshotsOptions;
  readonly #attached = new Set<string>();
  /** Every shard has come to a position since the beginning: a shard that comes now is new to the cluster. */
  #whole = false;

  constructor(options: ShardSnapshotsOptions) {
    this.#options = options;
  }

  /** An event had a position: there is one only when all shards have. */
  placed(): void {
    this.#whole = true;
  }

  /** Takes an event of a shard's link; gives the kind of snapshot that it announces, if it does. Throws `HISTORY`. */
  take(event: LinkEvent, shard: string): SnapshotKind | undefined {
    const { resumed, merge } = this.#options;
    if (event.event === "continue") this.#attached.add(shard);
    if (event.event === "reset" && !merge) throw beginAnew(shard, `its history has a hole (${event.reason})`);
    if (event.event !== "fullresync") return undefined;
    const first = this.#attached.size === 0 && !resumed;
    if (!merge) {
      if (this.#attached.has(shard)) throw beginAnew(shard, "it sends its snapshot once more");
      if (resumed && !this.#whole) throw beginAnew(shard, "the position does not know it");
    }
    this.#attached.add(shard);
    return first ? "snapshot" : "joining";
  }
}

function beginAnew(shard: string, why: string): ReplicaError {
  return new ReplicaError(
    "HISTORY",
    `Cannot go on with the shard ${shard}: ${why}, and which keys of the target are that shard's is not known; begin anew`,
  );
}

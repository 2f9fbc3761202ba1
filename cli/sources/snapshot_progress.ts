import type { ReplicaStatus } from "../../src/replica/status.ts";
import type { Progress } from "../event_source.ts";

/** How far the snapshots of a source's links are read, summed over the shards of a cluster. */
export class SnapshotProgress {
  readonly #shards = new Map<
    string | undefined,
    { read: number; total: number | undefined; done: boolean }
  >();

  /** Takes what a link says of itself. */
  see({ shard, snapshot }: Pick<ReplicaStatus, "shard" | "snapshot">): void {
    const known = this.#shards.get(shard);
    if (snapshot !== undefined) this.#shards.set(shard, { ...snapshot, done: false });
    else if (known !== undefined) {
      // What is done counts on, so that the sum does not fall.
      known.read = known.total ?? known.read;
      known.done = true;
    }
  }

  /** `undefined` while no snapshot is under way; without `total` while one does not tell. */
  get sum(): Progress | undefined {
    const shards = [...this.#shards.values()];
    if (shards.every(({ done }) => done)) return undefined;
    const totals = shards.map(({ total }) => total);
    return {
      bytes: shards.reduce((sum, { read }) => sum + read, 0),
      total: totals.includes(undefined) ? undefined : totals.reduce<number>((sum, total) => sum + total!, 0),
    };
  }
}

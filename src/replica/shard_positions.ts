import type { Position, RedisEvent } from "../events.ts";

/** Makes of a shard's own position that of the whole cluster. */
export type PlacePosition = (own: Position) => Position | undefined;

/** Where each shard of a cluster can be resumed, after what was handed out so far. */
export class ShardPositions {
  /** `undefined`: the shard cannot be resumed now, its snapshot has not come whole. */
  readonly #known: Map<string, Position | undefined> = new Map();

  /** Adds a shard, or says where it stands. */
  set(shard: string, position: Position | undefined): void {
    this.#known.set(shard, position);
  }

  delete(shard: string): void {
    this.#known.delete(shard);
  }

  /** What the positions of events of `shard` become from now on; later changes of other shards do not show in it. */
  placing(shard: string): PlacePosition {
    const others: Record<string, Position> = {};
    let whole = true;
    for (const [name, position] of this.#known) {
      if (name === shard) continue;
      if (position === undefined) whole = false;
      else others[name] = position;
    }
    return (own) => (whole ? { ...own, shards: { ...others, [shard]: own } } : undefined);
  }
}

/** The positions of the events of one batch: each shard's own until the batch is handed out, then the cluster's. */
export class BatchPlace {
  #placing: PlacePosition | undefined = undefined;

  readonly place: PlacePosition = (own) => (this.#placing === undefined ? own : this.#placing(own));

  /** The batch is handed out: what is read of its events from now on speaks of the cluster. */
  settle(batch: readonly RedisEvent[], placing: PlacePosition): readonly RedisEvent[] {
    // A later batch without a chunk of its own (a cut, a warning) comes to the same place: what was said of events stays.
    this.#placing ??= placing;
    return batch.map((event) => {
      // Commands ask `place` when they are asked; keys of snapshots have no position.
      if (event.kind !== "link" && !(event.kind === "rdb" && event.event === "end")) return event;
      return event.position === undefined ? event : { ...event, position: placing(event.position) };
    });
  }
}

import type { CheckpointStore, Saved } from "./saved.ts";

/**
 * Creates a checkpoint store that lives as long as the process: for tests, and for pipelines that are subscribed again.
 *
 * @example
 * ```ts
 * import { createMemoryStore } from "rxreplica";
 *
 * const store = createMemoryStore();
 * if ((await store.load()) !== undefined) throw new Error("a new store is empty");
 * await store.save({ version: 1, position: { replid: "0".repeat(40), offset: 7, db: 0 }, states: {} });
 * if ((await store.load())?.position.offset !== 7) throw new Error("unexpected");
 * ```
 */
export function createMemoryStore(initial?: Saved): CheckpointStore {
  let kept = initial;
  return {
    load: () => Promise.resolve(kept),
    save: (saved) => {
      kept = saved;
      return Promise.resolve();
    },
  };
}

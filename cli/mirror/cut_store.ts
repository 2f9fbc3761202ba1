import type { Position } from "../../src/events.ts";
import type { CheckpointStore } from "../../src/rx/saved.ts";

/** The part of the saved states that tells whether a run ended in order. */
const NAME = "mirror";

/** A file with the position, and whether the run that wrote it last came to its end. */
export interface CutStore {
  readonly store: CheckpointStore;
  /** Where to go on; `cut`: the run before may have applied more than that. */
  load(): Promise<{ readonly position: Position | undefined; readonly cut: boolean }>;
  /** Notes that this run ended in order. */
  close(): Promise<void>;
}

export function createCutStore(file: CheckpointStore): CutStore {
  let last: Position | undefined;
  const save = (position: Position, clean: boolean): Promise<void> =>
    file.save({ version: 1, position, states: { [NAME]: { version: 1, position, data: { clean } } } });
  return {
    store: {
      load: () => file.load(),
      save: ({ position }) => {
        last = position;
        return save(position, false);
      },
    },
    async load() {
      const saved = await file.load();
      if (saved === undefined) return { position: undefined, cut: false };
      const { position, states } = saved;
      const data = states[NAME]?.data as { readonly clean?: unknown } | undefined;
      // From the first command on the position lags behind.
      await save(position, false);
      last = position;
      return { position, cut: data?.clean !== true };
    },
    async close() {
      if (last !== undefined) await save(last, true);
    },
  };
}

import type { CheckpointStore } from "../src/rx/saved.ts";
import { decodeSaved, encodeSaved } from "../src/rx/saved_text.ts";
import { loadTextStore } from "./runtime.ts";

/** A checkpoint store in a file. */
export async function openFileStore(path: string): Promise<CheckpointStore> {
  const { load, save } = await loadTextStore(path);
  return {
    async load() {
      const text = await load();
      return text === undefined ? undefined : decodeSaved(text);
    },
    save: (saved) => save(encodeSaved(saved)),
  };
}

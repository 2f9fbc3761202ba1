import { type FileHandle, open, readFile, rename } from "node:fs/promises";
import { fileFailure } from "../shared/file_chunks.ts";
import { folderOf, inTurn, type TextStore } from "../shared/text_store.ts";

/**
 * Keeps one text in a file: `save` writes it to `<path>.tmp` beside it, syncs that, renames it over the file and syncs the
 * folder. Readable and writable by its owner only, since saved states can hold keys.
 *
 * Both reject with `ReplicaError` `FILE`.
 */
export function textStore(path: string): TextStore {
  return {
    async load() {
      try {
        return await readFile(path, "utf8");
      } catch (cause) {
        if ((cause as { code?: unknown }).code === "ENOENT") return undefined;
        throw fileFailure("read", path, cause);
      }
    },
    save: inTurn(async (text) => {
      try {
        await using(await open(`${path}.tmp`, "w", 0o600), async (file) => {
          await file.writeFile(text, "utf8");
          await file.sync();
        });
        await rename(`${path}.tmp`, path);
        // Windows has no folders to sync: there the rename alone must do.
        if (process.platform !== "win32")
          await using(await open(folderOf(path), "r"), (folder) => folder.sync());
      } catch (cause) {
        throw fileFailure("write", path, cause);
      }
    }),
  };
}

async function using(file: FileHandle, use: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

import { fileFailure } from "../shared/file_chunks.ts";
import { folderOf, inTurn, type TextStore } from "../shared/text_store.ts";
import { type DenoFile, deno } from "./runtime.ts";

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
        return await deno().readTextFile(path);
      } catch (cause) {
        if ((cause as { code?: unknown }).code === "ENOENT") return undefined;
        throw fileFailure("read", path, cause);
      }
    },
    save: inTurn(async (text) => {
      const runtime = deno();
      try {
        const file = await runtime.open(`${path}.tmp`, {
          write: true,
          create: true,
          truncate: true,
          mode: 0o600,
        });
        await using(file, async () => {
          let rest: Uint8Array = new TextEncoder().encode(text);
          while (rest.length > 0) rest = rest.subarray(await file.write(rest));
          await file.sync();
        });
        await runtime.rename(`${path}.tmp`, path);
        // Windows has no folders to sync: there the rename alone must do.
        if (runtime.build.os !== "windows") {
          const folder = await runtime.open(folderOf(path), { read: true });
          await using(folder, () => folder.sync());
        }
      } catch (cause) {
        throw fileFailure("write", path, cause);
      }
    }),
  };
}

async function using(file: DenoFile, use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } finally {
    file.close();
  }
}

import { stat } from "node:fs/promises";
import { rdbBatches } from "../../src/rx/rdb_batches.ts";
import type { EventSource } from "../event_source.ts";
import type { PrintOptions } from "../options.ts";
import { open } from "./node_open.ts";
import { STDIN } from "./open_source.ts";
import { filterOf, WHOLE_VALUES } from "./selection.ts";

/** An RDB file, or one that comes on standard input. */
export async function openFiles(path: string, options: PrintOptions): Promise<EventSource> {
  const progress = { bytes: 0 };
  const batches = rdbBatches(path === STDIN ? readStdin() : path, {
    ...WHOLE_VALUES,
    ...filterOf(options),
    level: options.raw === true ? "raw" : "data",
    open,
    onProgress: (bytes) => {
      progress.bytes = bytes;
    },
  });
  return { batches, size: await sizeOf(path), bytesRead: () => progress.bytes };
}

async function sizeOf(path: string): Promise<number | undefined> {
  if (path === STDIN) return undefined;
  // That a file is missing, its reader says better.
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true ? found.size : undefined;
}

async function* readStdin(): AsyncGenerator<Uint8Array> {
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}

import { rdbBatches } from "../../src/rx/rdb_batches.ts";
import { openFile } from "../../transports/node/files.ts";
import type { EventSource, Progress } from "../event_source.ts";
import type { PrintOptions } from "../options.ts";
import { filterOf, WHOLE_VALUES } from "./selection.ts";

/** An RDB file, or one that comes on standard input. */
export async function openFiles(path: string, options: PrintOptions): Promise<EventSource> {
  let progress: Progress = { bytes: 0, total: undefined };
  const batches = rdbBatches(path, {
    ...WHOLE_VALUES,
    ...filterOf(options),
    level: options.raw === true ? "raw" : "data",
    open: openFile,
    onProgress: (bytes, total) => {
      progress = { bytes, total };
    },
  });
  return { batches, progress: () => progress };
}

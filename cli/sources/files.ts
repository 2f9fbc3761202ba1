import type { RedisEvent } from "../../src/events.ts";
import { aofBatches } from "../../src/rx/aof_batches.ts";
import { rdbBatches } from "../../src/rx/rdb_batches.ts";
import { clock } from "../../transports/shared/clock.ts";
import { UsageError } from "../errors.ts";
import type { EventSource, Progress } from "../event_source.ts";
import type { SourceOptions } from "../options.ts";
import { loadFiles } from "../runtime.ts";
import { isRdbName } from "./magic.ts";
import type { Modes } from "./open_source.ts";
import { filterOf, levelOf, WHOLE_VALUES } from "./selection.ts";

/** An RDB file, or an AOF: a file, a folder or its manifest; `-` is standard input. */
export async function openFiles(path: string, options: SourceOptions, modes: Modes): Promise<EventSource> {
  const onlyRdb = isRdbName(path);
  if (modes.stream && onlyRdb) throw new UsageError(`Cannot follow ${path}: an RDB does not grow; use dump`);
  const { openFile, listFolder } = await loadFiles();
  let progress: Progress = { bytes: 0, total: undefined };
  const reading = {
    ...WHOLE_VALUES,
    ...filterOf(options),
    // Without a snapshot the keys that an AOF begins with are passed over.
    ...(modes.snapshot ? {} : { types: [] }),
    level: levelOf(modes),
    open: openFile,
    list: listFolder,
    onProgress: (bytes: number, total: number | undefined) => {
      progress = { bytes, total };
    },
  } as const;
  // What begins as an RDB and has another name may be an AOF that begins with one: its reader takes both.
  const batches: AsyncIterable<readonly RedisEvent[]> = onlyRdb
    ? rdbBatches(path, reading)
    : aofBatches(path, modes.stream ? { ...reading, follow: { clock } } : reading);
  return { batches, progress: modes.stream ? undefined : () => progress };
}

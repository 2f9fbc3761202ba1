import { stat } from "node:fs/promises";
import type { ValueType } from "../src/events.ts";
import { RdbDecoder, type RdbDecoderOptions } from "../src/rdb/decoder.ts";
import type { RdbKeyHeader } from "../src/rdb/records.ts";
import type { ByteFile } from "../src/transport.ts";
import type { Progress } from "./event_source.ts";
import { printTotals } from "./print_totals.ts";
import { loadFiles } from "./runtime.ts";
import { beginsAsRdb, isRdbName } from "./sources/magic.ts";
import type { StatusLine } from "./status_line.ts";
import type { Totals } from "./totals.ts";

/** Which keys an RDB's count is about. */
export type KeyJudge = (header: RdbKeyHeader) => boolean;

export interface CountOptions {
  /** Judges keys before their values are read; without it all are counted. */
  readonly judge?: KeyJudge | undefined;
  /** Pass values over by their length. */
  readonly keysOnly?: boolean | undefined;
}

/** Bytes a read asks for. */
const CHUNK = 1024 * 1024;

/**
 * Counts an RDB file below the level of events: everything is decoded and checked, nothing is made of it. Prints the totals,
 * also before a failure is thrown. Returns `false`, having printed nothing, for what is no RDB or more than one: a folder,
 * an AOF, an AOF that begins with an RDB.
 */
export async function countRdb(path: string, options: CountOptions = {}): Promise<boolean> {
  const { judge, keysOnly } = options;
  const skipped = keysOnly === true ? new SkippedKeys(judge) : undefined;
  const select: RdbDecoderOptions["select"] =
    skipped?.select ?? (judge && ((header) => (judge(header) ? "data" : "skip")));
  const decoder = new RdbDecoder({ totalsOnly: true, onEvent: () => {}, select });
  const totals = (): Counted => skipped ?? decoder.totals;
  // What is read twice if it turns out to be something else must be a file; what is missing, the opener says.
  if ((await stat(path).catch(() => undefined))?.isFile() === false) return false;
  const { openFile } = await loadFiles();
  // No event leaves the decoder, so nothing views a buffer that is written again.
  const file = await openFile(path, { chunkSize: CHUNK, reuseBuffers: true });
  const status = process.stderr.isTTY === true ? await showProgress(file, decoder, totals) : undefined;
  try {
    if (!(await readAll(file, decoder, isRdbName(path)))) return false;
  } catch (error) {
    status?.close();
    if (decoder.version > 0) await print(totals());
    throw error;
  } finally {
    status?.close();
    await file.close();
  }
  await print(totals());
  return true;
}

type Counted = Totals["rdb"];

function print({ keys, elements, bytes, types }: Counted): Promise<void> {
  return printTotals({
    rdb: { keys, elements, bytes, types },
    aof: { commands: 0, bytes: 0 },
    ms: Math.round(performance.now()),
  });
}

async function showProgress(file: ByteFile, decoder: RdbDecoder, totals: () => Counted): Promise<StatusLine> {
  const [{ createMeter }, { StatusLine }] = await Promise.all([
    import("./meter.ts"),
    import("./status_line.ts"),
  ]);
  const progress = (): Progress => ({ bytes: decoder.bytesRead, total: file.size });
  const meter = await createMeter({ progress, keys: () => totals().keys });
  return new StatusLine(process.stderr, (columns) => meter.render(columns));
}

/** Counts keys at the moment when the decoder asks whether it may pass their values over. */
class SkippedKeys {
  keys = 0;
  readonly elements = 0;
  bytes = 0;
  readonly types: Partial<Record<ValueType, number>> = {};
  readonly #judge: KeyJudge | undefined;

  constructor(judge: KeyJudge | undefined) {
    this.#judge = judge;
  }

  readonly select = (header: RdbKeyHeader): "skip" => {
    if (this.#judge === undefined || this.#judge(header)) {
      this.keys++;
      this.bytes += header.key.length;
      this.types[header.type] = (this.types[header.type] ?? 0) + 1;
    }
    return "skip";
  };
}

/** `false` when the file is no RDB, or goes on after it though its name does not say that nothing may follow. */
async function readAll(file: ByteFile, decoder: RdbDecoder, onlyRdb: boolean): Promise<boolean> {
  let first = true;
  for await (const chunk of file.chunks) {
    if (first && !beginsAsRdb(chunk)) return false;
    first = false;
    if (decoder.write(chunk) < chunk.length) {
      if (!onlyRdb) return false;
      decoder.refuseTrailing();
    }
  }
  if (first && !onlyRdb) return false;
  decoder.end();
  return true;
}

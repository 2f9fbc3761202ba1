import { tap } from "rxjs";
import type { Position } from "../../src/events.ts";
import { type Applied, applyTo } from "../../src/rx/apply_to.ts";
import { checkpoint } from "../../src/rx/checkpoint.ts";
import { createGate } from "../../src/rx/create_gate.ts";
import { fromBatches } from "../../src/rx/from_batches.ts";
import { toCommands } from "../../src/rx/to_commands.ts";
import { untilStopped } from "../event_source.ts";
import { createMeter } from "../meter.ts";
import { isUrl, openSource } from "../sources/open_source.ts";
import { parseServer } from "../sources/server.ts";
import { StatusLine } from "../status_line.ts";
import { readTerminal } from "../terminal.ts";
import type { Beginning, Keeping, Memory } from "./memory.ts";
import type { MirrorOptions } from "./options.ts";
import { keyRenamer } from "./rename_key.ts";
import type { Report } from "./report.ts";
import type { MirrorClient } from "./target.ts";

/** The servers' own limit of one argument. */
const MAX_PAYLOAD = 512 * 1024 * 1024;

/** What a run is made of, beside the options. */
export interface RunParts extends Keeping {
  readonly source: string;
  readonly client: MirrorClient;
  readonly beginning: Beginning;
  readonly memory: Memory;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** With it, writes that came after the time to live of their key are counted. */
  readonly now: (() => number) | undefined;
  /** Told of each batch. */
  readonly onApplied: () => void;
}

/** Mirrors until the source ends, the run is stopped, or something fails. */
export async function run(parts: RunParts, options: MirrorOptions): Promise<void> {
  const { source, client, beginning, memory, report, signal, place, file, now } = parts;
  const opened = await openSource(source, options, modesOf(source, options, beginning.position), signal);
  const meter = readTerminal().err ? await createMeter(opened) : undefined;
  const status = meter && new StatusLine(process.stderr, (columns) => meter.render(columns));
  report.status = status;
  const gate = createGate();
  const { merge, flush, rename, dbMap, onError, crossSlot, loopGuard } = options;
  const applied = fromBatches(() => untilStopped(opened.batches, signal), gate).pipe(
    tap((event) => {
      meter?.see(event);
      report.see(event);
    }),
    // A key that moves between shards may come with the snapshot of the one and be there from the other.
    toCommands({ replace: merge === true || isCluster(source), maxPayloadBytes: MAX_PAYLOAD }),
    applyTo(client, {
      gate,
      existing: flush ? "flush" : merge ? "merge" : "refuse",
      owned: beginning.owned,
      resumed: beginning.position !== undefined,
      uncertain: beginning.uncertain,
      onOwned: () => memory.own(),
      onError,
      crossSlot,
      dbMap,
      dbs: mirroredDbs(source, options),
      renameKey: rename && keyRenamer(rename),
      positionIn: place,
      loopGuard,
      now,
      onRefused: (refused) => report.refused(refused),
      onRepeated: (name, offset) => report.repeated(name, offset),
      onSplit: (name) => report.split(name),
    }),
    tap((batch: Applied) => {
      memory.applied(batch);
      parts.onApplied();
    }),
  );
  try {
    await (file === undefined ? applied : applied.pipe(checkpoint(file.store, () => {}, { gate }))).forEach(
      () => {},
    );
    await file?.close();
  } finally {
    status?.close();
    report.status = undefined;
  }
}

function modesOf(source: string, options: MirrorOptions, position: Position | undefined) {
  return {
    snapshot: options.snapshot,
    stream: options.stream && isUrl(source),
    raw: options.via === "restore",
    position,
  };
}

function isCluster(source: string): boolean {
  return isUrl(source) && parseServer(source).kind === "cluster";
}

/** The databases that the options or the source's URL select; `undefined`: all. */
function mirroredDbs(source: string, { db }: MirrorOptions): readonly number[] | undefined {
  if (db !== undefined || !isUrl(source)) return db;
  const parsed = parseServer(source);
  return parsed.kind === "server" && parsed.db !== undefined ? [parsed.db] : undefined;
}

import { tap } from "rxjs";
import { ReplicaError } from "../../src/errors.ts";
import type { Position } from "../../src/events.ts";
import { type Applied, type ApplyTotals, applyTo } from "../../src/rx/apply_to.ts";
import { checkpoint } from "../../src/rx/checkpoint.ts";
import { createGate } from "../../src/rx/create_gate.ts";
import { fromBatches } from "../../src/rx/from_batches.ts";
import { enterImportMode, type ImportMode } from "../../src/rx/import_mode.ts";
import type { TargetClient } from "../../src/rx/target_client.ts";
import { loadTargetState, type PositionPlace } from "../../src/rx/target_position.ts";
import { toCommands } from "../../src/rx/to_commands.ts";
import { EXIT, UsageError } from "../errors.ts";
import { type EventSource, untilStopped } from "../event_source.ts";
import { openFileStore } from "../file_store.ts";
import { createMeter } from "../meter.ts";
import { type CutStore, createCutStore } from "../mirror/cut_store.ts";
import type { MirrorOptions } from "../mirror/options.ts";
import { readTargetTls } from "../mirror/read_target_tls.ts";
import { keyRenamer } from "../mirror/rename_key.ts";
import { Report } from "../mirror/report.ts";
import { connectTarget, parseTarget } from "../mirror/target.ts";
import { listenForStop } from "../signals.ts";
import { isUrl, openSource } from "../sources/open_source.ts";
import { parseServer } from "../sources/server.ts";
import { StatusLine } from "../status_line.ts";
import { readTerminal } from "../terminal.ts";

const POSITION_KEY = "rxreplica:position";
/** Commands that a run may have applied beyond the position it kept: see `uncertain` of `applyTo`. */
const UNCERTAIN = 4000;
/** The servers' own limit of one argument. */
const MAX_PAYLOAD = 512 * 1024 * 1024;

/** Where a mirror goes on. */
interface Beginning {
  readonly position: Position | undefined;
  /** What the target holds is this mirror's. */
  readonly owned: boolean;
  /** Commands that may have been applied already. */
  readonly uncertain: number;
}

/** `rxreplica mirror SOURCE URL` */
export async function mirror(source: string, url: string, options: MirrorOptions): Promise<number> {
  const target = parseTarget(url);
  check(source, target.kind, options);
  const client = await connectTarget(target, await readTargetTls(target, options));
  let importMode: ImportMode | undefined;
  try {
    const single = "send" in client ? client : undefined;
    const place = placeOf(options);
    const file =
      options.resume === undefined ? undefined : createCutStore(await openFileStore(options.resume));
    const beginning = await findBeginning(single, place, file, options);
    const { signal } = listenForStop();
    const { position } = beginning;
    const modes = {
      snapshot: options.snapshot,
      stream: options.stream && isUrl(source),
      raw: options.via === "restore",
      position,
    };
    const opened = await openSource(source, options, modes, signal);
    if (single !== undefined && options.importMode === "auto") importMode = await enterImportMode(single);
    const now = importMode?.on === true ? undefined : Date.now;
    await run(client, opened, { ...options, source, signal, beginning, place, file, now });
    await importMode?.leave();
    return EXIT.ok;
  } finally {
    client.close();
  }
}

interface Run extends MirrorOptions {
  readonly source: string;
  readonly signal: AbortSignal;
  readonly beginning: Beginning;
  readonly place: PositionPlace | undefined;
  readonly file: CutStore | undefined;
  readonly now: (() => number) | undefined;
}

async function run(
  client: Parameters<typeof applyTo>[0],
  opened: EventSource,
  { signal, beginning, place, file, now, ...options }: Run,
): Promise<void> {
  const meter = readTerminal().err ? await createMeter(opened) : undefined;
  const status = meter && new StatusLine(process.stderr, (columns) => meter.render(columns));
  const report = new Report(status);
  const gate = createGate();
  const { merge, flush, rename, dbMap, onError, crossSlot, loopGuard } = options;
  const applied = fromBatches(() => untilStopped(opened.batches, signal), gate).pipe(
    tap((event) => {
      meter?.see(event);
      report.see(event);
    }),
    toCommands({ replace: merge, maxPayloadBytes: MAX_PAYLOAD }),
    applyTo(client, {
      gate,
      existing: flush ? "flush" : merge ? "merge" : "refuse",
      owned: beginning.owned,
      uncertain: beginning.uncertain,
      onError,
      crossSlot,
      dbMap,
      dbs: mirroredDbs(options.source, options),
      renameKey: rename && keyRenamer(rename),
      positionIn: place,
      loopGuard,
      now,
      onRefused: (refused) => report.refused(refused),
      onRepeated: (name, offset) => report.repeated(name, offset),
      onSplit: (name) => report.split(name),
    }),
  );
  let totals: ApplyTotals | undefined;
  const note = tap<Applied>((batch) => {
    totals = batch.totals;
  });
  try {
    await (file === undefined
      ? applied.pipe(note)
      : applied.pipe(
          note,
          checkpoint(file.store, () => {}, { gate }),
        )
    ).forEach(() => {});
    await file?.close();
  } finally {
    status?.close();
    report.end(totals);
  }
}

function check(source: string, target: "server" | "cluster", options: MirrorOptions): void {
  const { resume, resumeInTarget, flush, merge } = options;
  const resumes = resume !== undefined || resumeInTarget !== undefined;
  if (resume !== undefined && resumeInTarget !== undefined)
    throw new UsageError("--resume and --resume-in-target are two ways to the same end: give one");
  if (resumes && (!isUrl(source) || !options.stream))
    throw new UsageError(
      "A position is a place in a server's stream: SOURCE must be a server, with its stream",
    );
  if (resumeInTarget !== undefined && target === "cluster")
    throw new UsageError("--resume-in-target needs a single server: use --resume FILE with a cluster");
  if (!options.snapshot && !options.stream)
    throw new UsageError("--no-snapshot and --no-stream together leave nothing to mirror");
  if (flush && merge) throw new UsageError("--flush and --merge contradict each other");
}

function placeOf({ resumeInTarget, resumeDb }: MirrorOptions): PositionPlace | undefined {
  if (resumeInTarget === undefined) return undefined;
  return { key: resumeInTarget === true ? POSITION_KEY : resumeInTarget, db: resumeDb };
}

async function findBeginning(
  client: TargetClient | undefined,
  place: PositionPlace | undefined,
  file: CutStore | undefined,
  { onError }: MirrorOptions,
): Promise<Beginning> {
  if (file !== undefined) {
    const { position, cut } = await file.load();
    return { position, owned: false, uncertain: position !== undefined && cut ? UNCERTAIN : 0 };
  }
  const state = place && client && (await loadTargetState(client, place));
  if (state?.refused !== undefined && onError === "stop") {
    const { command, reply } = state.refused;
    throw new ReplicaError(
      "CONFIG",
      `Cannot go on: the run before stopped at a ${command} that the target refused ("${reply}"); --on-error skip goes on after it`,
    );
  }
  return { position: state?.position, owned: state !== undefined, uncertain: 0 };
}

/** The databases that the options or the source's URL select; `undefined`: all. */
function mirroredDbs(source: string, { db }: MirrorOptions): readonly number[] | undefined {
  if (db !== undefined || !isUrl(source)) return db;
  const parsed = parseServer(source);
  return parsed.kind === "server" && parsed.db !== undefined ? [parsed.db] : undefined;
}

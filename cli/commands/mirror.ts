import { setTimeout as sleep } from "node:timers/promises";
import { ReplicaError } from "../../src/errors.ts";
import { RetryPolicy } from "../../src/replica/retry.ts";
import { enterImportMode, type ImportMode } from "../../src/rx/import_mode.ts";
import type { PositionPlace } from "../../src/rx/target_position.ts";
import { EXIT } from "../errors.ts";
import { openFileStore } from "../file_store.ts";
import { checkOptions } from "../mirror/check_options.ts";
import { createCutStore } from "../mirror/cut_store.ts";
import { fence } from "../mirror/fence.ts";
import { type Beginning, type Keeping, Memory } from "../mirror/memory.ts";
import type { MirrorOptions } from "../mirror/options.ts";
import { readTargetTls } from "../mirror/read_target_tls.ts";
import { Report } from "../mirror/report.ts";
import { run } from "../mirror/run.ts";
import { connectTarget, type MirrorClient, parseTarget } from "../mirror/target.ts";
import { identifyTarget } from "../mirror/target_identity.ts";
import { TargetLost } from "../mirror/target_lost.ts";
import { listenForStop } from "../signals.ts";
import { isUrl } from "../sources/open_source.ts";

const POSITION_KEY = "rxreplica:position";
/** How long a mirror waits before it begins anew. */
const ANEW_MS = 1000;

/** `rxreplica mirror SOURCE URL` */
export async function mirror(source: string, url: string, options: MirrorOptions): Promise<number> {
  const target = parseTarget(url);
  checkOptions(source, target.kind, options);
  const tls = await readTargetTls(target, options);
  const keeping: Keeping = {
    place: placeOf(options),
    file: options.resume === undefined ? undefined : createCutStore(await openFileStore(options.resume)),
    skipRefused: options.onError === "skip",
  };
  const { signal } = listenForStop();
  const mirroring = new Mirroring(source, options, keeping, signal, () => connectTarget(target, tls));
  await mirroring.run();
  return EXIT.ok;
}

function placeOf({ resumeInTarget, resumeDb }: MirrorOptions): PositionPlace | undefined {
  if (resumeInTarget === undefined) return undefined;
  return { key: resumeInTarget === true ? POSITION_KEY : resumeInTarget, db: resumeDb };
}

/** One run after the other, until one ends in order or with what no other run can mend. */
class Mirroring {
  readonly #source: string;
  readonly #options: MirrorOptions;
  readonly #keeping: Keeping;
  readonly #signal: AbortSignal;
  readonly #connect: () => Promise<MirrorClient>;
  readonly #memory: Memory;
  readonly #report = new Report();
  /** A wrong address is said at once; a target that was there once is waited for. */
  readonly #retries = new RetryPolicy({ initialAttempts: 1 });
  /** Something was applied: the source is there too. */
  #began = false;
  #identity: string | undefined = undefined;
  /** The connection to that server. */
  #clientId: number | undefined = undefined;
  #importMode: ImportMode | undefined = undefined;

  constructor(
    source: string,
    options: MirrorOptions,
    keeping: Keeping,
    signal: AbortSignal,
    connect: () => Promise<MirrorClient>,
  ) {
    this.#source = source;
    this.#options = options;
    this.#keeping = keeping;
    this.#signal = signal;
    this.#connect = connect;
    this.#memory = new Memory(keeping);
  }

  async run(): Promise<void> {
    try {
      for (let again = false; !this.#signal.aborted; again = true) {
        try {
          await this.#once(again);
          return;
        } catch (error) {
          await this.#pauseAfter(error);
        }
      }
    } finally {
      this.#report.end(this.#memory.totals);
    }
  }

  async #once(again: boolean): Promise<void> {
    const client = await this.#connect();
    try {
      await this.#compare(client);
      const single = "send" in client ? client : undefined;
      if (single !== undefined) this.#clientId = await fence(single, this.#clientId);
      if (!again) this.#retries.succeeded();
      const beginning = await this.#memory.next(client);
      if (again) this.#report.line(`going on ${placeText(beginning)}`);
      if (single !== undefined && this.#options.importMode === "auto") {
        this.#importMode = await enterImportMode(single, this.#importMode);
      }
      const parts = {
        ...this.#keeping,
        source: this.#source,
        client,
        beginning,
        memory: this.#memory,
        report: this.#report,
        signal: this.#signal,
        now: this.#importMode?.on === true ? undefined : Date.now,
        onApplied: () => {
          this.#began = true;
          this.#retries.succeeded();
          this.#report.recovered();
        },
      };
      await run(parts, this.#options);
      await this.#importMode?.leave();
    } finally {
      client.close();
    }
  }

  /** A target that was restarted may have lost what it had acknowledged. One that keeps the position has lost that with it. */
  async #compare(client: MirrorClient): Promise<void> {
    const identity = await identifyTarget(client);
    const before = this.#identity;
    this.#identity = identity;
    if (before !== undefined && before === identity) return;
    // Another process gives its ids anew.
    this.#clientId = undefined;
    if (before === undefined || identity === undefined) return;
    if (this.#keeping.place !== undefined) return;
    if (this.#memory.keepsNothing && this.#options.snapshot) this.#memory.beginAnew();
    else
      this.#report.line("the target was restarted: what it had acknowledged and not kept is missing there");
  }

  /** Waits for the next run; throws the error where none can help. */
  async #pauseAfter(error: unknown): Promise<void> {
    if (!(error instanceof ReplicaError) || !isUrl(this.#source)) throw error;
    const { merge, snapshot } = this.#options;
    if (error.code === "HISTORY" && !merge && snapshot) {
      this.#report.failed(error, "beginning anew");
      this.#memory.beginAnew();
      // What empties one shard often empties the others too, a moment later.
      await this.#pause(ANEW_MS);
      return;
    }
    // That a source cannot be reached is said at once, unless it could before.
    if (!(error instanceof TargetLost) && !this.#began) throw error;
    const { delay } = this.#retries.failed(error);
    this.#report.failed(error, "trying again");
    await this.#pause(delay);
  }

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#signal }).catch(() => {});
  }
}

function placeText({ position }: Beginning): string {
  if (position === undefined) return "with a snapshot";
  return position.shards === undefined ? `at offset ${position.offset}` : "where its shards are";
}

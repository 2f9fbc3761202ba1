import { ReplicaError } from "../../src/errors.ts";
import type { Position } from "../../src/events.ts";
import type { Applied, ApplyTotals } from "../../src/rx/apply_to.ts";
import { loadTargetState, type PositionPlace } from "../../src/rx/target_position.ts";
import type { CutStore } from "./cut_store.ts";
import type { MirrorClient } from "./target.ts";

/** Commands that a run may have applied beyond the position it kept: see `uncertain` of `applyTo`. */
const UNCERTAIN = 4000;

/** Where a run begins. */
export interface Beginning {
  readonly position: Position | undefined;
  /** What the target holds is this mirror's. */
  readonly owned: boolean;
  /** Commands that may have been applied already. */
  readonly uncertain: number;
}

/** What outlives one run. */
export interface Keeping {
  /** Where in the target the position is kept. */
  readonly place: PositionPlace | undefined;
  /** The file that it is kept in. */
  readonly file: CutStore | undefined;
  /** Go on though the run before stopped at a refused command. */
  readonly skipRefused: boolean;
}

/** What a mirror knows from one run to the next: a run ends when the target is lost, or when it has to begin anew. */
export class Memory {
  readonly #keeping: Keeping;
  #position: Position | undefined = undefined;
  #owned = false;
  #anew = false;
  #before: ApplyTotals | undefined = undefined;
  #run: ApplyTotals | undefined = undefined;

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
  }

  /** A batch was applied. */
  applied({ position, totals }: Applied): void {
    this.#run = totals;
    if (position === undefined) return;
    this.#position = position;
    this.#anew = false;
  }

  /** What the target holds from now on came by this mirror. */
  own(): void {
    this.#owned = true;
  }

  /** The next run begins with a snapshot, whatever position is kept. */
  beginAnew(): void {
    this.#anew = true;
    this.#position = undefined;
  }

  /** Whether a position is kept only here: then what the target has lost, nobody knows but by its having been restarted. */
  get keepsNothing(): boolean {
    return this.#keeping.place === undefined && this.#keeping.file === undefined;
  }

  /** Counters of all runs; `undefined` when nothing was applied. */
  get totals(): ApplyTotals | undefined {
    return sum(this.#before, this.#run);
  }

  /** Where the next run begins, as far as this process, the file or the target knows. */
  async next(client: MirrorClient): Promise<Beginning> {
    this.#before = this.totals;
    this.#run = undefined;
    const { place, file } = this.#keeping;
    if (this.#anew) return { position: undefined, owned: this.#owned || place !== undefined, uncertain: 0 };
    if (file !== undefined) {
      const { position, cut } = await file.load();
      return { position, owned: this.#owned, uncertain: position !== undefined && cut ? UNCERTAIN : 0 };
    }
    if (place !== undefined && "send" in client) return await this.#fromTarget(client, place);
    const position = this.#position;
    return { position, owned: this.#owned, uncertain: position === undefined ? 0 : UNCERTAIN };
  }

  async #fromTarget(client: Parameters<typeof loadTargetState>[0], place: PositionPlace): Promise<Beginning> {
    const state = await loadTargetState(client, place);
    if (state?.refused !== undefined && !this.#keeping.skipRefused) {
      const { command, reply } = state.refused;
      throw new ReplicaError(
        "CONFIG",
        `Cannot go on: the run before stopped at a ${command} that the target refused ("${reply}"); --on-error skip goes on after it`,
      );
    }
    return { position: state?.position, owned: state !== undefined || this.#owned, uncertain: 0 };
  }
}

function sum(a: ApplyTotals | undefined, b: ApplyTotals | undefined): ApplyTotals | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const both = { ...a };
  for (const name of Object.keys(a) as (keyof ApplyTotals)[]) both[name] = a[name] + b[name];
  return both;
}

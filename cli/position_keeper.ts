import type { Position, RedisEvent } from "../src/events.ts";
import { type CheckpointStore, samePosition } from "../src/rx/saved.ts";
import { openFileStore } from "./file_store.ts";

/** A position is written to the disk at most so often, ms; in between more events would be repeated after a crash. */
const PERIOD_MS = 1000;

/**
 * Keeps the position of what was printed in a file, so that a later run goes on there: every event is printed at least once.
 */
export class PositionKeeper {
  readonly #store: Pick<CheckpointStore, "load" | "save">;
  readonly #now: () => number;
  #seen: Position | undefined = undefined;
  #saved: Position | undefined = undefined;
  #savedAt = Number.NEGATIVE_INFINITY;

  constructor(store: Pick<CheckpointStore, "load" | "save">, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** The position to go on at; `undefined` when there is none yet. */
  async load(): Promise<Position | undefined> {
    this.#saved = (await this.#store.load())?.position;
    return this.#saved;
  }

  /** Takes the last event of a batch: everything before it is on its way to be printed. */
  see(event: RedisEvent): void {
    this.#seen = event.position ?? this.#seen;
  }

  /** Whether it is time to save: then everything seen must be printed first. */
  get due(): boolean {
    return !samePosition(this.#seen, this.#saved) && this.#now() - this.#savedAt >= PERIOD_MS;
  }

  /** Saves the position of what was seen. To be called when it is printed. */
  async save(): Promise<void> {
    if (this.#seen === undefined || samePosition(this.#seen, this.#saved)) return;
    const position = this.#seen;
    await this.#store.save({ version: 1, position, states: {} });
    this.#saved = position;
    this.#savedAt = this.#now();
  }
}

/** A keeper over a file. */
export async function createPositionKeeper(path: string): Promise<PositionKeeper> {
  return new PositionKeeper(await openFileStore(path), () => performance.now());
}

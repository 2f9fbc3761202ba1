import type { Position } from "../events.ts";

/** What a part that keeps state along the stream gives away to be stored, bound to the position it stands at. */
export interface SavedState {
  /** Version of the form of `data`, the part's own count. */
  readonly version: number;
  /** The position of the last event that the state contains. */
  readonly position: Position;
  /** The state itself: JSON-safe values and `Uint8Array`s. */
  readonly data: unknown;
}

/**
 * A part of a pipeline that keeps state along the stream, such as derived notifications. It stands before `checkpoint` and
 * has taken an event into its state before it emits anything because of it.
 */
export interface Stateful {
  /** Tells its state from that of other parts. */
  readonly name: string;
  /** The position of the last event that its state contains; `undefined` where there is none, such as in a snapshot. */
  readonly position: Position | undefined;
  /** The state as of the last event, bound to `position`. What is returned does not change any more. */
  save(): SavedState;
  /** Goes on from a state saved earlier. Throws for a version that it does not know. */
  load(state: SavedState): void;
}

/** What a checkpoint store keeps: a position and the states that belong to it. */
export interface Saved {
  /** Version of this form. */
  readonly version: 1;
  readonly position: Position;
  /** States by the name of their part; all of them are bound to `position`. */
  readonly states: Readonly<Record<string, SavedState>>;
}

/** Where checkpoints are kept. `save` resolves when what it was given would survive a crash. */
export interface CheckpointStore {
  /** What was saved last; `undefined` when nothing was. */
  load(): Promise<Saved | undefined>;
  save(saved: Saved): Promise<void>;
}

/** Tells whether two positions are the same point, shard by shard. */
export function samePosition(a: Position | undefined, b: Position | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.offset !== b.offset || a.replid !== b.replid || a.db !== b.db) return false;
  const names = Object.keys(a.shards ?? {});
  if (names.length !== Object.keys(b.shards ?? {}).length) return false;
  return names.every((name) => samePoint(a.shards?.[name], b.shards?.[name]));
}

function samePoint(a: Position | undefined, b: Position | undefined): boolean {
  return a?.offset === b?.offset && a?.replid === b?.replid && a?.db === b?.db;
}

/**
 * Gives each part the state that was saved for it and returns the names of the parts left without one: nothing was
 * saved for them, or it is bound to another position. Such a part, resumed at the saved position, does not know what
 * came before.
 *
 * @example
 * ```ts
 * import { restoreStates, type Saved } from "rxreplica";
 *
 * const position = { replid: "0".repeat(40), offset: 7, db: 0 };
 * const saved: Saved = { version: 1, position, states: { counts: { version: 1, position, data: { SET: 3 } } } };
 * let counts: unknown;
 * const missing = restoreStates(saved, [
 *   { name: "counts", position, save: () => saved.states.counts!, load: (state) => void (counts = state.data) },
 * ]);
 * if (missing.length !== 0 || JSON.stringify(counts) !== '{"SET":3}') throw new Error("unexpected");
 * ```
 */
export function restoreStates(saved: Saved | undefined, parts: readonly Stateful[]): string[] {
  const missing: string[] = [];
  for (const part of parts) {
    const state = saved?.states[part.name];
    if (state === undefined || !samePosition(state.position, saved?.position)) missing.push(part.name);
    else part.load(state);
  }
  return missing;
}

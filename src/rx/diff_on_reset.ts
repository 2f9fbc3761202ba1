import type { OperatorFunction } from "rxjs";
import type { Position, RedisEvent } from "../events.ts";
import { HistoryDiff, placeOf } from "./history_diff.ts";
import { operate } from "./operate.ts";
import type { SavedState, Stateful } from "./saved.ts";

const VERSION = 2;
const DEFAULT_MAX_KEYS = 20_000_000;

/** How many keys {@link DiffOnReset} compares. */
export interface DiffOnResetOptions {
  /** Keys to keep state of at most. Above it a `warning` of code `LIMIT` says that comparing ends. Default 20 million. */
  readonly maxKeys?: number | undefined;
}

/**
 * After a forced full resync, tells what the gap changed, so that what a consumer has built converges instead of keeping
 * ghosts: `link: diff` events, `op` `appeared` or `changed` right after the last part of a key in the new snapshot and
 * `vanished` before the snapshot's end.
 *
 * A key is compared by a digest of its value as the last snapshot had it. Keys that commands have named since are told as
 * changed with `sure: false`, as their value is not known here: no change is missed, and one may be told too many. After a
 * command whose keys nobody knows that holds for all keys. Whole dbs that were emptied or swapped are followed.
 *
 * Each shard of a cluster is compared by itself; a key that moves to another is forgotten where it was.
 *
 * DEL and UNLINK forget their keys; keys that other commands empty stay noted until the next snapshot, which `maxKeys`
 * bounds.
 *
 * One instance serves one stream, in one subscription at a time. It keeps state along the stream ({@link Stateful}), so
 * `checkpoint` can store it and a restarted process goes on comparing. Memory: about 75 bytes a key, and the key.
 *
 * @example
 * ```ts
 * import { DiffOnReset, type RedisEvent } from "rxreplica";
 * import { of } from "rxjs";
 *
 * const online: RedisEvent = { kind: "link", event: "online", offset: 5, position: undefined, receivedAt: undefined };
 * const diff = new DiffOnReset();
 * let passed = 0;
 * of(online).pipe(diff.operator()).subscribe(() => passed++);
 * if (passed !== 1) throw new Error("other events pass");
 * ```
 */
export class DiffOnReset implements Stateful {
  readonly name = "diffOnReset";
  /** By shard; a source that is no cluster has the only entry, `undefined`. */
  readonly #histories: Map<string | undefined, HistoryDiff> = new Map();
  #position: Position | undefined = undefined;
  readonly #maxKeys: number;

  constructor(options: DiffOnResetOptions = {}) {
    this.#maxKeys = options.maxKeys ?? DEFAULT_MAX_KEYS;
  }

  /** Position of the last event taken in. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Keys whose state is kept. */
  get size(): number {
    let size = 0;
    for (const history of this.#histories.values()) size += history.size;
    return size;
  }

  /** The operator: events pass, diffs come between them. */
  operator(): OperatorFunction<RedisEvent, RedisEvent> {
    return (source) =>
      operate<RedisEvent, RedisEvent>(source, (destination) => ({
        next: (event) => this.#take(event, (out) => destination.next(out)),
      }));
  }

  save(): SavedState {
    if (this.#position === undefined)
      throw new Error("Cannot save the state of diffOnReset inside a snapshot");
    const histories = [...this.#histories].map(([shard, history]) => ({ shard, digests: history.save() }));
    return { version: VERSION, position: this.#position, data: { histories } };
  }

  load(state: SavedState): void {
    if (state.version !== VERSION) throw new RangeError(`Cannot load state of version ${state.version}`);
    const { histories } = state.data as { histories: { shard?: string; digests: unknown }[] };
    for (const { shard, digests } of histories) this.#historyOf(shard).load(digests);
    this.#position = state.position;
  }

  #take(event: RedisEvent, emit: (event: RedisEvent) => void): void {
    // A key that moves to another shard is told there; its deletion here may be left out.
    if (event.kind === "aof" && event.event === "command" && event.name === "RESTORE-ASKING") {
      for (const [shard, history] of this.#histories) if (shard !== event.shard) history.leave(event);
    }
    this.#historyOf(event.shard).take(event, emit);
    this.#position = event.position;
    this.#checkBound(event, emit);
  }

  #historyOf(shard: string | undefined): HistoryDiff {
    let history = this.#histories.get(shard);
    if (history === undefined) this.#histories.set(shard, (history = new HistoryDiff()));
    return history;
  }

  /** Above the bound nothing can be compared any more, until a snapshot makes a new start. */
  #checkBound(event: RedisEvent, emit: (event: RedisEvent) => void): void {
    if (this.size <= this.#maxKeys) return;
    for (const history of this.#histories.values()) history.overflow();
    emit({
      kind: "link",
      event: "warning",
      code: "LIMIT",
      at: undefined,
      message: `Cannot compare after a reset: more than ${this.#maxKeys} keys`,
      ...placeOf(event),
    });
  }
}

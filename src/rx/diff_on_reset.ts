import type { OperatorFunction } from "rxjs";
import { keysOfCommand, wholeDbs } from "../commands/mod.ts";
import type { AofCommand, LinkEvent, Position, RdbKey, RedisEvent } from "../events.ts";
import { operate } from "./operate.ts";
import type { SavedState, Stateful } from "./saved.ts";
import { SnapshotDigests, ValueDigest } from "./snapshot_digests.ts";

const VERSION = 1;
const DEFAULT_MAX_KEYS = 20_000_000;

/** How many keys {@link DiffOnReset} compares. */
export interface DiffOnResetOptions {
  /** Keys to keep state of at most. Above it a `warning` of code `LIMIT` says that comparing ends. Default 20 million. */
  readonly maxKeys?: number | undefined;
}

/** Commands after which their keys do not exist: nothing has to be kept of them. */
const REMOVING = new Set(["DEL", "UNLINK", "GETDEL", "DELEX", "DELIFEQ"]);

/** Commands that write no key, so that knowing no keys of theirs is no loss. */
const HARMLESS = new Set([
  "MULTI",
  "EXEC",
  "PUBLISH",
  "SPUBLISH",
  "PING",
  "SELECT",
  "FUNCTION",
  "SCRIPT",
  "REPLCONF",
]);

type Diff = Extract<LinkEvent, { readonly event: "diff" }>;

/**
 * After a forced full resync, tells what the gap changed, so that what a consumer has built converges instead of keeping
 * ghosts: `link: diff` events, `op` `appeared` or `changed` right after the last part of a key in the new snapshot and
 * `vanished` before the snapshot's end.
 *
 * A key is compared by a digest of its value as the last snapshot had it. Keys that commands have named since are told as
 * changed with `sure: false`, as their value is not known here: no change is missed, and one may be told too many. After a
 * command whose keys nobody knows that holds for all keys. Whole dbs that were emptied or swapped are followed.
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
  readonly #digests: SnapshotDigests = new SnapshotDigests();
  #position: Position | undefined = undefined;
  /** A whole snapshot is behind, so a key that was not in it is new. */
  #complete = false;
  #comparing = false;
  #digest: ValueDigest | undefined = undefined;
  readonly #maxKeys: number;
  /** The bound was passed: nothing is kept until the next snapshot. */
  #overflowed = false;

  constructor(options: DiffOnResetOptions = {}) {
    this.#maxKeys = options.maxKeys ?? DEFAULT_MAX_KEYS;
  }

  /** Position of the last event taken in. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Keys whose state is kept. */
  get size(): number {
    return this.#digests.size;
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
    return { version: VERSION, position: this.#position, data: this.#digests.save() };
  }

  load(state: SavedState): void {
    if (state.version !== VERSION) throw new RangeError(`Cannot load state of version ${state.version}`);
    this.#digests.load(state.data);
    this.#position = state.position;
    this.#complete = true;
  }

  #take(event: RedisEvent, emit: (event: RedisEvent) => void): void {
    if (event.kind === "rdb") {
      if (event.event === "end") this.#endSnapshot(event, emit);
      else emit(event);
      if (event.event === "begin") this.#beginSnapshot();
      else if (event.event === "key") this.#takeKey(event, emit);
    } else {
      if (event.kind === "aof" && event.event === "command" && !this.#overflowed) this.#follow(event);
      emit(event);
    }
    this.#position = event.position;
    this.#checkBound(event, emit);
  }

  #beginSnapshot(): void {
    this.#overflowed = false;
    this.#comparing = this.#complete || this.#digests.size > 0;
    this.#digests.beginSnapshot();
  }

  #takeKey(event: RdbKey, emit: (event: RedisEvent) => void): void {
    if (event.part === 0) this.#digest = new ValueDigest();
    this.#digest?.add(event);
    if (!event.last || this.#digest === undefined || this.#overflowed) return;
    const before = this.#digests.note(event.db, event.key, this.#digest);
    this.#digest = undefined;
    if (!this.#comparing) return;
    if (before === undefined) {
      if (this.#complete) emit(diff(event, "appeared", event.key, true));
    } else if (before.touched) emit(diff(event, "changed", event.key, false));
    else if (!before.same) emit(diff(event, "changed", event.key, true));
  }

  #endSnapshot(event: RedisEvent, emit: (event: RedisEvent) => void): void {
    for (const { db, key, touched } of this.#digests.takeUnseen())
      emit(diff({ ...placeOf(event), db }, "vanished", key, !touched));
    this.#complete = !this.#overflowed;
    this.#comparing = false;
    emit(event);
  }

  #follow(command: AofCommand): void {
    const { name } = command;
    const whole = wholeDbs(command, command.db);
    if (whole !== undefined) {
      if (name === "FLUSHALL" || name === "FLUSHDB") this.#digests.clear(whole);
      else if (name === "SWAPDB" && whole !== "all") this.#digests.swap(whole[0] ?? 0, whole[1] ?? 0);
      else this.#digests.touchAll();
      return;
    }
    const removes = REMOVING.has(name);
    const known = keysOfCommand(command, (index, db) => {
      const key = command.arg(index);
      if (key !== undefined) {
        if (removes) this.#digests.remove(db ?? command.db, key);
        else this.#digests.touch(db ?? command.db, key);
      }
      return false;
    });
    if (known === undefined && !HARMLESS.has(name)) this.#digests.touchAll();
  }

  /** Above the bound nothing can be compared any more, until a snapshot makes a new start. */
  #checkBound(event: RedisEvent, emit: (event: RedisEvent) => void): void {
    if (this.#digests.size <= this.#maxKeys) return;
    this.#digests.clear("all");
    this.#complete = this.#comparing = false;
    this.#overflowed = true;
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

type DiffPlace = Pick<RedisEvent, "position" | "receivedAt" | "shard"> & { readonly db: number };

function placeOf({
  position,
  receivedAt,
  shard,
}: RedisEvent): Pick<RedisEvent, "position" | "receivedAt" | "shard"> {
  return { position, receivedAt, shard };
}

function diff(place: DiffPlace, op: Diff["op"], key: Uint8Array, sure: boolean): Diff {
  const { receivedAt, shard, db } = place;
  return { kind: "link", event: "diff", op, db, key, sure, position: undefined, receivedAt, shard };
}

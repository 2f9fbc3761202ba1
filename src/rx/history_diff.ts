import { keysOfCommand, wholeDbs } from "../commands/keys.ts";
import type { AofCommand, LinkEvent, RdbKey, RedisEvent } from "../events.ts";
import { SnapshotDigests, ValueDigest } from "./snapshot_digests.ts";

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

type Emit = (event: RedisEvent) => void;

/** `DiffOnReset` for one history: that of a server, or of one shard of a cluster. */
export class HistoryDiff {
  readonly #digests: SnapshotDigests = new SnapshotDigests();
  /** A whole snapshot is behind, so a key that was not in it is new. */
  #complete = false;
  #comparing = false;
  #digest: ValueDigest | undefined = undefined;
  /** There were too many keys: nothing is kept until the next snapshot. */
  #overflowed = false;

  /** Keys whose state is kept. */
  get size(): number {
    return this.#digests.size;
  }

  save(): unknown {
    return this.#digests.save();
  }

  load(data: unknown): void {
    this.#digests.load(data);
    this.#complete = true;
  }

  /** Passes an event of this history, with diffs before or after it. */
  take(event: RedisEvent, emit: Emit): void {
    if (event.kind === "rdb") {
      if (event.event === "end") this.#endSnapshot(event, emit);
      else emit(event);
      if (event.event === "begin") this.#beginSnapshot();
      else if (event.event === "key") this.#takeKey(event, emit);
    } else {
      if (event.kind === "aof" && event.event === "command" && !this.#overflowed) this.#follow(event);
      emit(event);
    }
  }

  /** The keys of a command are another history's from now on. */
  leave(command: AofCommand): void {
    this.#visit(command, (db, key) => this.#digests.remove(db, key));
  }

  /** Gives everything up until a snapshot makes a new start. */
  overflow(): void {
    this.#digests.clear("all");
    this.#complete = this.#comparing = false;
    this.#overflowed = true;
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
    const known = this.#visit(command, (db, key) => {
      if (removes) this.#digests.remove(db, key);
      else this.#digests.touch(db, key);
    });
    if (!known && !HARMLESS.has(name)) this.#digests.touchAll();
  }

  /** Visits the keys of a command; `false` when they cannot be told. */
  #visit(command: AofCommand, visit: (db: number, key: Uint8Array) => void): boolean {
    const known = keysOfCommand(command, (index, db) => {
      const key = command.arg(index);
      if (key !== undefined) visit(db ?? command.db, key);
      return false;
    });
    return known !== undefined;
  }
}

type DiffPlace = Pick<RedisEvent, "position" | "receivedAt" | "shard"> & { readonly db: number };

/** What a diff or warning has of the event that it comes with. */
export function placeOf({
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

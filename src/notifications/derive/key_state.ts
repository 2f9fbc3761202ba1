import { ReplicaError } from "../../errors.ts";
import { DERIVE_LEVELS, type DeriveLevel } from "../notification.ts";
import { type Collection, loadCollection, toMembers } from "./collections.ts";
import { KeyTable } from "./key_table.ts";

/** Everything that derivation remembers of the data set: a table for each database, and what it takes. */
export class KeyState {
  #level: DeriveLevel;
  readonly #maxBytes: number;
  #tables: Map<number, KeyTable> = new Map();
  /** Databases whose keys nobody told: one that is not in the table may be there. */
  readonly #unknown: Set<number> = new Set();
  #touched: Collection[] = [];
  /** Bytes counted for contents. */
  #contents = 0;

  constructor(level: DeriveLevel, maxBytes: number) {
    this.#level = level;
    this.#maxBytes = maxBytes;
  }

  get level(): DeriveLevel {
    return this.#level;
  }

  /** Whether the level is at least this one. */
  knows(level: DeriveLevel): boolean {
    return DERIVE_LEVELS.indexOf(this.#level) >= DERIVE_LEVELS.indexOf(level);
  }

  /** Bytes in use, about. */
  get bytes(): number {
    let sum = this.#contents;
    for (const table of this.#tables.values()) sum += table.bytes;
    return sum;
  }

  get keys(): number {
    let sum = 0;
    for (const table of this.#tables.values()) sum += table.size;
    return sum;
  }

  table(db: number): KeyTable {
    let table = this.#tables.get(db);
    if (table === undefined) this.#tables.set(db, (table = new KeyTable(this.knows("members"))));
    return table;
  }

  isUnknown(db: number): boolean {
    return this.#unknown.has(db);
  }

  tables(): Iterable<KeyTable> {
    return this.#tables.values();
  }

  /** Contents that are about to change: their bytes are counted anew by `settle`. */
  touch(contents: Collection): void {
    this.#touched.push(contents);
  }

  setContents(table: KeyTable, slot: number, contents: Collection | undefined): void {
    const before = table.contentsAt(slot);
    if (before === contents) return;
    if (before !== undefined) this.#release(before);
    if (!this.knows("members")) return;
    table.setContents(slot, contents);
    if (contents !== undefined) this.#touched.push(contents);
  }

  remove(table: KeyTable, slot: number): void {
    const contents = table.contentsAt(slot);
    if (contents !== undefined) this.#release(contents);
    table.remove(slot);
  }

  /** Takes a key's contents away without counting them off: they go on under another key. */
  take(table: KeyTable, slot: number): Collection | undefined {
    const contents = table.contentsAt(slot);
    table.setContents(slot, undefined);
    return contents;
  }

  /** Counts what the last command changed; lowers the level when that is too much. `true` when it did. */
  settle(): boolean {
    for (const contents of this.#touched) {
      // Contents that were let go in the meantime count nothing any more.
      if (contents.counted < 0) continue;
      const { bytes } = contents;
      this.#contents += bytes - contents.counted;
      contents.counted = bytes;
    }
    this.#touched.length = 0;
    if (this.#maxBytes === Number.POSITIVE_INFINITY || this.#level === "stateless") return false;
    let lowered = false;
    while (this.knows("keys") && this.bytes > this.#maxBytes) {
      this.lower();
      lowered = true;
    }
    return lowered;
  }

  /** One level down: what the new one does not keep is forgotten. */
  lower(): void {
    const next = DERIVE_LEVELS[DERIVE_LEVELS.indexOf(this.#level) - 1] ?? "stateless";
    this.#level = next;
    if (next === "stateless") {
      this.#tables.clear();
      this.#contents = 0;
      return;
    }
    for (const table of this.#tables.values()) table.mapContents(next === "members" ? toMembers : undefined);
    this.#recount();
  }

  /** Forgets everything; what follows is derived at this level. */
  restart(level: DeriveLevel): void {
    this.#level = level;
    this.#tables.clear();
    this.#unknown.clear();
    this.#touched.length = 0;
    this.#contents = 0;
  }

  flush(db: number | undefined): void {
    if (db === undefined) {
      this.#tables.clear();
      this.#unknown.clear();
    } else {
      this.#discard(db);
      this.#unknown.delete(db);
    }
    if (db === undefined) this.#recount();
  }

  /** SWAPDB. What comes from a database that is not followed is not known, and what goes there is forgotten. */
  swap(a: number, b: number, follows: (db: number) => boolean): void {
    const unknown: [number, boolean][] = [
      [a, this.#unknown.has(b) || !follows(b)],
      [b, this.#unknown.has(a) || !follows(a)],
    ];
    for (const [db, is] of unknown) {
      if (is && follows(db)) this.#unknown.add(db);
      else this.#unknown.delete(db);
    }
    const first = this.table(a);
    this.#tables.set(a, this.table(b));
    this.#tables.set(b, first);
    for (const db of [a, b]) if (!follows(db)) this.#discard(db);
  }

  save(): unknown {
    return {
      level: this.#level,
      unknown: [...this.#unknown],
      dbs: [...this.#tables].map(([db, table]) => ({ db, ...table.save() })),
    };
  }

  load(data: unknown): void {
    const { level, dbs, unknown } = data as SavedState;
    if (!DERIVE_LEVELS.includes(level) || !Array.isArray(dbs)) {
      throw new ReplicaError("MALFORMED", "Cannot load the state of derived notifications: it is not one");
    }
    this.restart(level);
    for (const db of unknown) this.#unknown.add(db);
    for (const { db, keys, contents } of dbs) {
      this.table(db).load(keys, contents?.map(loadCollection));
    }
    this.#recount();
  }

  /** Forgets one database, at a cost of its own keys only. */
  #discard(db: number): void {
    const table = this.#tables.get(db);
    if (table === undefined) return;
    if (this.knows("members")) {
      for (const slot of table.slots()) {
        const contents = table.contentsAt(slot);
        if (contents !== undefined) this.#release(contents);
      }
    }
    this.#tables.delete(db);
  }

  #release(contents: Collection): void {
    if (contents.counted > 0) this.#contents -= contents.counted;
    contents.counted = -1;
  }

  #recount(): void {
    this.#touched.length = 0;
    this.#contents = 0;
    for (const table of this.#tables.values()) {
      for (const slot of table.slots()) {
        const contents = table.contentsAt(slot);
        if (contents !== undefined) this.#contents += contents.counted = contents.bytes;
      }
    }
  }
}

interface SavedState {
  readonly level: DeriveLevel;
  readonly unknown: readonly number[];
  readonly dbs: readonly SavedTable[];
}

interface SavedTable {
  readonly db: number;
  readonly keys: Uint8Array;
  readonly contents?: readonly unknown[];
}

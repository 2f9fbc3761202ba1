import { encodeUtf8, latin1 } from "../bytes/text.ts";
import type { HashField, RdbKey, StreamValue, ZsetMember } from "../events.ts";
import { hash, hash64 } from "../notifications/derive/hash64.ts";

/** What is known of one key, packed into parallel arrays; see {@link SnapshotDigests}. */
const TOUCHED = 1;

/**
 * A 64-bit digest of the value of every key, db by db, with a mark for keys that commands have touched since. Two values have the
 * same digest if they are equal: sets, hashes and zsets whatever their order, with expiry times, without access statistics.
 *
 * Memory: the key, one byte a character, and about 75 bytes (`node --expose-gc --import tsx bench/diff_memory.ts`).
 */
export class SnapshotDigests {
  /** Slot of each key, by db. */
  readonly #dbs: Map<number, Map<string, number>> = new Map();
  #lo: Uint32Array = new Uint32Array(64);
  #hi: Uint32Array = new Uint32Array(64);
  #marks: Uint8Array = new Uint8Array(64);
  /** Which snapshot a key was seen in last, modulo 256. */
  #seen: Uint8Array = new Uint8Array(64);
  #used = 0;
  #free: number[] = [];
  #generation = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** A new snapshot begins. */
  beginSnapshot(): void {
    this.#generation = (this.#generation + 1) & 0xff;
  }

  /** Notes a key of the snapshot; tells what it was before: `undefined` if it was not there. */
  note(
    db: number,
    key: Uint8Array,
    digest: ValueDigest,
  ): { readonly same: boolean; readonly touched: boolean } | undefined {
    const keys = this.#keysOf(db);
    const name = latin1(key);
    const { lo, hi } = digest.result();
    let slot = keys.get(name);
    let before: { readonly same: boolean; readonly touched: boolean } | undefined;
    if (slot === undefined) {
      slot = this.#take();
      keys.set(name, slot);
    } else {
      before = {
        same: this.#lo[slot] === lo && this.#hi[slot] === hi,
        touched: (this.#marks[slot]! & TOUCHED) !== 0,
      };
    }
    this.#lo[slot] = lo;
    this.#hi[slot] = hi;
    this.#marks[slot] = 0;
    this.#seen[slot] = this.#generation;
    return before;
  }

  /** Takes out the keys that the snapshot just read did not have. */
  *takeUnseen(): Generator<{ readonly db: number; readonly key: Uint8Array; readonly touched: boolean }> {
    for (const [db, keys] of this.#dbs) {
      for (const [name, slot] of keys) {
        if (this.#seen[slot] === this.#generation) continue;
        keys.delete(name);
        this.#free.push(slot);
        this.#size--;
        yield { db, key: bytesOf(name), touched: (this.#marks[slot]! & TOUCHED) !== 0 };
      }
    }
  }

  /** A command named the key: its value is no longer known, nor whether it exists. */
  touch(db: number, key: Uint8Array): void {
    const keys = this.#keysOf(db);
    const name = latin1(key);
    let slot = keys.get(name);
    if (slot === undefined) {
      slot = this.#take();
      keys.set(name, slot);
      this.#seen[slot] = this.#generation;
    }
    this.#marks[slot] = TOUCHED;
  }

  /** The key does not exist any more. */
  remove(db: number, key: Uint8Array): void {
    const keys = this.#keysOf(db);
    const name = latin1(key);
    const slot = keys.get(name);
    if (slot === undefined) return;
    keys.delete(name);
    this.#free.push(slot);
    this.#size--;
  }

  /** A command may have changed anything. */
  touchAll(): void {
    this.#marks.fill(TOUCHED, 0, this.#used);
  }

  /** The dbs were emptied. */
  clear(dbs: readonly number[] | "all"): void {
    for (const [db, keys] of this.#dbs) {
      if (dbs !== "all" && !dbs.includes(db)) continue;
      for (const slot of keys.values()) this.#free.push(slot);
      this.#size -= keys.size;
      keys.clear();
    }
  }

  swap(a: number, b: number): void {
    const keysOfA = this.#keysOf(a);
    this.#dbs.set(a, this.#keysOf(b));
    this.#dbs.set(b, keysOfA);
  }

  /** Every key with what is known of it, JSON-safe but for the keys' bytes. */
  save(): unknown {
    const rows: [number, Uint8Array, number, number, number][] = [];
    for (const [db, keys] of this.#dbs)
      for (const [name, slot] of keys)
        rows.push([db, bytesOf(name), this.#lo[slot]!, this.#hi[slot]!, this.#marks[slot]!]);
    return rows;
  }

  load(data: unknown): void {
    this.clear("all");
    for (const [db, key, lo, hi, marks] of data as readonly [number, Uint8Array, number, number, number][]) {
      const slot = this.#take();
      this.#keysOf(db).set(latin1(key), slot);
      this.#lo[slot] = lo;
      this.#hi[slot] = hi;
      this.#marks[slot] = marks;
      this.#seen[slot] = this.#generation;
    }
  }

  #keysOf(db: number): Map<string, number> {
    let keys = this.#dbs.get(db);
    if (keys === undefined) this.#dbs.set(db, (keys = new Map()));
    return keys;
  }

  #take(): number {
    this.#size++;
    const slot = this.#free.pop();
    if (slot !== undefined) return slot;
    if (this.#used === this.#lo.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const size = Math.ceil(this.#lo.length * 1.5);
    const lo = new Uint32Array(size);
    const hi = new Uint32Array(size);
    const marks = new Uint8Array(size);
    const seen = new Uint8Array(size);
    lo.set(this.#lo);
    hi.set(this.#hi);
    marks.set(this.#marks);
    seen.set(this.#seen);
    this.#lo = lo;
    this.#hi = hi;
    this.#marks = marks;
    this.#seen = seen;
  }
}

function bytesOf(name: string): Uint8Array {
  return Uint8Array.from(name, (character) => character.charCodeAt(0));
}

/** The digest of one value, made part by part. */
export class ValueDigest {
  #lo = 0;
  #hi = 0;

  /** Takes the next part of the value in. */
  add(event: RdbKey): void {
    if (event.part === 0) this.#chain(encodeUtf8(`${event.type} ${event.expireAt ?? ""}`));
    if (event.raw !== undefined) this.#chain(event.raw);
    switch (event.type) {
      case "string":
        this.#chain(event.value);
        break;
      case "list":
        for (const item of event.value) this.#chain(item);
        break;
      case "set":
        for (const member of event.value) this.#sum(member);
        break;
      case "zset":
        for (const member of event.value) this.#sum(scored(member));
        break;
      case "hash":
        for (const field of event.value) this.#sum(joined(field));
        break;
      case "stream":
        this.#addStream(event.value);
        break;
      case "array":
        for (const { index, value } of event.value) this.#sum(pair(encodeUtf8(String(index)), value));
        break;
      default:
        this.#chain(encodeUtf8(`${event.value.name} ${event.value.version}`));
    }
  }

  result(): { readonly lo: number; readonly hi: number } {
    return { lo: this.#lo >>> 0, hi: this.#hi >>> 0 };
  }

  #addStream({ entries, info, groups }: StreamValue): void {
    for (const { id, fields } of entries) {
      this.#chain(encodeUtf8(id));
      for (const [field, value] of fields) this.#chain(pair(field, value));
    }
    if (info !== undefined) this.#chain(encodeUtf8(`${info.length} ${info.lastId} ${info.entriesAdded}`));
    for (const { name, lastId, pending, consumers } of groups) {
      this.#sum(pair(name, encodeUtf8(lastId)));
      for (const { id, deliveries } of pending) this.#sum(pair(name, encodeUtf8(`${id} ${deliveries}`)));
      for (const consumer of consumers)
        for (const id of consumer.pending) this.#sum(pair(consumer.name, encodeUtf8(id)));
    }
  }

  /** Takes in what has an order. */
  #chain(bytes: Uint8Array): void {
    hash64(bytes);
    this.#lo = (Math.imul(this.#lo, 0x01000193) + hash.lo) | 0;
    this.#hi = (Math.imul(this.#hi, 0x85ebca6b) + hash.hi) | 0;
  }

  /** Takes in what has none. */
  #sum(bytes: Uint8Array): void {
    hash64(bytes);
    this.#lo = (this.#lo + hash.lo) | 0;
    this.#hi = (this.#hi + hash.hi) | 0;
  }
}

function scored({ member, score }: ZsetMember): Uint8Array {
  return pair(member, encodeUtf8(String(score)));
}

function joined({ field, value, expireAt }: HashField): Uint8Array {
  const both = pair(field, value);
  return expireAt === undefined ? both : pair(both, encodeUtf8(String(expireAt)));
}

/** Two byte strings as one that no other two make: the length of the first stands before them. */
function pair(first: Uint8Array, second: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + first.length + second.length);
  new DataView(out.buffer).setUint32(0, first.length);
  out.set(first, 4);
  out.set(second, 4 + first.length);
  return out;
}

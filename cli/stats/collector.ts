import { latin1 } from "../../src/bytes/text.ts";
import type { AofCommand, HashField, RdbKey, RedisEvent, ValueType } from "../../src/events.ts";
import { valueBytes, wireLength } from "../totals.ts";
import { SpaceSaving, type Tracked } from "./space_saving.ts";
import { TopK } from "./top_k.ts";

/** What is counted of a group of keys; all exact. */
export interface KeyCounts {
  keys: number;
  elements: number;
  /** Decoded bytes of keys and elements. */
  bytes: number;
  /** Keys that expire. */
  expires: number;
}

export interface BigKey {
  readonly db: number;
  readonly key: Uint8Array;
  readonly type: ValueType;
  readonly bytes: number;
  readonly elements: number;
}

export interface CommandCounts {
  commands: number;
  bytes: number;
}

/** Keys whose time to live, counted from when the snapshot was made, is at most `upTo` ms; `undefined`: longer than all others. */
export interface TtlCounts {
  readonly upTo: number | undefined;
  keys: number;
}

export interface StatsOptions {
  /** Ends a prefix. One byte. */
  readonly separator: string;
  /** Separators that a prefix has at most. */
  readonly depth: number;
  /** How many of the biggest keys are kept. */
  readonly top: number;
  /** Prefixes that are told apart; beyond it the sketch begins. */
  readonly prefixes: number;
  /** Unix ms; when a source does not say when it was made. */
  readonly now: number;
}

export interface Stats {
  readonly total: KeyCounts;
  readonly types: ReadonlyMap<ValueType, KeyCounts>;
  readonly dbs: ReadonlyMap<number, KeyCounts>;
  /** Heaviest by bytes first; names are Latin-1 of the prefix's bytes. */
  readonly prefixes: readonly Tracked[];
  readonly ttls: readonly TtlCounts[];
  /** Hash fields that expire. */
  readonly fieldExpires: number;
  readonly biggest: readonly BigKey[];
  readonly commands: ReadonlyMap<string, CommandCounts>;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Bounds of the groups of times to live; 0 is for keys that had expired already. */
const TTL_BOUNDS = [0, HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY, undefined] as const;
/** No input makes the tables of databases and of command names larger than this. */
const MAX_ROWS = 4096;
/** Longer prefixes and keys are cut for what is kept of them. */
const MAX_PREFIX_BYTES = 256;
const MAX_KEY_BYTES = 65_536;

/** Counts events that go by, in memory that does not depend on how many. */
export class StatsCollector {
  readonly #options: StatsOptions;
  readonly #separator: number;
  #now: number;
  #open: { bytes: number; elements: number } = { bytes: 0, elements: 0 };
  #total = noKeys();
  #types = new Map<ValueType, KeyCounts>();
  #dbs = new Map<number, KeyCounts>();
  #prefixes: SpaceSaving;
  #ttls: TtlCounts[] = noTtls();
  #fieldExpires = 0;
  #biggest: TopK<BigKey>;
  #commands = new Map<string, CommandCounts>();

  constructor(options: StatsOptions) {
    this.#options = options;
    this.#separator = options.separator.charCodeAt(0);
    this.#now = options.now;
    this.#prefixes = new SpaceSaving(options.prefixes);
    this.#biggest = new TopK(options.top, (key) => key.bytes);
  }

  see(event: RedisEvent): void {
    if (event.kind === "rdb") {
      if (event.event === "key") this.#part(event);
      else if (event.event === "aux" && event.key === "ctime") this.#now = Number(event.valueText) * 1000;
    } else if (event.kind === "aof") {
      if (event.event === "command") this.#command(event);
    } else if (event.event === "fullresync") this.#restart();
  }

  result(): Stats {
    return {
      total: this.#total,
      types: this.#types,
      dbs: this.#dbs,
      prefixes: this.#prefixes.entries(),
      ttls: this.#ttls,
      fieldExpires: this.#fieldExpires,
      biggest: this.#biggest.entries(),
      commands: this.#commands,
    };
  }

  /** Sums up a value; with its last part the key is complete. */
  #part(event: RdbKey): void {
    const open = this.#open;
    if (event.part === 0) open.bytes = open.elements = 0;
    open.elements += event.count;
    if (event.type === "hash") this.#fields(event.value);
    else open.bytes += valueBytes(event);
    if (!event.last) return;
    // A string in fragments is one element.
    this.#key(event, open.bytes, event.type === "string" ? 1 : open.elements);
  }

  /** A value is made at each reading: read once for its size and its times. */
  #fields(fields: readonly HashField[]): void {
    for (const { field, value, expireAt } of fields) {
      this.#open.bytes += field.length + value.length;
      if (expireAt !== undefined) this.#fieldExpires++;
    }
  }

  #key(event: RdbKey, valueSize: number, elements: number): void {
    const { key, type, db, expireAt } = event;
    const bytes = key.length + valueSize;
    for (const counts of [this.#total, row(this.#types, type, noKeys), row(this.#dbs, db, noKeys)]) {
      if (counts === undefined) continue;
      counts.keys++;
      counts.elements += elements;
      counts.bytes += bytes;
      if (expireAt !== undefined) counts.expires++;
    }
    if (expireAt !== undefined) this.#ttl(Number(expireAt));
    this.#prefixes.add(this.#prefixOf(key), bytes);
    if (this.#biggest.wants(bytes)) {
      this.#biggest.offer({ db, key: key.slice(0, MAX_KEY_BYTES), type, bytes, elements });
    }
  }

  #ttl(expireAt: number): void {
    const left = expireAt - this.#now;
    for (const group of this.#ttls) {
      if (group.upTo === undefined || left <= group.upTo) {
        group.keys++;
        return;
      }
    }
  }

  /** The key up to and with the separator that ends its prefix; empty where it has none. */
  #prefixOf(key: Uint8Array): string {
    const limit = Math.min(key.length, MAX_PREFIX_BYTES);
    let end = 0;
    let depth = 0;
    for (let at = 0; at < limit && depth < this.#options.depth; at++) {
      if (key[at] !== this.#separator) continue;
      end = at + 1;
      depth++;
    }
    return latin1(key, 0, end);
  }

  #command(event: AofCommand): void {
    const counts = row(this.#commands, event.name, () => ({ commands: 0, bytes: 0 }));
    if (counts === undefined) return;
    counts.commands++;
    counts.bytes += wireLength(event);
  }

  /** A snapshot that begins anew replaces the one before. */
  #restart(): void {
    this.#total = noKeys();
    this.#types = new Map();
    this.#dbs = new Map();
    this.#prefixes = new SpaceSaving(this.#options.prefixes);
    this.#ttls = noTtls();
    this.#fieldExpires = 0;
    this.#biggest = new TopK(this.#options.top, (key) => key.bytes);
  }
}

function noKeys(): KeyCounts {
  return { keys: 0, elements: 0, bytes: 0, expires: 0 };
}

function noTtls(): TtlCounts[] {
  return TTL_BOUNDS.map((upTo) => ({ upTo, keys: 0 }));
}

/** The row of that name, made when it is new; `undefined` when the table is full. */
function row<K, V>(table: Map<K, V>, name: K, make: () => V): V | undefined {
  let found = table.get(name);
  if (found === undefined && table.size < MAX_ROWS) table.set(name, (found = make()));
  return found;
}

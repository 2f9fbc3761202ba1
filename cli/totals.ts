import type { AofCommand, RdbKey, RedisEvent, ValueType } from "../src/events.ts";

/** What `--count` prints. */
export interface Totals {
  readonly rdb: {
    readonly keys: number;
    readonly elements: number;
    readonly bytes: number;
    readonly types: Readonly<Partial<Record<ValueType, number>>>;
  };
  readonly aof: { readonly commands: number; readonly bytes: number };
  readonly ms: number;
}

interface KeyTotals {
  keys: number;
  elements: number;
  bytes: number;
  readonly types: Partial<Record<ValueType, number>>;
}

/** Counts events that go by, for sources that are not counted below the level of events. */
export class EventCounter {
  /** By shard; of a source that is no cluster the only entry, `undefined`. */
  readonly #shards = new Map<string | undefined, KeyTotals>();
  #commands = 0;
  #commandBytes = 0;

  see(event: RedisEvent): void {
    if (event.kind === "rdb") {
      if (event.event === "key") countKey(this.#shardOf(event.shard), event);
    } else if (event.kind === "aof") {
      if (event.event !== "command") return;
      this.#commands++;
      this.#commandBytes += wireLength(event);
    } else if (event.event === "fullresync") {
      // A snapshot that begins anew replaces the one before.
      this.#shards.delete(event.shard);
    }
  }

  totals(ms: number): Totals {
    const rdb = noKeys();
    for (const { keys, elements, bytes, types } of this.#shards.values()) {
      rdb.keys += keys;
      rdb.elements += elements;
      rdb.bytes += bytes;
      for (const [type, count] of Object.entries(types) as [ValueType, number][]) {
        rdb.types[type] = (rdb.types[type] ?? 0) + count;
      }
    }
    return { rdb, aof: { commands: this.#commands, bytes: this.#commandBytes }, ms: Math.round(ms) };
  }

  #shardOf(shard: string | undefined): KeyTotals {
    let totals = this.#shards.get(shard);
    if (totals === undefined) this.#shards.set(shard, (totals = noKeys()));
    return totals;
  }
}

function noKeys(): KeyTotals {
  return { keys: 0, elements: 0, bytes: 0, types: {} };
}

function countKey(totals: KeyTotals, event: RdbKey): void {
  if (event.part === 0) {
    totals.keys++;
    totals.types[event.type] = (totals.types[event.type] ?? 0) + 1;
    totals.bytes += event.key.length;
  }
  // A string in fragments is one element.
  totals.elements += event.type === "string" ? (event.last && event.count > 0 ? 1 : 0) : event.count;
  totals.bytes += valueBytes(event);
}

/** Decoded bytes of the elements in this part. */
export function valueBytes(event: RdbKey): number {
  let sum = 0;
  switch (event.type) {
    case "string":
      return event.value.length;
    case "list":
    case "set":
      for (const item of event.value) sum += item.length;
      return sum;
    case "zset":
      for (const { member } of event.value) sum += member.length;
      return sum;
    case "hash":
      for (const { field, value } of event.value) sum += field.length + value.length;
      return sum;
    case "array":
      for (const { value } of event.value) sum += value.length;
      return sum;
    case "stream":
      for (const { fields } of event.value.entries) for (const [f, v] of fields) sum += f.length + v.length;
      return sum;
    case "module":
      return 0;
  }
}

/** Bytes of a command on the wire: an array of bulk strings. Events that know it are not taken apart. */
export function wireLength(event: AofCommand & { readonly byteLength?: number | undefined }): number {
  const { byteLength, argc } = event;
  if (byteLength !== undefined) return byteLength;
  // `*argc CRLF`, and for each argument `$length CRLF bytes CRLF`.
  let sum = 3 + String(argc).length;
  for (const { length } of event.args) sum += 5 + String(length).length + length;
  return sum;
}

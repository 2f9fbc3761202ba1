import { encodeUtf8, latin1 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import type { StreamEntry, StreamGroup, StreamInfo, StreamPending, StreamValue } from "../events.ts";
import { type ArgumentBounds, type Arguments, chunked, command } from "./rebuild_arguments.ts";
import { compareIds, IdLog } from "./stream_ids.ts";

export interface StreamBounds extends ArgumentBounds {
  /** Bytes of entries, and of pending entries, that are kept to see the whole stream before anything is written. */
  readonly maxStreamBytes: number;
}

/** What a group is, pieces joined. */
interface Group {
  readonly name: Uint8Array;
  readonly lastId: string;
  readonly entriesRead: number | bigint | undefined;
  readonly pending: Map<string, StreamPending>;
  /** Ids by consumer, consumers in order. */
  readonly consumers: Map<string, { readonly name: Uint8Array; readonly ids: string[] }>;
  readonly nacked: string[];
}

/** What an entry, or a pending entry, takes in memory beside its bytes; a guess. */
const OVERHEAD = 64;
/** Ids in one XCLAIM or XIDMPRECORD at most: each is a search in the server. */
const MAX_IDS = 512;

/**
 * Makes the commands that rebuild one stream from its parts.
 *
 * Only entries that are there can be claimed, and only above the last one can entries be added. Where entries are pending
 * that were deleted, stand-ins for them come first, are claimed and trimmed away, which leaves no trace; XSETID on
 * the then empty stream goes back to the beginning. That takes knowing the groups before the entries, which come first: entries
 * are kept up to a bound. In a longer stream they are written as they come, and a deleted pending entry is an error.
 */
export class StreamRebuilder {
  readonly #key: Uint8Array;
  readonly #db: number;
  readonly #bounds: StreamBounds;
  readonly #groups = new Map<string, Group>();
  #entries: StreamEntry[] = [];
  #bytes = 0;
  #pendingBytes = 0;
  /** Set once entries are written as they come: their ids. */
  #written: IdLog | undefined = undefined;
  #info: StreamInfo | undefined = undefined;

  constructor(db: number, key: Uint8Array, bounds: StreamBounds) {
    this.#db = db;
    this.#key = key;
    this.#bounds = bounds;
  }

  /** Takes one part; the commands that are due. */
  *add({ entries, info, groups }: StreamValue): Iterable<Arguments> {
    for (const entry of entries) {
      if (this.#written === undefined) this.#keep(entry);
      else yield this.#write(this.#written, entry);
      if (this.#written === undefined && this.#bytes > this.#bounds.maxStreamBytes) yield* this.#spill();
    }
    if (info !== undefined) this.#info = info;
    for (const group of groups) this.#takeGroup(group);
  }

  /** The commands for the rest, after the last part. */
  *finish(): Iterable<Arguments> {
    const groups = [...this.#groups.values()];
    const missing = this.#missing(groups);
    if (missing.length > 0) {
      yield* this.#standIns(groups, missing);
    } else if (this.#written === undefined && this.#entries.length === 0) {
      // An empty stream comes of one that was trimmed.
      yield command("XADD", this.#key, "MAXLEN", "=", 0, "0-1", "", "");
      yield command("XSETID", this.#key, "0-0");
    }
    for (const entry of this.#entries) yield this.#add(entry.id, entry.fields);
    yield* this.#numbers();
    const done = new Set(missing);
    for (const group of groups) yield* this.#group(group, done);
  }

  #keep(entry: StreamEntry): void {
    this.#entries.push(entry);
    this.#bytes += OVERHEAD;
    for (const [field, value] of entry.fields) this.#bytes += field.length + value.length;
  }

  *#spill(): Iterable<Arguments> {
    const written = new IdLog(Math.ceil(this.#bounds.maxStreamBytes / 16));
    this.#written = written;
    for (const entry of this.#entries.splice(0)) yield this.#write(written, entry);
  }

  #write(written: IdLog, { id, fields }: StreamEntry): Arguments {
    written.push(id);
    return this.#add(id, fields);
  }

  #add(id: string, fields: StreamEntry["fields"]): Arguments {
    const args = [...command("XADD", this.#key), encodeUtf8(id)];
    for (const [field, value] of fields) args.push(field, value);
    return args;
  }

  #takeGroup(piece: StreamGroup): void {
    const name = latin1(piece.name);
    let group = this.#groups.get(name);
    if (group === undefined) {
      const { lastId, entriesRead } = piece;
      const kept = { pending: new Map(), consumers: new Map(), nacked: [] };
      this.#groups.set(name, (group = { name: piece.name, lastId, entriesRead, ...kept }));
    }
    for (const pending of piece.pending) group.pending.set(pending.id, pending);
    for (const { name, pending } of piece.consumers) {
      const same = group.consumers.get(latin1(name));
      if (same === undefined) group.consumers.set(latin1(name), { name, ids: [...pending] });
      else for (const id of pending) same.ids.push(id);
    }
    for (const id of piece.nacked) group.nacked.push(id);
    this.#pendingBytes += piece.pending.length * OVERHEAD;
    if (this.#pendingBytes > this.#bounds.maxStreamBytes) this.#refuse("it has too many pending entries");
  }

  /** Pending ids without an entry, each once, in order. */
  #missing(groups: readonly Group[]): string[] {
    const ids = new Set<string>();
    for (const { pending } of groups) for (const id of pending.keys()) ids.add(id);
    if (ids.size === 0) return [];
    const written = this.#written;
    if (written === undefined) {
      for (const { id } of this.#entries) ids.delete(id);
    } else {
      for (const id of ids) if (written.has(id)) ids.delete(id);
      if (ids.size > 0) this.#refuse("deleted entries of it are pending");
    }
    return [...ids].sort(compareIds);
  }

  #refuse(why: string): never {
    throw new ReplicaError(
      "LIMIT",
      `Cannot rebuild a stream above ${this.#bounds.maxStreamBytes} bytes by commands: ${why}; restore it, or raise maxStreamBytes`,
      { db: this.#db, key: this.#key, type: "stream" },
    );
  }

  *#standIns(groups: readonly Group[], missing: readonly string[]): Iterable<Arguments> {
    const key = this.#key;
    for (const id of missing) yield command("XADD", key, encodeUtf8(id), "", "");
    const wanted = new Set(missing);
    for (const group of groups) {
      const some = [...group.pending.keys()].some((id) => wanted.has(id));
      if (!some) continue;
      yield command("XGROUP", "CREATE", key, group.name, "0-0");
      for (const { name, ids } of group.consumers.values()) {
        const mine = ids.filter((id) => wanted.has(id));
        if (mine.length > 0) yield* this.#claims(group, name, mine);
      }
      yield* this.#nacks(
        group,
        group.nacked.filter((id) => wanted.has(id)),
      );
    }
    yield command("XTRIM", key, "MAXLEN", "=", 0);
    yield command("XSETID", key, "0-0");
  }

  /** Ids and counters of the stream, and what it remembers of its producers. */
  *#numbers(): Iterable<Arguments> {
    const key = this.#key;
    const info = this.#info;
    if (info === undefined) return;
    const { lastId, maxDeletedId, entriesAdded, idmp } = info;
    const id = encodeUtf8(lastId);
    yield command(
      ...["XSETID", key, id, "ENTRIESADDED", entriesAdded, "MAXDELETEDID", encodeUtf8(maxDeletedId)],
    );
    if (idmp === undefined) return;
    yield command("XCFGSET", key, "IDMP-DURATION", idmp.duration, "IDMP-MAXSIZE", idmp.maxEntries);
    for (const producer of idmp.producers) {
      for (const { iid, id } of producer.entries) {
        yield command("XIDMPRECORD", key, producer.id, iid, encodeUtf8(id));
      }
    }
  }

  /** A group with everything in it but the ids that are claimed already. */
  *#group(group: Group, done: ReadonlySet<string>): Iterable<Arguments> {
    const key = this.#key;
    const { name, entriesRead, pending, consumers, nacked } = group;
    const lastId = encodeUtf8(group.lastId);
    const read = entriesRead === undefined ? [] : ["ENTRIESREAD", entriesRead];
    const isThere = done.size > 0 && [...pending.keys()].some((id) => done.has(id));
    // After XSETID: servers lower entries-read to the entries added so far.
    yield command("XGROUP", isThere ? "SETID" : "CREATE", key, name, lastId, ...read);
    for (const consumer of consumers.values()) {
      yield command("XGROUP", "CREATECONSUMER", key, name, consumer.name);
      const ids = done.size === 0 ? consumer.ids : consumer.ids.filter((id) => !done.has(id));
      yield* this.#claims(group, consumer.name, ids);
    }
    yield* this.#nacks(
      group,
      nacked.filter((id) => !done.has(id)),
    );
  }

  /** Ids that were delivered at the same time for the same time go together, as they did when they were read. */
  *#claims(group: Group, consumer: Uint8Array, ids: readonly string[]): Iterable<Arguments> {
    const { maxBytes, maxArgs } = this.#bounds;
    const bounds = { maxBytes, maxArgs: Math.max(1, Math.min(MAX_IDS, maxArgs - 11)) };
    let from = 0;
    while (from < ids.length) {
      const { deliveredAt, deliveries } = this.#pendingOf(group, ids[from]!);
      let to = from + 1;
      for (; to < ids.length; to++) {
        const next = this.#pendingOf(group, ids[to]!);
        if (next.deliveredAt !== deliveredAt || next.deliveries !== deliveries) break;
      }
      for (const some of chunked([], ids.slice(from, to), bounds, (id) => [encodeUtf8(id)])) {
        yield [
          ...command("XCLAIM", this.#key, group.name, consumer, 0),
          ...some,
          ...command("TIME", deliveredAt, "RETRYCOUNT", deliveries, "FORCE", "JUSTID"),
        ];
      }
      from = to;
    }
  }

  /** Entries that were given back: pending, and nobody's. */
  *#nacks(group: Group, ids: readonly string[]): Iterable<Arguments> {
    for (const id of ids) {
      const { deliveries } = this.#pendingOf(group, id);
      yield command(
        ...["XNACK", this.#key, group.name, "SILENT", "IDS", 1, encodeUtf8(id)],
        ...["RETRYCOUNT", deliveries, "FORCE"],
      );
    }
  }

  #pendingOf(group: Group, id: string): StreamPending {
    const pending = group.pending.get(id);
    if (pending !== undefined) return pending;
    throw new ReplicaError(
      "MALFORMED",
      `Cannot rebuild a stream: a consumer owns ${id}, which is not pending`,
      {
        db: this.#db,
        key: this.#key,
        type: "stream",
      },
    );
  }
}

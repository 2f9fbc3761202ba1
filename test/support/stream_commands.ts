/** The commands that make a stream exactly as a snapshot describes it. */
import type {
  StreamConsumer,
  StreamEntry,
  StreamGroup,
  StreamInfo,
  StreamPending,
  StreamValue,
} from "../../src/events.ts";
import type { Command } from "./client.ts";

/** All parts of one stream, in order. */
export function streamCommands(key: Uint8Array, parts: readonly StreamValue[]): Command[] {
  const info = parts.find((part) => part.info !== undefined)?.info;
  if (info === undefined) throw new Error("a stream came without its numbers");
  const entries = parts.flatMap((part) => part.entries);
  const groups = mergeGroups(parts.flatMap((part) => part.groups));
  const ids = new Set(entries.map((entry) => entry.id));
  const deleted = [...new Set(groups.flatMap((group) => group.pending.map(({ id }) => id)))];
  const missing = deleted.filter((id) => !ids.has(id));
  return [
    ...addEntries(key, entries, missing),
    ...groups.flatMap((group) => [...groupCommands(key, group)]),
    ...removeEntries(key, info, missing),
    // Last, since the commands before count and move these numbers.
    [
      ...["XSETID", key, info.lastId],
      ...["ENTRIESADDED", String(info.entriesAdded), "MAXDELETEDID", info.maxDeletedId],
    ],
  ];
}

/** Entries in the order of their ids, with stand-ins for those that are pending but deleted: only what is there can be claimed. */
function* addEntries(
  key: Uint8Array,
  entries: readonly StreamEntry[],
  missing: readonly string[],
): Generator<Command> {
  // A stream without entries comes to be with a group, which then goes again.
  if (entries.length + missing.length === 0) {
    yield ["XGROUP", "CREATE", key, "\0maker", "0-0", "MKSTREAM"];
    yield ["XGROUP", "DESTROY", key, "\0maker"];
  }
  const standIns = missing.map((id): StreamEntry => ({ id, fields: [] }));
  for (const { id, fields } of [...entries, ...standIns].sort((a, b) => compareIds(a.id, b.id))) {
    yield ["XADD", key, id, ...(fields.length === 0 ? ["deleted", "later"] : fields.flat())];
  }
}

/**
 * Stand-ins before the first entry are trimmed, as they once were: XDEL would leave a mark in `max-deleted-entry-id` that
 * XSETID can move but not take away.
 */
function* removeEntries(key: Uint8Array, info: StreamInfo, missing: readonly string[]): Generator<Command> {
  if (missing.length === 0) return;
  if (info.length === 0) {
    yield ["XTRIM", key, "MAXLEN", "=", 0];
    return;
  }
  yield ["XTRIM", key, "MINID", "=", info.firstId];
  for (const id of missing) if (compareIds(id, info.firstId) > 0) yield ["XDEL", key, id];
}

function* groupCommands(key: Uint8Array, group: StreamGroup): Generator<Command> {
  const read = group.entriesRead === undefined ? [] : ["ENTRIESREAD", String(group.entriesRead)];
  if (group.nacked.length > 0) throw new Error("entries without an owner cannot be rebuilt by commands");
  yield ["XGROUP", "CREATE", key, group.name, group.lastId, ...read];
  const owners = new Map<string, Uint8Array>();
  for (const { name, pending } of group.consumers) {
    yield ["XGROUP", "CREATECONSUMER", key, group.name, name];
    for (const id of pending) owners.set(id, name);
  }
  for (const { id, deliveredAt, deliveries } of group.pending) {
    const owner = owners.get(id);
    if (owner === undefined) throw new Error(`pending entry ${id} has no owner`);
    const how = ["TIME", deliveredAt, "RETRYCOUNT", String(deliveries), "FORCE", "JUSTID"];
    yield ["XCLAIM", key, group.name, owner, 0, id, ...how];
  }
}

/** Joins the pieces of groups, and of consumers inside them, that bear the same name. */
function mergeGroups(pieces: readonly StreamGroup[]): StreamGroup[] {
  const merged = new Map<string, StreamGroup>();
  for (const piece of pieces) {
    const name = latin1(piece.name);
    const known = merged.get(name);
    const pending: readonly StreamPending[] = [...(known?.pending ?? []), ...piece.pending];
    const consumers = mergeConsumers([...(known?.consumers ?? []), ...piece.consumers]);
    const nacked = [...(known?.nacked ?? []), ...piece.nacked];
    merged.set(name, { ...pickNumbers(known ?? piece), pending, consumers, nacked });
  }
  return [...merged.values()];
}

function pickNumbers({
  name,
  lastId,
  entriesRead,
}: StreamGroup): Pick<StreamGroup, "name" | "lastId" | "entriesRead"> {
  return { name, lastId, entriesRead };
}

function mergeConsumers(pieces: readonly StreamConsumer[]): StreamConsumer[] {
  const merged = new Map<string, StreamConsumer>();
  for (const { name, seenAt, activeAt, pending } of pieces) {
    const known = merged.get(latin1(name));
    merged.set(latin1(name), { name, seenAt, activeAt, pending: [...(known?.pending ?? []), ...pending] });
  }
  return [...merged.values()];
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** Orders ids `ms-seq` by their two 64-bit numbers. */
export function compareIds(left: string, right: string): number {
  const [leftMs, leftSeq] = left.split("-").map(BigInt) as [bigint, bigint];
  const [rightMs, rightSeq] = right.split("-").map(BigInt) as [bigint, bigint];
  if (leftMs !== rightMs) return leftMs < rightMs ? -1 : 1;
  return leftSeq === rightSeq ? 0 : leftSeq < rightSeq ? -1 : 1;
}

import { ReplicaError } from "../../src/errors.ts";
import type { RdbKey, StreamGroup, StreamValue } from "../../src/events.ts";

export type CommandArgs = readonly (string | Uint8Array)[];

/** Elements in one command; a longer part becomes several commands. */
const CHUNK = 512;

/**
 * The commands that rebuild one part of a key in an empty database. What no command can say (idle, freq, consumer times)
 * is left out. Throws `ReplicaError` `UNSUPPORTED` for module values and types without write commands of their own.
 */
export function* keyCommands(event: RdbKey): Iterable<CommandArgs> {
  const { key } = event;
  switch (event.type) {
    case "string":
      yield [event.part === 0 ? "SET" : "APPEND", key, event.value];
      break;
    case "list":
      yield* chunked(["RPUSH", key], event.value, (item) => [item]);
      break;
    case "set":
      yield* chunked(["SADD", key], event.value, (item) => [item]);
      break;
    case "zset":
      yield* chunked(["ZADD", key], event.value, (item) => [scoreText(item.score), item.member]);
      break;
    case "hash": {
      const fields = event.value;
      yield* chunked(["HSET", key], fields, (item) => [item.field, item.value]);
      for (const { field, expireAt } of fields) {
        if (expireAt !== undefined) yield ["HPEXPIREAT", key, String(expireAt), "FIELDS", "1", field];
      }
      break;
    }
    case "stream":
      yield* streamCommands(key, event.value);
      break;
    default:
      throw new ReplicaError("UNSUPPORTED", `Cannot print a value of type ${event.type} as commands`, {
        db: event.db,
        key,
        type: event.type,
      });
  }
  if (event.last && event.expireAt !== undefined) yield ["PEXPIREAT", key, String(event.expireAt)];
}

function* chunked<T>(
  head: CommandArgs,
  items: readonly T[],
  argsOf: (item: T) => CommandArgs,
): Iterable<CommandArgs> {
  for (let from = 0; from < items.length; from += CHUNK) {
    yield [...head, ...items.slice(from, from + CHUNK).flatMap(argsOf)];
  }
}

function* streamCommands(key: Uint8Array, { entries, info, groups }: StreamValue): Iterable<CommandArgs> {
  for (const entry of entries) yield ["XADD", key, entry.id, ...entry.fields.flat()];
  if (info !== undefined) {
    // An empty stream can only be made by trimming what was added.
    if (info.length === 0) yield ["XADD", key, "MAXLEN", "0", addableId(info.lastId), "x", "x"];
    yield [
      ...["XSETID", key, info.lastId, "ENTRIESADDED", String(info.entriesAdded)],
      ...["MAXDELETEDID", info.maxDeletedId],
    ];
  }
  for (const group of groups) yield* groupCommands(key, group);
}

function addableId(lastId: string): string {
  return lastId === "0-0" ? "0-1" : lastId;
}

function* groupCommands(key: Uint8Array, group: StreamGroup): Iterable<CommandArgs> {
  const read = group.entriesRead === undefined ? [] : ["ENTRIESREAD", String(group.entriesRead)];
  yield ["XGROUP", "CREATE", key, group.name, group.lastId, ...read];
  const pending = new Map(group.pending.map((item) => [item.id, item]));
  for (const consumer of group.consumers) {
    yield ["XGROUP", "CREATECONSUMER", key, group.name, consumer.name];
    for (const id of consumer.pending) {
      const item = pending.get(id);
      if (item === undefined) continue;
      yield [
        ...["XCLAIM", key, group.name, consumer.name, "0", id, "TIME", String(item.deliveredAt)],
        ...["RETRYCOUNT", String(item.deliveries), "FORCE", "JUSTID"],
      ];
    }
  }
}

function scoreText(score: number): string {
  if (score === Number.POSITIVE_INFINITY) return "inf";
  if (score === Number.NEGATIVE_INFINITY) return "-inf";
  return Object.is(score, -0) ? "-0" : String(score);
}

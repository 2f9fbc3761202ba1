/**
 * Snapshot events as the commands that rebuild them. Written for tests, to be simple rather than fast, and on its own: it
 * shares nothing with the code under test but the shape of the events.
 */
import type { HashField, RdbEvent, RdbKey, StreamValue } from "../../src/events.ts";
import type { Argument, Command } from "./client.ts";
import { streamCommands } from "./stream_commands.ts";

/** Arguments in one command at most. */
const WIDTH = 500;

/** Feed it every rdb event in order: parts of a value that can only be made whole wait inside. */
export class Rebuilder {
  #streamParts: StreamValue[] = [];
  #rawParts: Uint8Array[] = [];

  /** The commands for one event, for the db of the event (`-1`: any). */
  commands(event: RdbEvent): { db: number; commands: Command[] } {
    if (event.event === "begin") return { db: -1, commands: [["FLUSHALL"], ["FUNCTION", "FLUSH"]] };
    if (event.event === "function") {
      return { db: -1, commands: [["FUNCTION", "LOAD", "REPLACE", event.code]] };
    }
    if (event.event !== "key") return { db: -1, commands: [] };
    return { db: event.db, commands: [...this.#key(event)] };
  }

  *#key(event: RdbKey): Generator<Command> {
    const { key, expireAt, part, last } = event;
    // A snapshot holds each key once: whatever the target has under that name is old.
    if (part === 0) yield ["DEL", key];
    if (event.raw !== undefined) {
      this.#rawParts.push(event.raw);
      if (last) yield restore(event, Buffer.concat(this.#rawParts.splice(0)));
      return;
    }
    if (event.type === "stream") {
      this.#streamParts.push(event.value);
      if (last) yield* streamCommands(key, this.#streamParts.splice(0));
    } else {
      yield* valueCommands(event);
    }
    if (last && expireAt !== undefined) yield ["PEXPIREAT", key, expireAt];
  }
}

function restore(event: RdbKey, payload: Uint8Array): Command {
  const { key, expireAt, idle, freq } = event;
  const use: Argument[] = [];
  if (idle !== undefined) use.push("IDLETIME", idle);
  if (freq !== undefined) use.push("FREQ", freq);
  return ["RESTORE", key, expireAt ?? 0, payload, "REPLACE", "ABSTTL", ...use];
}

function* valueCommands(event: RdbKey): Generator<Command> {
  const { key } = event;
  if (event.type === "string") {
    yield [event.part === 0 ? "SET" : "APPEND", key, event.value];
  } else if (event.type === "list") {
    yield* wide(["RPUSH", key], event.value);
  } else if (event.type === "set") {
    yield* wide(["SADD", key], event.value);
  } else if (event.type === "zset") {
    yield* wide(
      ["ZADD", key],
      event.value.flatMap(({ score, member }): Argument[] => [score, member]),
    );
  } else if (event.type === "hash") {
    yield* hashCommands(key, event.value);
  } else {
    throw new Error(`a ${event.type} can be rebuilt from its raw form only`);
  }
}

function* hashCommands(key: Uint8Array, fields: readonly HashField[]): Generator<Command> {
  yield* wide(
    ["HSET", key],
    fields.flatMap(({ field, value }) => [field, value]),
  );
  for (const { field, expireAt } of fields) {
    if (expireAt !== undefined) yield ["HPEXPIREAT", key, expireAt, "FIELDS", 1, field];
  }
}

function* wide(head: readonly Argument[], rest: readonly Argument[]): Generator<Command> {
  for (let at = 0; at < rest.length; at += WIDTH) yield [...head, ...rest.slice(at, at + WIDTH)];
}

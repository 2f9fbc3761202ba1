/** Events as lines of text, from a process that may be killed to one that judges what it did. */
import type { AofCommand, RdbFunction, RdbKey, RedisEvent } from "../../src/events.ts";

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const bytesOf = (text: string): Buffer => Buffer.from(text, "base64");

/** One event as JSON and a line end. Of snapshots only what is kept raw. */
export function encodeEvent(event: RedisEvent): string {
  return `${JSON.stringify(plain(event))}\n`;
}

function plain(event: RedisEvent): object {
  const { kind } = event;
  if (kind === "aof" && event.event === "command") {
    const { db, name, offset, tx, args } = event;
    return { kind, event: "command", db, name, offset, tx: tx && {}, args: args.map(base64) };
  }
  if (kind !== "rdb") return event;
  if (event.event === "key") {
    const { db, key, expireAt, idle, freq, part, last, raw } = event;
    if (raw === undefined) throw new Error("only raw values can be told by lines");
    return { kind, event: "key", db, key: base64(key), expireAt, idle, freq, part, last, raw: base64(raw) };
  }
  if (event.event === "function") return { kind, event: "function", code: base64(event.code) };
  return { kind, event: event.event, position: event.position };
}

/** What `encodeEvent` wrote, with as much of an event as was told. */
export function decodeEvent(line: string): RedisEvent {
  const told = JSON.parse(line) as { kind: string; event: string };
  if (told.event === "command") {
    const { args } = told as unknown as { args: string[] };
    return { ...told, args: args.map(bytesOf) } as unknown as AofCommand;
  }
  if (told.event === "key") {
    const { key, raw } = told as unknown as { key: string; raw: string };
    return { ...told, key: bytesOf(key), raw: bytesOf(raw) } as unknown as RdbKey;
  }
  if (told.event === "function") {
    const { code } = told as unknown as { code: string };
    return { ...told, code: bytesOf(code) } as unknown as RdbFunction;
  }
  return told as unknown as RedisEvent;
}

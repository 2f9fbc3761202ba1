import type { RedisEvent } from "../../../src/events.ts";
import { text } from "./wire.ts";

/** What an event says, as a value that can be compared; arrival times left out. */
export function plain(event: RedisEvent): object {
  const { position } = event;
  if (event.kind === "aof" && event.event === "command") {
    const { db, offset, tx } = event;
    return { aof: event.args.map((arg) => text(arg)), db, offset, position, tx: tx?.startOffset };
  }
  if (event.kind === "rdb" && event.event === "key") {
    return { rdb: event.keyText, type: event.type, value: JSON.stringify(event.value), position };
  }
  const { receivedAt: _, ...rest } = { ...event };
  return rest;
}

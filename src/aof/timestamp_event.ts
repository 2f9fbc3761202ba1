import type { AofTimestamp, EventContext } from "../events.ts";

/** The event of a `#TS:` line; `at` in Unix ms, `offset` after the line. */
export function timestampEvent(at: number, offset: number, context: EventContext): AofTimestamp {
  const { receivedAt, shard, file } = context;
  return { kind: "aof", event: "timestamp", at, offset, position: undefined, receivedAt, shard, file };
}

/** Unix ms of an annotation (without `#` and line end): `TS:` and whole seconds. `undefined` for any other annotation. */
export function parseTimestamp(text: string): number | undefined {
  const seconds = /^TS:(\d{1,12})$/.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

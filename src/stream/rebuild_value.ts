import { encodeUtf8 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import type { HashField, RdbKey } from "../events.ts";
import { type ArgumentBounds, type Arguments, chunked, command } from "./rebuild_arguments.ts";

/** The commands that add one part of any value but a stream to a key; the key's expiry is not among them. */
export function* rebuildValue(event: RdbKey, bounds: ArgumentBounds): Iterable<Arguments> {
  const { key } = event;
  switch (event.type) {
    case "string":
      yield* rebuildString(key, event.value, event.part === 0 ? "SET" : "APPEND", bounds);
      break;
    case "list":
      yield* chunked(command("RPUSH", key), event.value, bounds, (item) => [item]);
      break;
    case "set":
      yield* chunked(command("SADD", key), event.value, bounds, (item) => [item]);
      break;
    case "zset":
      yield* chunked(command("ZADD", key), event.value, bounds, ({ score, member }) => [
        encodeUtf8(scoreText(score)),
        member,
      ]);
      break;
    case "hash":
      yield* rebuildHash(key, event.value, bounds);
      break;
    case "array":
      yield* chunked(command("ARMSET", key), event.value, bounds, ({ index, value }) => [
        encodeUtf8(String(index)),
        value,
      ]);
      break;
    default:
      throw new ReplicaError(
        "UNSUPPORTED",
        `Cannot rebuild a value of type ${event.type} by commands: read it at level raw to restore it`,
        { db: event.db, key, type: event.type },
      );
  }
}

function* rebuildString(
  key: Uint8Array,
  value: Uint8Array,
  first: "SET" | "APPEND",
  { maxBytes }: ArgumentBounds,
): Iterable<Arguments> {
  yield command(first, key, value.length > maxBytes ? value.subarray(0, maxBytes) : value);
  for (let at = maxBytes; at < value.length; at += maxBytes) {
    yield command("APPEND", key, value.subarray(at, at + maxBytes));
  }
}

function* rebuildHash(
  key: Uint8Array,
  fields: readonly HashField[],
  bounds: ArgumentBounds,
): Iterable<Arguments> {
  yield* chunked(command("HSET", key), fields, bounds, ({ field, value }) => [field, value]);
  const byTime = new Map<number, Uint8Array[]>();
  for (const { field, expireAt } of fields) {
    if (expireAt === undefined) continue;
    const same = byTime.get(expireAt);
    if (same === undefined) byTime.set(expireAt, [field]);
    else same.push(field);
  }
  for (const [expireAt, same] of byTime) {
    for (const part of chunked([], same, { ...bounds, maxArgs: bounds.maxArgs - 6 }, (field) => [field])) {
      yield [...command("HPEXPIREAT", key, expireAt, "FIELDS", part.length), ...part];
    }
  }
}

/** The shortest text that servers read as the same double. */
function scoreText(score: number): string {
  if (score === Number.POSITIVE_INFINITY) return "inf";
  if (score === Number.NEGATIVE_INFINITY) return "-inf";
  return Object.is(score, -0) ? "-0" : String(score);
}

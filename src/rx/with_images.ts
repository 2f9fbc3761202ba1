import type { OperatorFunction } from "rxjs";
import { latin1, utf8 } from "../bytes/text.ts";
import { keysOf } from "../commands/keys.ts";
import type { AofCommand, Position, RedisEvent, ZsetMember } from "../events.ts";
import type { Derivation } from "../notifications/derive/derivation.ts";
import { NotificationDeriver } from "../notifications/derive/deriver.ts";
import { ExactSet } from "../notifications/derive/exact_set.ts";
import { HashValues, StringValue } from "../notifications/derive/kept_values.ts";
import { ListValues } from "../notifications/derive/list_state.ts";
import { ZsetValues } from "../notifications/derive/zset_values.ts";
import { encodeLatin1 } from "../notifications/latin1.ts";
import { selectKeys } from "../notifications/select_keys.ts";
import type { KeySelection } from "../stream/filter_keys.ts";
import { operate } from "./operate.ts";

/** Of which keys {@link withImages} keeps the values, and how much of them. */
export interface WithImagesOptions {
  /** Only these keys: globs, or a function. */
  readonly keys: KeySelection;
  /** Only these databases. Default: all. */
  readonly dbs?: readonly number[] | undefined;
  /** Bytes of the shadow store at most, about. Beyond, values are given up and images become `undefined`. Default 256 MiB. */
  readonly maxBytes?: number | undefined;
  /** Bytes of one value above which it has no image. Default 1 MiB. */
  readonly maxValueBytes?: number | undefined;
}

/** The value of a key at one moment. */
export type Image = { readonly expireAt: number | undefined } & (
  | { readonly type: "string"; readonly value: Uint8Array }
  | { readonly type: "list" | "set"; readonly value: readonly Uint8Array[] }
  | { readonly type: "zset"; readonly value: readonly ZsetMember[] }
  | { readonly type: "hash"; readonly value: readonly (readonly [field: Uint8Array, value: Uint8Array])[] }
);

/** What one command did to one key. */
export interface KeyChange {
  readonly kind: "change";
  readonly db: number;
  readonly key: Uint8Array;
  readonly keyText: string;
  /** Names of the derived notifications of this key, in order. */
  readonly events: readonly string[];
  /** The value before the command; `null`: there was no such key; `undefined`: not known. */
  readonly before: Image | null | undefined;
  /** The value after it; `null` and `undefined` as above. */
  readonly after: Image | null | undefined;
  readonly command: AofCommand;
  readonly offset: number;
  /** The last position that contains this change and all before it; that before the command for all but its last change. */
  readonly position: Position | undefined;
  readonly shard: string | undefined;
}

/**
 * Turns commands into changes of keys with the values before and after, from a bounded shadow store that the snapshot of the same
 * source has filled. Other events are not passed on. Applies what servers apply to strings, lists, sets, sorted sets and
 * hashes; where it cannot (bit operations, HyperLogLogs, streams, modules, float increments of old servers) or must not (bounds)
 * the image is `undefined` until the key is written whole again.
 *
 * The source must bring its snapshot, whole values or parts, without filters of its own that leave selected keys out. Copies a
 * value twice a command, so choose few keys or small ones.
 *
 * Throws `TypeError` or `RangeError` for options that make no sense.
 *
 * @example
 * ```ts
 * import { type RedisEvent, withImages } from "rxreplica";
 * import { from, lastValueFrom } from "rxjs";
 *
 * // As much of events as this needs; a source such as replicate() gives whole ones.
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const args = ["SET", "user:1", "new"].map(bytes);
 * const key = { kind: "rdb", event: "key", db: 0, key: bytes("user:1"), type: "string", value: bytes("old"), part: 0, last: true, count: 1 };
 * const events = [
 *   { kind: "rdb", event: "begin" }, key, { kind: "rdb", event: "end" },
 *   { kind: "aof", event: "command", name: "SET", args, db: 0 },
 * ] as unknown as RedisEvent[];
 * const { before, after } = await lastValueFrom(from(events).pipe(withImages({ keys: "user:*" })));
 * const text = (image: typeof after) => (image?.type === "string" ? new TextDecoder().decode(image.value) : "?");
 * if (text(before) !== "old" || text(after) !== "new") throw new Error("unexpected");
 * ```
 */
export function withImages(options: WithImagesOptions): OperatorFunction<RedisEvent, KeyChange> {
  const { dbs, maxBytes = 256 * 1024 ** 2, maxValueBytes = 1024 ** 2 } = options;
  if (!(maxBytes >= 0 && maxValueBytes >= 0))
    throw new RangeError("Cannot keep images: maxBytes and maxValueBytes must be 0 or more");
  const matches = selectKeys(options.keys);
  const chosen = dbs === undefined ? undefined : new Set(dbs);
  const selects = (key: Uint8Array, db: number): boolean =>
    (chosen === undefined || chosen.has(db)) && matches(key, db);
  const make = (): NotificationDeriver =>
    new NotificationDeriver({
      level: "values",
      maxBytes,
      selects,
      dbs: chosen,
      tolerance: 20,
      clockOffset: 0,
      server: undefined,
      keepsAll: true,
    });
  return (source) =>
    operate<RedisEvent, KeyChange>(source, (destination) => {
      const shards = new Map<string | undefined, NotificationDeriver>();
      return {
        next(event) {
          let deriver = shards.get(event.shard);
          if (deriver === undefined) shards.set(event.shard, (deriver = make()));
          if (event.kind !== "aof" || event.event !== "command") {
            deriver.write(event);
            return;
          }
          for (const change of changesOf(deriver, event, selects, maxValueBytes)) {
            destination.next(change);
            if (destination.closed) return;
          }
        },
      };
    });
}

function changesOf(
  deriver: NotificationDeriver,
  command: AofCommand,
  selects: (key: Uint8Array, db: number) => boolean,
  maxBytes: number,
): KeyChange[] {
  const known = deriver.known;
  const before = new Map<string, Image | null | undefined>();
  const { position } = deriver;
  for (const { key, db = command.db } of keysOf(command.args) ?? []) {
    if (selects(key, db)) before.set(`${db} ${latin1(key)}`, imageOf(known, key, db, maxBytes));
  }
  const byKey = new Map<string, { key: Uint8Array; db: number; events: string[] }>();
  for (const told of deriver.write(command)) {
    if (told.event === "gap" || told.source !== "derived") continue;
    const { key, db, event } = told as Extract<typeof told, { db: number }>;
    const name = `${db} ${latin1(key)}`;
    const found = byKey.get(name);
    if (found === undefined) byKey.set(name, { key, db, events: [event] });
    else found.events.push(event);
  }
  const last = byKey.size - 1;
  return [...byKey].map(([name, { key, db, events }], index) => ({
    kind: "change",
    db,
    key,
    keyText: utf8(key),
    events,
    // A key that is told as new was not there, even where nothing was known of it.
    before: events[0] === "new" ? (before.get(name) ?? null) : before.get(name),
    after: imageOf(known, key, db, maxBytes),
    command,
    offset: command.offset,
    position: index === last ? command.position : position,
    shard: command.shard,
  }));
}

function imageOf(d: Derivation, key: Uint8Array, db: number, maxBytes: number): Image | null | undefined {
  const presence = d.presence(key, db);
  if (presence !== "yes") return presence === "no" ? null : undefined;
  const contents = d.contents(key, db);
  if (contents === undefined || contents.bytes > maxBytes) return undefined;
  const expireAt = d.ttlOf(key, db);
  if (contents instanceof StringValue)
    return { type: "string", value: encodeLatin1(contents.text), expireAt };
  if (contents instanceof ListValues)
    return { type: "list", value: contents.values().map(encodeLatin1), expireAt };
  if (contents instanceof ExactSet)
    return { type: "set", value: [...contents.members].map(encodeLatin1), expireAt };
  if (contents instanceof ZsetValues) {
    const value = contents.ordered().map(([member, score]) => ({ member: encodeLatin1(member), score }));
    return { type: "zset", value, expireAt };
  }
  if (!(contents instanceof HashValues)) return undefined;
  const fields: [Uint8Array, Uint8Array][] = [];
  for (const [field, value] of contents.values) {
    if (value === undefined) return undefined;
    fields.push([encodeLatin1(field), encodeLatin1(value)]);
  }
  return { type: "hash", value: fields, expireAt };
}

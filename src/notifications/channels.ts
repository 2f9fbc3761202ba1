import { concat } from "../bytes/concat.ts";
import { encodeUtf8, latin1 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import { flagOf } from "./event_flags.ts";
import type { NotificationChannel, NotificationFlag, NotificationFlags } from "./flags.ts";

/** One publication of a server. */
export interface NotificationMessage {
  readonly channel: Uint8Array;
  readonly payload: Uint8Array;
}

/** What happened to a key, as {@link messagesFor} needs it. */
export interface KeyHappening {
  readonly db: number;
  /** Event name, such as `set` or `rename_from`. */
  readonly event: string;
  readonly key: Uint8Array;
  /** Fields of a hash that the event is about, for the channels of sub-keys (Redis ≥ 8.8). Default none. */
  readonly fields?: readonly Uint8Array[] | undefined;
  /** The event's class where it is not that of its name (modules; `hexpired` of Valkey's background task is `x`). */
  readonly flag?: NotificationFlag | undefined;
}

const LF = 0x0a;

/**
 * The messages that a server with these flags publishes for an event, in its order: keyspace, keyevent, then the sub-key
 * channels of Redis 8.8 for events with fields (`notify.c`, `notifyKeyspaceEvent`). Keys and fields are copied raw.
 *
 * @example
 * ```ts
 * import { messagesFor, parseFlags } from "rxreplica";
 *
 * const key = new TextEncoder().encode("k");
 * const text = new TextDecoder();
 * const sent = messagesFor(parseFlags("KEA"), { db: 3, event: "set", key });
 * const shown = sent.map(({ channel, payload }) => `${text.decode(channel)} ${text.decode(payload)}`);
 * if (shown.join("; ") !== "__keyspace@3__:k set; __keyevent@3__:set k") throw new Error(`unexpected ${shown}`);
 * ```
 */
export function messagesFor(flags: NotificationFlags, happening: KeyHappening): NotificationMessage[] {
  const { db, event, key, fields = [] } = happening;
  const flag = happening.flag ?? flagOf(event);
  if (!flags.has(flag)) return [];
  const name = encodeUtf8(event);
  const messages: NotificationMessage[] = [];
  const put = (kind: NotificationChannel, tail: readonly Uint8Array[], payload: Uint8Array): void => {
    messages.push({ channel: concat([encodeUtf8(`__${kind}@${db}__:`), ...tail]), payload });
  };
  if (flags.has("K")) put("keyspace", [key], name);
  if (flags.has("E")) put("keyevent", [name], key);
  if (flag !== "h" || fields.length === 0) return messages;
  const list = lengthPrefixed(fields);
  const bar = encodeUtf8("|");
  const plain = !event.includes("|");
  if (flags.has("S") && plain) put("subkeyspace", [key], concat([name, bar, list]));
  if (flags.has("T")) put("subkeyevent", [name], concat([lengthPrefixed([key]), bar, list]));
  if (flags.has("I") && !key.includes(LF)) {
    for (const field of fields) put("subkeyspaceitem", [key, Uint8Array.of(LF), field], name);
  }
  if (flags.has("V") && plain) put("subkeyspaceevent", [name, bar, key], list);
  return messages;
}

/** `<len>:<bytes>`, joined by commas. */
function lengthPrefixed(items: readonly Uint8Array[]): Uint8Array {
  return concat(
    items.flatMap((item, index) => [encodeUtf8(`${index === 0 ? "" : ","}${item.length}:`), item]),
  );
}

/** A message of a keyspace or keyevent channel, taken apart. Views of the message. */
export interface ParsedNotification {
  readonly source: "keyspace" | "keyevent";
  readonly db: number;
  readonly event: string;
  readonly key: Uint8Array;
}

const PREFIX = "__key";
const MAX_HEAD = 40;

/**
 * Takes a message of a `__keyspace@<db>__:` or `__keyevent@<db>__:` channel apart, byte by byte: keys may hold anything.
 *
 * Throws `ReplicaError` `MALFORMED` for any other channel.
 *
 * @example
 * ```ts
 * import { parseNotification } from "rxreplica";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const { db, event, key } = parseNotification(bytes("__keyspace@0__:a__:b"), bytes("set"));
 * if (db !== 0 || event !== "set" || key.length !== 5) throw new Error("unexpected");
 * ```
 */
export function parseNotification(channel: Uint8Array, payload: Uint8Array): ParsedNotification {
  const head = latin1(channel, 0, Math.min(channel.length, MAX_HEAD));
  const match = /^__key(space|event)@(\d{1,10})__:/.exec(head);
  if (match === null) {
    throw new ReplicaError(
      "MALFORMED",
      `Cannot read notification: the channel must look like ${PREFIX}space@0__:key or ${PREFIX}event@0__:event, got ${JSON.stringify(head)}`,
    );
  }
  const tail = channel.subarray(match[0].length);
  const db = Number(match[2]);
  return match[1] === "space"
    ? { source: "keyspace", db, event: latin1(payload), key: tail }
    : { source: "keyevent", db, event: latin1(tail), key: payload };
}

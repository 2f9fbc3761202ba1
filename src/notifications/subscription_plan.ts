import { concat } from "../bytes/concat.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import type { KeyPredicate, KeySelection } from "../stream/filter_keys.ts";
import type { ParsedNotification } from "./channels.ts";
import { flagOf } from "./event_flags.ts";
import type { NotificationFlag } from "./flags.ts";
import { selectKeys } from "./select_keys.ts";

/** Which notifications are wanted. */
export interface NotificationSelection {
  /** Channels to subscribe to: by event or by key. Both tell the same. Default `"keyevent"`; `"keyspace"` when only `keys` are given. */
  readonly channel?: "keyevent" | "keyspace" | undefined;
  /** Only these databases. Default: that of the URL, else all. */
  readonly dbs?: readonly number[] | undefined;
  /** Only keys that match: globs, the bytes of one key, lists of these, or a function. Default: all. */
  readonly keys?: KeySelection | undefined;
  /** Only events of these names. Default: all. */
  readonly events?: readonly string[] | undefined;
}

/** What to subscribe to, what the server must have switched on, and what of the rest to let pass. */
export interface SubscriptionPlan {
  readonly channels: readonly Uint8Array[];
  readonly patterns: readonly Uint8Array[];
  /** The letters needed; a class stands for any class when no events are named. */
  readonly channelFlag: "K" | "E";
  readonly classes: readonly NotificationFlag[];
  readonly passes: (found: ParsedNotification) => boolean;
}

/** Chooses the narrowest channels for a selection. Throws `TypeError` for one that makes no sense. */
export function planSubscription(selection: NotificationSelection): SubscriptionPlan {
  const { keys, events, dbs } = selection;
  if (events?.length === 0 || dbs?.length === 0)
    throw new TypeError("Cannot subscribe to notifications: an empty list of events or dbs selects nothing");
  for (const db of dbs ?? [])
    if (!Number.isSafeInteger(db) || db < 0)
      throw new TypeError(`Cannot subscribe to notifications: ${db} is no database number`);
  for (const event of events ?? [])
    if (!/^[a-z][a-z0-9_.:-]*$/i.test(event))
      throw new TypeError(`Cannot subscribe to notifications: ${JSON.stringify(event)} is no event name`);
  const globs = globsOf(keys);
  const channel =
    selection.channel ?? (globs !== undefined && events === undefined ? "keyspace" : "keyevent");
  const tails =
    channel === "keyspace"
      ? (globs ?? [{ exact: false, bytes: STAR }])
      : (events ?? ["*"]).map((name) => ({ exact: name !== "*", bytes: encodeUtf8(name) }));
  const channels: Uint8Array[] = [];
  const patterns: Uint8Array[] = [];
  for (const db of dbs ?? ["*"]) {
    const head = encodeUtf8(`__${channel}@${db}__:`);
    for (const { exact, bytes } of tails) {
      if (exact && db !== "*") channels.push(concat([head, bytes]));
      else patterns.push(concat([head, exact ? escapeGlob(bytes) : bytes]));
    }
  }
  const named = events === undefined ? undefined : new Set(events);
  const wanted = dbs === undefined ? undefined : new Set(dbs);
  const matches: KeyPredicate = selectKeys(keys);
  return {
    channels,
    patterns,
    channelFlag: channel === "keyspace" ? "K" : "E",
    classes: events === undefined ? [] : [...new Set(events.map(flagOf))],
    passes: ({ db, event, key }) =>
      (named === undefined || named.has(event)) &&
      (wanted === undefined || wanted.has(db)) &&
      matches(key, db),
  };
}

const STAR = encodeUtf8("*");
const SPECIAL: ReadonlySet<number> = new Set(encodeUtf8("*?[]\\^-"));

interface Tail {
  readonly exact: boolean;
  readonly bytes: Uint8Array;
}

/** Keys as ends of channel names; overlapping patterns would tell an event twice, so several become one for all. */
function globsOf(keys: KeySelection | undefined): readonly Tail[] | undefined {
  if (keys === undefined || typeof keys === "function") return undefined;
  const list = typeof keys === "string" || keys instanceof Uint8Array ? [keys] : keys;
  const patterns = list.filter((one) => typeof one === "string");
  if (list.length !== 1 && patterns.length > 0) return undefined;
  return list.map((one) =>
    typeof one === "string" ? { exact: false, bytes: encodeUtf8(one) } : { exact: true, bytes: one.slice() },
  );
}

function escapeGlob(bytes: Uint8Array): Uint8Array {
  const escaped: number[] = [];
  for (const byte of bytes) {
    if (SPECIAL.has(byte)) escaped.push(0x5c);
    escaped.push(byte);
  }
  return Uint8Array.from(escaped);
}

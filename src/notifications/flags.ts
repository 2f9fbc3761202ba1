import { ReplicaError } from "../errors.ts";

/** Event classes, in the order in which servers print them. */
const CLASSES = ["g", "$", "l", "s", "h", "z", "x", "e", "t", "d", "a", "n", "o", "c"] as const;
/** Channels and what is no class of `A`, in the order in which servers print them, after the classes. */
const CHANNELS = ["K", "E", "m", "S", "T", "I", "V"] as const;
/** What `A` stands for; `a` is known from Redis 8.8 on and means nothing before. */
const ALL_CLASSES: readonly NotificationFlag[] = ["g", "$", "l", "s", "h", "z", "x", "e", "t", "d", "a"];
const ORDER: readonly NotificationFlag[] = [...CLASSES, ...CHANNELS];
const KNOWN: ReadonlySet<string> = new Set(ORDER);

/** One letter of `notify-keyspace-events`: a class of events, or a kind of channel (`K E S T I V`). */
export type NotificationFlag = (typeof CLASSES)[number] | (typeof CHANNELS)[number];

/** A setting of `notify-keyspace-events`, taken apart. `A` is not in it: its classes are. */
export type NotificationFlags = ReadonlySet<NotificationFlag>;

/**
 * Reads a `notify-keyspace-events` string: letters in any order, repeated or not, `A` for all classes of values, `expired`
 * and `evicted`. The empty string is the servers' "off".
 *
 * Throws `ReplicaError` `CONFIG` for a letter that no server knows (`notify.c`, `keyspaceEventsStringToFlags`).
 *
 * @example
 * ```ts
 * import { formatFlags, parseFlags } from "rxreplica";
 *
 * if (formatFlags(parseFlags("gK$")) !== "g$K") throw new Error("unexpected");
 * ```
 */
export function parseFlags(text: string): NotificationFlags {
  const found = new Set<NotificationFlag>();
  for (const letter of text) {
    if (letter === "A") for (const flag of ALL_CLASSES) found.add(flag);
    else if (KNOWN.has(letter)) found.add(letter as NotificationFlag);
    else {
      throw new ReplicaError(
        "CONFIG",
        `Cannot read notification flags: unknown letter ${JSON.stringify(letter)}; use letters of A${ORDER.join("")}, such as KEA`,
      );
    }
  }
  return found;
}

/**
 * Writes flags as a `notify-keyspace-events` string, in the order in which servers print it: `A` or the classes, then the
 * channels.
 *
 * Servers leave `n`, `o` and `c` out of what they print when all of `A` is there, although they are active; a client that
 * writes such a string back switches them off. This writes them, unless `hide` asks for the servers' own words.
 *
 * @example
 * ```ts
 * import { formatFlags, parseFlags } from "rxreplica";
 *
 * const flags = parseFlags("KEAn");
 * if (formatFlags(flags) !== "AnKE" || formatFlags(flags, { hide: true }) !== "AKE") throw new Error("unexpected");
 * ```
 */
export function formatFlags(flags: NotificationFlags, options: { readonly hide?: boolean } = {}): string {
  const all = ALL_CLASSES.every((flag) => flags.has(flag));
  let text = all ? "A" : "";
  for (const flag of ORDER) {
    if (!flags.has(flag)) continue;
    if (all && (ALL_CLASSES.includes(flag) || (options.hide === true && CLASSES.includes(flag as "g"))))
      continue;
    text += flag;
  }
  return text;
}

/**
 * Joins flags: what any of them has.
 *
 * @example
 * ```ts
 * import { combineFlags, formatFlags, parseFlags } from "rxreplica";
 *
 * const both = combineFlags(parseFlags("Ex"), parseFlags("K$"));
 * if (formatFlags(both) !== "$xKE") throw new Error("unexpected");
 * ```
 */
export function combineFlags(...all: readonly NotificationFlags[]): NotificationFlags {
  const joined = new Set<NotificationFlag>();
  for (const flags of all) for (const flag of flags) joined.add(flag);
  return joined;
}

/** The kinds of channels that notifications come through, by the word their channels begin with. */
export type NotificationChannel =
  | "keyspace"
  | "keyevent"
  | "subkeyspace"
  | "subkeyevent"
  | "subkeyspaceitem"
  | "subkeyspaceevent";

const CHANNEL_FLAGS: readonly (readonly [flag: NotificationFlag, channel: NotificationChannel])[] = [
  ["K", "keyspace"],
  ["E", "keyevent"],
  ["S", "subkeyspace"],
  ["T", "subkeyevent"],
  ["I", "subkeyspaceitem"],
  ["V", "subkeyspaceevent"],
];

/**
 * The kinds of channels that a server with these flags publishes on, in its order; none without a class of events, for
 * channels alone publish nothing. The four of sub-keys speak of hashes only and need the class `h`.
 *
 * @example
 * ```ts
 * import { channelsOf, parseFlags } from "rxreplica";
 *
 * if (channelsOf(parseFlags("KEx")).join() !== "keyspace,keyevent") throw new Error("unexpected");
 * if (channelsOf(parseFlags("KE")).length !== 0) throw new Error("no class: nothing is published");
 * ```
 */
export function channelsOf(flags: NotificationFlags): NotificationChannel[] {
  const any = flags.has("m") || CLASSES.some((flag) => flags.has(flag));
  return CHANNEL_FLAGS.filter(([flag], index) => flags.has(flag) && (index < 2 ? any : flags.has("h"))).map(
    ([, channel]) => channel,
  );
}

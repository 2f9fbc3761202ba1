import { latin1 } from "../bytes/text.ts";
import type { PublishedNotification } from "../notifications/node_subscription.ts";
import type { DerivedNotification, NotificationGap } from "../notifications/notification.ts";

/** A derived notification whose cause pub/sub has told. */
export interface LabelledNotification extends DerivedNotification {
  /** What derivation alone had said; the same as `event` where it was right. */
  readonly derivedEvent: string;
  /** Whether pub/sub told this event: `false` for one that is exact by itself, or whose label was lost. */
  readonly labelled: boolean;
}

/** What goes on from the merge. */
export type Told = LabelledNotification | NotificationGap;

/** An event on its way: it goes on when it and all before it are decided. */
export interface Waiting {
  readonly one: DerivedNotification | NotificationGap;
  /** When it came, by the scheduler's clock. */
  readonly since: number;
  /** What goes on, nothing or several perhaps; `undefined` while its label is waited for. */
  told: readonly Told[] | undefined;
}

/** A published event that no derived one has taken yet. */
export interface Label {
  readonly event: string;
  readonly at: number;
}

/** What is open of one key: derived events whose label has not come, and labels whose event has not. Oldest first. */
export interface OpenKey {
  readonly events: Waiting[];
  readonly labels: Label[];
}

/** Published without any trace in the stream, so that no derived event ever takes them. */
const TRACELESS: ReadonlySet<string> = new Set(["keymiss", "ltrim", "xgroup-createconsumer"]);
/** How many events of a key a label is tried on. */
const REACH = 64;

export function isGap(
  one: DerivedNotification | PublishedNotification | NotificationGap,
): one is NotificationGap {
  return one.event === "gap";
}

/** Lets an event go on as it was derived. */
export function decide(waiting: Waiting): void {
  waiting.told ??= withLabel(waiting.one as DerivedNotification, waiting.one.event, false);
}

/** A later event of the key has its label already: this one's will not come, for it was lost or there was none. */
export function decideWithout(waiting: Waiting): void {
  const one = waiting.one as DerivedNotification;
  if (waiting.told === undefined && one.mayBe.includes("none")) waiting.told = [];
  else decide(waiting);
}

/** The first event that the oldest labels fit. */
export function firstFit(
  events: readonly Waiting[],
  labels: readonly Label[],
): { readonly index: number; readonly event: string; readonly used: number } | undefined {
  for (let index = 0; index < Math.min(events.length, REACH); index++) {
    const taken = take(events[index]!.one as DerivedNotification, labels);
    if (taken !== undefined) return { index, ...taken };
  }
  return undefined;
}

/** The label of an event among those of its key: the first that fits, past some that leave no trace. */
function take(
  one: DerivedNotification,
  labels: readonly { readonly event: string }[],
): { readonly event: string; readonly used: number } | undefined {
  for (let at = 0; at < labels.length; at++) {
    const { event } = labels[at]!;
    for (const other of one.mayBe) {
      const events = other.split("+");
      if (events.length > 1 || event === other) {
        if (events.every((name, index) => labels[at + index]?.event === name))
          return { event: other, used: at + events.length };
      }
    }
    if (event === one.event) return { event, used: at + 1 };
    if (!TRACELESS.has(event)) return undefined;
  }
  return undefined;
}

export function nameOf({ db, key, shard }: DerivedNotification | PublishedNotification): string {
  return `${shard ?? ""} ${db} ${latin1(key)}`;
}

/** An event under the name that pub/sub gave it, or under its own. `spop+del` becomes two events. */
export function withLabel(
  one: DerivedNotification,
  event: string,
  labelled: boolean,
): LabelledNotification[] {
  const names = event.split("+");
  return names.map((name, index) => ({
    kind: "notification",
    source: "derived",
    db: one.db,
    event: name,
    key: one.key,
    keyText: one.keyText,
    at: one.at,
    shard: one.shard,
    certainty: labelled ? "exact" : one.certainty,
    mayBe: labelled ? [] : one.mayBe,
    level: one.level,
    command: one.command,
    offset: one.offset,
    // Resuming between the two would lose the second.
    position: index === names.length - 1 ? one.position : undefined,
    receivedAt: one.receivedAt,
    derivedEvent: one.event,
    labelled,
  }));
}

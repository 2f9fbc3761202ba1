import { asyncScheduler, Observable, type SchedulerLike, type Subscriber, type Subscription } from "rxjs";
import { latin1 } from "../bytes/text.ts";
import type { PublishedNotification } from "../notifications/node_subscription.ts";
import type { DerivedNotification, NotificationGap } from "../notifications/notification.ts";

/** How long {@link mergeNotifications} waits for a label, and for how many it waits at once. */
export interface MergeNotificationsOptions {
  /** ms that an event in doubt waits for its label at most. Default 1000. */
  readonly window?: number | undefined;
  /** Derived events that may wait, and labels that are kept for events to come. Beyond, the oldest go on as they are. Default 10,000. */
  readonly maxWaiting?: number | undefined;
  /** Measures `window`. Default: RxJS' `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** A derived notification whose cause pub/sub has told. */
export interface LabelledNotification extends DerivedNotification {
  /** What derivation alone had said; the same as `event` where it was right. */
  readonly derivedEvent: string;
  /** Whether pub/sub told this event: `false` for one that is exact by itself, or whose label was lost. */
  readonly labelled: boolean;
}

/**
 * Joins derived notifications, which are complete, with published ones, which know causes that the stream does not show: `spop`
 * or `srem`, `incrbyfloat` or `set`, `evicted` or `del`. What pub/sub says is matched by key and order, and used for nothing but
 * labels; an event whose label does not come within `window` goes on as it was derived. Events keep the order of the stream, so
 * that one in doubt holds up those behind it.
 *
 * Published events must be of all keys and classes that are derived, from before derivation begins or with a gap since. Gaps of
 * pub/sub are not passed on: they cost labels only.
 *
 * @example
 * ```ts
 * import { type DerivedNotification, mergeNotifications, type PublishedNotification } from "rxreplica";
 * import { lastValueFrom, of } from "rxjs";
 *
 * const base = { kind: "notification", db: 0, key: new TextEncoder().encode("k"), keyText: "k" };
 * const derived = { ...base, event: "srem", certainty: "generic", mayBe: ["spop"] } as unknown as DerivedNotification;
 * const published = { ...base, event: "spop" } as unknown as PublishedNotification;
 * const told = await lastValueFrom(mergeNotifications(of(derived), of(published)));
 * if (told.event !== "spop") throw new Error(`unexpected ${told.event}`);
 * ```
 */
export function mergeNotifications(
  derived: Observable<DerivedNotification | NotificationGap>,
  published: Observable<PublishedNotification | NotificationGap>,
  options: MergeNotificationsOptions = {},
): Observable<LabelledNotification | NotificationGap> {
  const { window = 1000, maxWaiting = 10_000, scheduler = asyncScheduler } = options;
  if (!(window >= 0))
    throw new RangeError(`Cannot merge notifications: window must be 0 ms or more, got ${window}`);
  if (!(maxWaiting >= 1))
    throw new RangeError(`Cannot merge notifications: maxWaiting must be 1 or more, got ${maxWaiting}`);
  return new Observable((destination) => {
    const merger = new Merger({ window, maxWaiting, scheduler }, destination);
    // Labels first: those that are there already must be known when the first derived event comes.
    destination.add(
      published.subscribe({
        next: (one) => merger.label(one),
        error: () => merger.unlabelled(),
        complete: () => {},
      }),
    );
    destination.add(
      derived.subscribe({
        next: (one) => merger.derive(one),
        error: (error: unknown) => merger.end(() => destination.error(error)),
        complete: () => merger.end(() => destination.complete()),
      }),
    );
    destination.add(() => merger.stop());
  });
}

type Told = LabelledNotification | NotificationGap;

/** An event on its way: it goes on when it and all before it are decided. */
interface Waiting {
  readonly one: DerivedNotification | NotificationGap;
  /** When it came, by the scheduler's clock. */
  readonly since: number;
  /** What goes on, nothing or several perhaps; `undefined` while its label is waited for. */
  told: readonly Told[] | undefined;
}

interface Label {
  readonly event: string;
  readonly at: number;
}

/** What is open of one key: derived events whose label has not come, and labels whose event has not. Oldest first. */
interface OpenKey {
  readonly events: Waiting[];
  readonly labels: Label[];
}

/** Published without any trace in the stream, so that no derived event ever takes them. */
const TRACELESS: ReadonlySet<string> = new Set(["keymiss", "ltrim", "xgroup-createconsumer"]);
/** How many events of a key a label is tried on. */
const REACH = 64;

class Merger {
  readonly #settings: {
    readonly window: number;
    readonly maxWaiting: number;
    readonly scheduler: SchedulerLike;
  };
  readonly #destination: Subscriber<Told>;
  readonly #open: Map<string, OpenKey> = new Map();
  #openCount = 0;
  /** All that wait, in the order of the stream; `#first` is the oldest. */
  #waiting: Waiting[] = [];
  #first = 0;
  #timer: Subscription | undefined = undefined;
  #ended: (() => void) | undefined = undefined;
  #live = true;
  /** Events that arrived before are not labelled: theirs were lost. Unix ms. */
  #deafUntil = Number.NEGATIVE_INFINITY;

  constructor(
    settings: { readonly window: number; readonly maxWaiting: number; readonly scheduler: SchedulerLike },
    destination: Subscriber<Told>,
  ) {
    this.#settings = settings;
    this.#destination = destination;
  }

  derive(one: DerivedNotification | NotificationGap): void {
    const waiting: Waiting = { one, since: this.#settings.scheduler.now(), told: undefined };
    this.#waiting.push(waiting);
    if (isGap(one)) waiting.told = [one];
    else {
      const heard = this.#live && (one.at === undefined || one.at > this.#deafUntil);
      // What is exact waits for nothing, but takes its own label so that no other event does.
      if (one.certainty === "exact" || !heard) waiting.told = withLabel(one, one.event, false);
      if (heard) {
        const key = nameOf(one);
        this.#openKey(key).events.push(waiting);
        this.#openCount++;
        this.#match(key);
      }
    }
    if (this.#waiting.length - this.#first > this.#settings.maxWaiting) decide(this.#waiting[this.#first]!);
    this.#tidy();
    this.#flush();
  }

  label(one: PublishedNotification | NotificationGap): void {
    if (isGap(one)) {
      // What was not heard cannot be matched, and what is left of before would be taken for something else.
      this.#deafUntil = one.to ?? this.#deafUntil;
      this.#giveUp();
      return;
    }
    if (one.event === "keymiss") return;
    const key = nameOf(one);
    this.#openKey(key).labels.push({ event: one.event, at: this.#settings.scheduler.now() });
    this.#openCount++;
    this.#match(key);
    this.#tidy();
    this.#flush();
  }

  /** Pub/sub is gone: nothing waits for it any more. */
  unlabelled(): void {
    this.#live = false;
    this.#giveUp();
  }

  end(then: () => void): void {
    this.#ended = then;
    this.#flush();
  }

  stop(): void {
    this.#timer?.unsubscribe();
    this.#open.clear();
    this.#waiting = [];
  }

  #giveUp(): void {
    for (let at = this.#first; at < this.#waiting.length; at++) decide(this.#waiting[at]!);
    this.#open.clear();
    this.#openCount = 0;
    this.#flush();
  }

  #openKey(name: string): OpenKey {
    let key = this.#open.get(name);
    if (key === undefined) this.#open.set(name, (key = { events: [], labels: [] }));
    return key;
  }

  /** Gives the labels of a key to its events, in order. */
  #match(name: string): void {
    const { events, labels } = this.#openKey(name);
    const stale = this.#settings.scheduler.now() - this.#settings.window;
    while (events.length > 0 && labels.length > 0) {
      const found = firstFit(events, labels);
      if (found === undefined) {
        // It may be that of an event yet to come, but not for ever.
        if (labels[0]!.at >= stale) break;
        labels.shift();
        this.#openCount--;
        continue;
      }
      const { index, event, used } = found;
      for (const passed of events.splice(0, index)) decideWithout(passed);
      const waiting = events.shift()!;
      waiting.told ??= withLabel(waiting.one as DerivedNotification, event, true);
      labels.splice(0, used);
      this.#openCount -= index + 1 + used;
    }
    if (events.length === 0 && labels.length === 0) this.#open.delete(name);
  }

  /** Forgets what has been open for too long, when there is much of it. */
  #tidy(): void {
    const { maxWaiting, scheduler, window } = this.#settings;
    if (this.#openCount <= 2 * maxWaiting) return;
    const limit = scheduler.now() - 2 * window;
    this.#openCount = 0;
    for (const [name, key] of this.#open) {
      const events = key.events.filter((one) => one.told === undefined || one.since > limit);
      const labels = key.labels.filter((one) => one.at > limit);
      if (events.length + labels.length === 0) this.#open.delete(name);
      else this.#open.set(name, { events, labels });
      this.#openCount += events.length + labels.length;
    }
    // All of it is recent: too much comes at once to be matched.
    if (this.#openCount > 2 * maxWaiting) this.#giveUp();
  }

  #flush(): void {
    const waiting = this.#waiting;
    while (this.#first < waiting.length) {
      const { told } = waiting[this.#first]!;
      if (told === undefined) break;
      this.#first++;
      for (const event of told) this.#destination.next(event);
    }
    if (this.#first === this.#waiting.length || this.#first > 1024) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    const oldest = this.#waiting[this.#first];
    if (oldest === undefined) {
      this.#timer?.unsubscribe();
      this.#timer = undefined;
      this.#ended?.();
      return;
    }
    if (this.#timer !== undefined) return;
    const { scheduler, window } = this.#settings;
    this.#timer = scheduler.schedule(
      () => {
        this.#timer = undefined;
        const limit = scheduler.now() - window;
        for (let at = this.#first; at < this.#waiting.length; at++) {
          if (this.#waiting[at]!.since > limit) break;
          decide(this.#waiting[at]!);
        }
        this.#flush();
      },
      Math.max(0, oldest.since + window - scheduler.now()),
    );
  }
}

function isGap(one: DerivedNotification | PublishedNotification | NotificationGap): one is NotificationGap {
  return one.event === "gap";
}

/** Lets an event go on as it was derived. */
function decide(waiting: Waiting): void {
  waiting.told ??= withLabel(waiting.one as DerivedNotification, waiting.one.event, false);
}

/** A later event of the key has its label already: this one's will not come, for it was lost or there was none. */
function decideWithout(waiting: Waiting): void {
  const one = waiting.one as DerivedNotification;
  if (waiting.told === undefined && one.mayBe.includes("none")) waiting.told = [];
  else decide(waiting);
}

/** The first event that the oldest labels fit. */
function firstFit(
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

function nameOf({ db, key, shard }: DerivedNotification | PublishedNotification): string {
  return `${shard ?? ""} ${db} ${latin1(key)}`;
}

/** An event under the name that pub/sub gave it, or under its own. `spop+del` becomes two events. */
function withLabel(one: DerivedNotification, event: string, labelled: boolean): LabelledNotification[] {
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

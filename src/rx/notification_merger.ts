import type { SchedulerLike, Subscriber, Subscription } from "rxjs";
import type { PublishedNotification } from "../notifications/node_subscription.ts";
import type { DerivedNotification, NotificationGap } from "../notifications/notification.ts";
import {
  decide,
  decideWithout,
  firstFit,
  isGap,
  nameOf,
  type OpenKey,
  type Told,
  type Waiting,
  withLabel,
} from "./match_labels.ts";

/** How long the merge waits, and for how much. */
export interface MergerSettings {
  readonly window: number;
  readonly maxWaiting: number;
  readonly scheduler: SchedulerLike;
}

/** `mergeNotifications` at work on one subscription: holds derived events in order until their labels have come. */
export class NotificationMerger {
  readonly #settings: MergerSettings;
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

  constructor(settings: MergerSettings, destination: Subscriber<Told>) {
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

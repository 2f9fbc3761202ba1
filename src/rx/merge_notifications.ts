import { asyncScheduler, Observable, type SchedulerLike } from "rxjs";
import type { PublishedNotification } from "../notifications/node_subscription.ts";
import type { DerivedNotification, NotificationGap } from "../notifications/notification.ts";
import type { LabelledNotification } from "./match_labels.ts";
import { NotificationMerger } from "./notification_merger.ts";

/** How long {@link mergeNotifications} waits for a label, and for how many it waits at once. */
export interface MergeNotificationsOptions {
  /** ms that an event in doubt waits for its label at most. Default 1000. */
  readonly window?: number | undefined;
  /** Derived events that may wait, and labels that are kept for events to come. Beyond, the oldest go on as they are. Default 10,000. */
  readonly maxWaiting?: number | undefined;
  /** Measures `window`. Default: RxJS' `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
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
    const merger = new NotificationMerger({ window, maxWaiting, scheduler }, destination);
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

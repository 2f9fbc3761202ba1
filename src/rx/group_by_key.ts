import {
  asyncScheduler,
  Observable,
  type OperatorFunction,
  type SchedulerLike,
  Subject,
  type Subscriber,
  type Subscription,
} from "rxjs";
import { defaultCommandTable } from "../commands/keys.ts";
import type { RedisEvent } from "../events.ts";
import { identityOf, type KeyTable, visitKeys } from "./event_keys.ts";
import { operate } from "./operate.ts";

/** How much {@link groupByKey} keeps. */
export interface GroupByKeyOptions {
  /** Groups that are open at once; above, the one without an event for the longest time is completed. Default 10,000. */
  readonly maxGroups?: number | undefined;
  /** A group without an event for this long, ms, is completed. Default: only `maxGroups` closes groups. */
  readonly idle?: number | undefined;
  /** Where keys of commands are looked up. Default: the table of the servers' own commands. */
  readonly table?: KeyTable | undefined;
  /** Measures `idle`. Default: RxJS' `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** The events of one key, from the moment its group was opened; without a buffer, so subscribe at once. */
export class KeyGroup<T> extends Observable<T> {
  /** A copy of the key; `undefined` in the group of everything that has no key. */
  readonly key: Uint8Array | undefined;
  /** The db that it lives in; `undefined` in the group of everything that has no key. */
  readonly db: number | undefined;
  /** The cluster's shard. */
  readonly shard: string | undefined;

  constructor(
    events: Observable<T>,
    key: Uint8Array | undefined,
    db: number | undefined,
    shard: string | undefined,
  ) {
    super((subscriber) => events.subscribe(subscriber));
    this.key = key;
    this.db = db;
    this.shard = shard;
  }
}

/**
 * Parts a stream into one Observable a key (db and shard told apart). A command with several keys is in the group of each; what
 * has no key, or keys that cannot be told (link events, MULTI, FLUSHALL, a module's command), is in one more group, whose `key` is
 * `undefined`.
 *
 * Memory is bounded: at most `maxGroups` groups are open (that one aside), and a group that was completed for it or for `idle` opens again, as a new group, with
 * its key's next event. Groups hold no events; each ends with the source, and when the subscription to the whole ends.
 *
 * Throws `RangeError` for bounds that are not positive.
 *
 * @example
 * ```ts
 * import { groupByKey, readRdb } from "rxreplica";
 * import { count, filter, lastValueFrom, map, mergeMap, toArray } from "rxjs";
 *
 * const rdb = "REDIS0009\0\x01a\x01x\0\x01b\x01y\xff\0\0\0\0\0\0\0\0";
 * const counts = readRdb(Uint8Array.from(rdb, (byte) => byte.charCodeAt(0))).pipe(
 *   groupByKey({ maxGroups: 1000, idle: 60_000 }),
 *   filter((group) => group.key !== undefined),
 *   mergeMap((group) => group.pipe(count(), map((events) => `${String.fromCharCode(...group.key!)}:${events}`))),
 *   toArray(),
 * );
 * const found = (await lastValueFrom(counts)).sort().join();
 * if (found !== "a:1,b:1") throw new Error(`unexpected ${found}`);
 * ```
 */
export function groupByKey<T extends RedisEvent>(
  options: GroupByKeyOptions = {},
): OperatorFunction<T, KeyGroup<T>> {
  const { maxGroups = 10_000, idle, table = defaultCommandTable(), scheduler = asyncScheduler } = options;
  if (!(Number.isInteger(maxGroups) && maxGroups > 0)) {
    throw new RangeError(
      `Cannot group by key: maxGroups must be an integer from 1 on, got ${String(maxGroups)}`,
    );
  }
  if (idle !== undefined && !(idle > 0 && idle < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`Cannot group by key: idle must be ms above 0, got ${String(idle)}`);
  }
  const settings: Settings = { maxGroups, idle, table, scheduler };
  return (source) => operate(source, (destination) => new KeyGrouper(settings, destination));
}

interface Settings {
  readonly maxGroups: number;
  readonly idle: number | undefined;
  readonly table: KeyTable;
  readonly scheduler: SchedulerLike;
}

interface Open<T> {
  readonly events: Subject<T>;
  /** Time of the last event on the scheduler's clock. */
  at: number;
}

class KeyGrouper<T extends RedisEvent> {
  readonly #settings: Settings;
  readonly #destination: Subscriber<KeyGroup<T>>;
  /** By identity; the order is that of the last events. */
  readonly #groups = new Map<string, Open<T>>();
  #others: Subject<T> | undefined = undefined;
  #timer: Subscription | undefined = undefined;

  constructor(settings: Settings, destination: Subscriber<KeyGroup<T>>) {
    this.#settings = settings;
    this.#destination = destination;
    destination.add(() => {
      this.#timer?.unsubscribe();
      this.#endAll((events) => events.complete());
    });
  }

  next(event: T): void {
    const found = new Map<string, readonly [key: Uint8Array, db: number]>();
    const told = visitKeys(event, this.#settings.table, (key, db) => {
      found.set(identityOf(key, db, event.shard), [key, db]);
    });
    if (!told) {
      this.#other(event);
      return;
    }
    for (const [identity, [key, db]] of found) {
      if (this.#destination.closed) return;
      this.#groupOf(identity, key, db, event.shard).next(event);
    }
  }

  error(error: unknown): void {
    this.#endAll((events) => events.error(error));
    this.#destination.error(error);
  }

  complete(): void {
    this.#endAll((events) => events.complete());
    this.#destination.complete();
  }

  #groupOf(identity: string, key: Uint8Array, db: number, shard: string | undefined): Subject<T> {
    const { idle, maxGroups, scheduler } = this.#settings;
    const at = idle === undefined ? 0 : scheduler.now();
    const known = this.#groups.get(identity);
    if (known !== undefined) {
      known.at = at;
      this.#groups.delete(identity);
      this.#groups.set(identity, known);
      return known.events;
    }
    if (this.#groups.size >= maxGroups) this.#closeOldest();
    const events = new Subject<T>();
    this.#groups.set(identity, { events, at });
    if (idle !== undefined) this.#timer ??= scheduler.schedule(() => this.#tick(idle), idle);
    // A copy of the key: a view would keep its chunk for as long as the group is open.
    this.#destination.next(new KeyGroup(events, new Uint8Array(key), db, shard));
    return events;
  }

  #other(event: T): void {
    if (this.#others === undefined) {
      this.#others = new Subject();
      this.#destination.next(new KeyGroup(this.#others, undefined, undefined, undefined));
    }
    this.#others?.next(event);
  }

  #closeOldest(): void {
    for (const [identity, { events }] of this.#groups) {
      this.#groups.delete(identity);
      events.complete();
      return;
    }
  }

  /** Completes groups that have been idle, and waits for the next that will have been. */
  #tick(idle: number): void {
    const { scheduler } = this.#settings;
    this.#timer = undefined;
    const now = scheduler.now();
    for (const { at } of this.#groups.values()) {
      if (at + idle > now) {
        this.#timer = scheduler.schedule(() => this.#tick(idle), at + idle - now);
        return;
      }
      this.#closeOldest();
    }
  }

  #endAll(end: (events: Subject<T>) => void): void {
    const open = [...this.#groups.values()].map(({ events }) => events);
    if (this.#others !== undefined) open.push(this.#others);
    this.#groups.clear();
    this.#others = undefined;
    for (const events of open) end(events);
  }
}

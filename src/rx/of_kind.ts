import { filter, type OperatorFunction } from "rxjs";
import type { RedisEvent } from "../events.ts";

/** The kinds of events: `rdb`, `aof`, `link`. */
export type EventKind = RedisEvent["kind"];

/** The events of one kind by name, such as `key` for `rdb`. */
export type EventName<K extends EventKind> = Extract<RedisEvent, { kind: K }>["event"];

/** The type of the events that {@link ofKind} lets through. */
export type EventOf<K extends EventKind, E = EventName<K>> = Extract<RedisEvent, { kind: K; event: E }>;

/**
 * Keeps the events of one kind, or of one kind and name, and narrows their type accordingly.
 *
 * It drops everything else, `link: reset` and `link: progress` included: place `checkpoint` before it.
 *
 * @example
 * ```ts
 * import { ofKind, type RedisEvent } from "rxreplica";
 * import { lastValueFrom, map, of, toArray } from "rxjs";
 *
 * const placed = { position: undefined, receivedAt: undefined };
 * const source = of<RedisEvent[]>(
 *   { kind: "link", event: "online", offset: 5, ...placed },
 *   { kind: "rdb", event: "begin", version: 12, family: "redis", ...placed },
 * );
 * const versions = await lastValueFrom(source.pipe(ofKind("rdb", "begin"), map((begin) => begin.version), toArray()));
 * if (versions.join() !== "12") throw new Error("unexpected");
 * ```
 */
export function ofKind<K extends EventKind>(kind: K): OperatorFunction<RedisEvent, EventOf<K>>;
export function ofKind<K extends EventKind, E extends EventName<K>>(
  kind: K,
  event: E,
): OperatorFunction<RedisEvent, EventOf<K, E>>;
export function ofKind(kind: EventKind, event?: string): OperatorFunction<RedisEvent, RedisEvent> {
  return event === undefined
    ? filter((candidate) => candidate.kind === kind)
    : filter((candidate) => candidate.kind === kind && candidate.event === event);
}

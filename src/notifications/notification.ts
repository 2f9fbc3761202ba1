import type { AofCommand, ArrivalInterval, Position } from "../events.ts";

/**
 * How sure a derived notification is.
 *
 * - `exact`: the primary publishes this event for this key at this place.
 * - `likely`: it depends on a time stamp within the uncertainty of clocks, or on state that the level does not keep.
 * - `generic`: the stream shows what happened to the data but not why; `mayBe` lists what the primary may have said instead.
 */
export type Certainty = "exact" | "likely" | "generic";

/** How much derivation remembers of the data set. */
export const DERIVE_LEVELS = ["stateless", "keys", "members", "values"] as const;

/**
 * How much derivation remembers: nothing; keys with type and expiry time; their members as hashes; what range removals and
 * `*STORE` commands need. Each level makes more events exact.
 */
export type DeriveLevel = (typeof DERIVE_LEVELS)[number];

/** A keyspace event, wherever it comes from. */
export interface KeyspaceEvent {
  readonly kind: "notification";
  readonly db: number;
  /** The servers' name of the event, such as `set`, `rename_from` or `xgroup-create`. */
  readonly event: string;
  readonly key: Uint8Array;
  /** The key decoded as UTF-8. */
  readonly keyText: string;
  /** When it arrived here, Unix ms; `undefined` for files. */
  readonly at: number | undefined;
  /** The node or shard it came from, where there are several. */
  readonly shard: string | undefined;
}

/** A notification computed from the replication stream. */
export interface DerivedNotification extends KeyspaceEvent {
  readonly source: "derived";
  readonly certainty: Certainty;
  /** What else the primary may have published: an event name, or several joined by `+`. Empty when `certainty` is `exact`. */
  readonly mayBe: readonly string[];
  /** The level of state that it was derived with. */
  readonly level: DeriveLevel;
  /** The replicated command that caused it. */
  readonly command: AofCommand;
  /** Replication offset after that command. */
  readonly offset: number;
  /**
   * The last position that contains this notification and all before it, and none after: resuming there repeats nothing
   * and loses nothing. For all but the last notification of a command it is that before the command.
   */
  readonly position: Position | undefined;
  readonly receivedAt: ArrivalInterval | undefined;
}

/** A span of time, Unix ms, in which notifications may have been lost. */
export interface NotificationGap {
  readonly kind: "notification";
  readonly event: "gap";
  readonly key: undefined;
  readonly source: "keyspace" | "keyevent" | "derived";
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Why: what ended the connection, or why the replication stream began anew. */
  readonly reason: string;
  readonly shard: string | undefined;
  readonly position: Position | undefined;
}

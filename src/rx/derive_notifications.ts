import type { OperatorFunction } from "rxjs";
import { ReplicaError } from "../errors.ts";
import type { Position, RedisEvent } from "../events.ts";
import { type Derived, NotificationDeriver, STATE_VERSION } from "../notifications/derive/deriver.ts";
import { parseVersion, type ServerVersion } from "../notifications/derive/server_rules.ts";
import { flagOf } from "../notifications/event_flags.ts";
import { type NotificationFlags, parseFlags } from "../notifications/flags.ts";
import {
  DERIVE_LEVELS,
  type DerivedNotification,
  type DeriveLevel,
  type NotificationGap,
} from "../notifications/notification.ts";
import { selectKeys } from "../notifications/select_keys.ts";
import type { KeySelection } from "../stream/filter_keys.ts";
import { operate } from "./operate.ts";
import type { SavedState, Stateful } from "./saved.ts";

/** What {@link deriveNotifications} remembers, and of which keys it speaks. */
export interface DeriveNotificationsOptions {
  /** How much to remember of the data set. Default `"members"`. */
  readonly level?: DeriveLevel | undefined;
  /** Only keys that match: globs, or a function. Others are neither remembered nor told. Default: all. */
  readonly keys?: KeySelection | undefined;
  /** Only these databases. Default: all. */
  readonly dbs?: readonly number[] | undefined;
  /** Only events of these classes, as `notify-keyspace-events` letters; channels (`K`, `E`) mean nothing here. Default: all. */
  readonly flags?: string | NotificationFlags | undefined;
  /** Bytes of state at most, about; beyond, the level drops, as `level` of each event says. Default 1 GiB. */
  readonly maxBytes?: number | undefined;
  /** ms by which clocks and delays may mislead: an expiry time closer than that gives `likely`. Default 20. */
  readonly tolerance?: number | undefined;
  /** The primary's clock minus this machine's, ms. Default 0. */
  readonly clockOffset?: number | undefined;
  /** The primary's kind, instead of what the snapshot says: `{ family: "redis", version: "7.0" }`. */
  readonly server?: { readonly family: "redis" | "valkey"; readonly version: string } | undefined;
  /** Name of the state in a checkpoint. Default `"notifications"`. */
  readonly name?: string | undefined;
}

/** The operator, and its state for {@link checkpoint} and {@link restoreStates}. */
export interface NotificationDerivation
  extends OperatorFunction<RedisEvent, DerivedNotification | NotificationGap> {
  /** The state of the latest subscription. What is loaded before a subscription is what it begins with. */
  readonly state: Stateful;
  /** The level in use by the latest subscription; lower than asked for when memory ran out or state is missing. */
  readonly level: DeriveLevel;
  /** Keys remembered by the latest subscription, and the bytes this takes, about. */
  readonly usage: { readonly keys: number; readonly bytes: number };
}

const MAX_BYTES = 1024 ** 3;

/**
 * Computes the keyspace notifications that the primary publishes, from its replication stream: in order, without gaps across
 * reconnections, resumable by position, each with the command that caused it. The server needs no setting for it.
 *
 * Its state comes from the snapshot of the same source, which must not be filtered by type or key then (use `keys` and `dbs`
 * here). Resumed at a position without its state (see `state`), or attached with `snapshot: false`, it works at level
 * `stateless`, and each event says so. A `gap` comes where the stream itself began anew (`link: reset`).
 *
 * `expired` is told when the server deletes the key, not when its time ends. Some causes are not in the stream: `certainty` and
 * `mayBe` of an event tell. `keymiss` and LTRIM without effect leave no trace at all.
 *
 * Throws `TypeError` or `RangeError` for options that make no sense, `ReplicaError` `CONFIG` for unknown flags.
 *
 * @example
 * ```ts
 * import { deriveNotifications, type RedisEvent } from "rxreplica";
 * import { from, lastValueFrom, toArray } from "rxjs";
 *
 * // As much of a command as this needs; a source such as replicate() gives whole ones.
 * const args = ["RENAME", "a", "b"].map((text) => new TextEncoder().encode(text));
 * const command = { kind: "aof", event: "command", name: "RENAME", args, db: 0 } as unknown as RedisEvent;
 * const told = await lastValueFrom(from([command]).pipe(deriveNotifications(), toArray()));
 * const names = told.map(({ event }) => event).join();
 * if (names !== "new,rename_from,rename_to") throw new Error(`unexpected ${names}`);
 * ```
 */
export function deriveNotifications(options: DeriveNotificationsOptions = {}): NotificationDerivation {
  const run = new DerivationRun(options);
  const operator: OperatorFunction<RedisEvent, Derived> = (source) =>
    operate<RedisEvent, Derived>(source, (destination) => {
      const derivers = run.start();
      return {
        next(event) {
          for (const derived of derivers.write(event)) {
            if (run.tells(derived)) destination.next(derived);
            if (destination.closed) return;
          }
        },
      };
    });
  return Object.defineProperties(operator, {
    state: { value: run },
    level: { get: () => run.current?.level ?? run.level },
    usage: { get: () => run.current?.usage ?? { keys: 0, bytes: 0 } },
  }) as NotificationDerivation;
}

/** The options checked, and the state that goes from one subscription to the next. */
class DerivationRun implements Stateful {
  readonly name: string;
  readonly level: DeriveLevel;
  current: Derivers | undefined = undefined;
  readonly #make: () => NotificationDeriver;
  readonly #flags: NotificationFlags | undefined;
  #loaded: SavedState | undefined = undefined;

  constructor(options: DeriveNotificationsOptions) {
    const { level = "members", keys, dbs, flags, server } = options;
    if (!DERIVE_LEVELS.includes(level))
      throw new TypeError(`Cannot derive notifications: level must be one of ${DERIVE_LEVELS.join(", ")}`);
    this.level = level;
    this.name = options.name ?? "notifications";
    this.#flags = typeof flags === "string" ? parseFlags(flags) : flags;
    const matches = selectKeys(keys);
    const chosen = dbs === undefined ? undefined : new Set(dbs);
    const settings = {
      level,
      maxBytes: atLeastZero("maxBytes", options.maxBytes ?? MAX_BYTES),
      tolerance: atLeastZero("tolerance", options.tolerance ?? 20),
      clockOffset: options.clockOffset ?? 0,
      server: server === undefined ? undefined : versionOf(server),
      selects: (key: Uint8Array, db: number) => (chosen === undefined || chosen.has(db)) && matches(key, db),
      dbs: chosen,
    };
    this.#make = () => new NotificationDeriver(settings);
  }

  get position(): Position | undefined {
    return this.current === undefined ? this.#loaded?.position : this.current.position;
  }

  start(): Derivers {
    const derivers = new Derivers(this.#make);
    if (this.#loaded !== undefined) derivers.load(this.#loaded);
    this.#loaded = undefined;
    this.current = derivers;
    return derivers;
  }

  tells(derived: Derived): boolean {
    return this.#flags === undefined || derived.event === "gap" || this.#flags.has(flagOf(derived.event));
  }

  save(): SavedState {
    if (this.current === undefined) {
      if (this.#loaded !== undefined) return this.#loaded;
      throw new TypeError("Cannot save derived notifications: nothing was derived yet");
    }
    return this.current.save();
  }

  load(state: SavedState): void {
    if (state.version !== STATE_VERSION) {
      throw new ReplicaError(
        "UNSUPPORTED",
        `Cannot load the state of derived notifications: its version is ${state.version}, not ${STATE_VERSION}`,
      );
    }
    this.#loaded = state;
    this.current = undefined;
  }
}

/** One deriver a shard; a link that is no cluster's has one. */
class Derivers {
  readonly #make: () => NotificationDeriver;
  readonly #shards: Map<string | undefined, NotificationDeriver> = new Map();
  #last: NotificationDeriver | undefined = undefined;
  #position: Position | undefined = undefined;

  constructor(make: () => NotificationDeriver) {
    this.#make = make;
  }

  get level(): DeriveLevel {
    const levels = [...this.#shards.values()].map(({ level }) => DERIVE_LEVELS.indexOf(level));
    return DERIVE_LEVELS[levels.length === 0 ? 0 : Math.min(...levels)]!;
  }

  get usage(): { readonly keys: number; readonly bytes: number } {
    let keys = 0;
    let bytes = 0;
    for (const deriver of this.#shards.values()) {
      keys += deriver.keys;
      bytes += deriver.bytes;
    }
    return { keys, bytes };
  }

  get position(): Position | undefined {
    for (const deriver of this.#shards.values()) if (deriver.position === undefined) return undefined;
    // In a cluster the position of the last event speaks of all shards.
    return this.#shards.size > 1 ? this.#position : this.#last?.position;
  }

  write(event: RedisEvent): readonly Derived[] {
    let deriver = this.#shards.get(event.shard);
    if (deriver === undefined) this.#shards.set(event.shard, (deriver = this.#make()));
    this.#last = deriver;
    const derived = deriver.write(event);
    if (event.position !== undefined) this.#position = event.position;
    return derived;
  }

  save(): SavedState {
    const { position } = this;
    if (position === undefined)
      throw new TypeError("Cannot save derived notifications inside a snapshot or a transaction");
    const shards = [...this.#shards].map(([shard, deriver]) => ({ shard, ...deriver.save() }));
    return { version: STATE_VERSION, position, data: { shards } };
  }

  load(state: SavedState): void {
    const { shards } = state.data as { shards: { shard?: string; position: Position; data: unknown }[] };
    for (const { shard, position, data } of shards) {
      const deriver = this.#make();
      deriver.load(state.version, position, data);
      this.#shards.set(shard, deriver);
      this.#last = deriver;
    }
    this.#position = state.position;
  }
}

function atLeastZero(name: string, value: number): number {
  if (!(value >= 0))
    throw new RangeError(`Cannot derive notifications: ${name} must be 0 or more, got ${value}`);
  return value;
}

function versionOf(server: { readonly family: "redis" | "valkey"; readonly version: string }): ServerVersion {
  const version = parseVersion(server.version);
  if (version === undefined)
    throw new TypeError(
      `Cannot derive notifications: ${JSON.stringify(server.version)} is no version such as 7.0`,
    );
  return { family: server.family, version };
}

import { ReplicaError } from "../../errors.ts";
import type { AofCommand, ArrivalInterval, LinkEvent, Position, RdbEvent, RedisEvent } from "../../events.ts";
import type { DerivedNotification, DeriveLevel, NotificationGap } from "../notification.ts";
import { Derivation, type KeySelector } from "./derivation.ts";
import { DerivedEvent } from "./derived_event.ts";
import type { Found } from "./found.ts";
import { KeyState } from "./key_state.ts";
import { RULES } from "./rules/table.ts";
import { seedKey } from "./seed.ts";
import { DEFAULT_SERVER, parseVersion, ServerRules, type ServerVersion } from "./server_rules.ts";

/** What a deriver makes of an event. */
export type Derived = DerivedNotification | NotificationGap;

/** How a deriver works, defaults filled in. */
export interface DeriverOptions {
  readonly level: DeriveLevel;
  readonly maxBytes: number;
  readonly selects: KeySelector;
  /** The databases that `selects` lets in, `undefined` for all. */
  readonly dbs?: ReadonlySet<number> | undefined;
  readonly keepsAll?: boolean | undefined;
  readonly tolerance: number;
  readonly clockOffset: number;
  readonly server: ServerVersion | undefined;
}

/** The form of a saved state: 1. */
export const STATE_VERSION = 1;

const NONE: readonly Derived[] = [];

/**
 * Makes notifications of the events of one replication stream. A plain state machine: no clock, no I/O; what it is given and
 * what was given before is all that its answers depend on.
 */
export class NotificationDeriver {
  readonly #options: DeriverOptions;
  readonly #state: KeyState;
  readonly #d: Derivation;
  /** A snapshot has ended, or a state was loaded: the state says what the data set is. */
  #seeded = false;
  #seeding = false;
  #position: Position | undefined = undefined;
  #inTransaction = false;
  /** When the last event arrived, Unix ms. */
  #at: number | undefined = undefined;
  #aux: { redis?: string; valkey?: string } = {};
  #replayed: ArrivalInterval | undefined = undefined;

  constructor(options: DeriverOptions) {
    this.#options = options;
    this.#state = new KeyState(options.level, options.maxBytes);
    this.#d = new Derivation(this.#state, new ServerRules(options.server ?? DEFAULT_SERVER), options);
  }

  /** The level in use. */
  get level(): DeriveLevel {
    return this.#state.level;
  }

  /** What is known of the data set, for readers. */
  get known(): Derivation {
    return this.#d;
  }

  /** Keys remembered. */
  get keys(): number {
    return this.#state.keys;
  }

  /** Bytes of state, about. */
  get bytes(): number {
    return this.#state.bytes;
  }

  /** The position of the last event taken in; `undefined` inside a snapshot or a transaction. */
  get position(): Position | undefined {
    return this.#inTransaction || this.#seeding ? undefined : this.#position;
  }

  /** Takes the next event of the stream and says what the primary published because of it. */
  write(event: RedisEvent): readonly Derived[] {
    switch (event.kind) {
      case "aof":
        if (event.event === "command") return this.#command(event);
        this.#d.fileTime = { earliest: event.at, latest: event.at + 999 };
        return NONE;
      case "rdb":
        this.#snapshot(event);
        return NONE;
      default:
        return this.#link(event);
    }
  }

  save(): { readonly position: Position; readonly data: unknown } {
    const { position } = this;
    if (position === undefined)
      throw new TypeError("Cannot save derived notifications inside a snapshot or a transaction");
    return {
      position,
      data: { server: this.#d.rules.server, at: this.#at, state: this.#state.save() },
    };
  }

  /** Goes on from a saved state. A level above the one asked for is lowered to it; one below stays. */
  load(version: number, position: Position, data: unknown): void {
    if (version !== STATE_VERSION) {
      throw new ReplicaError(
        "UNSUPPORTED",
        `Cannot load the state of derived notifications: its version is ${version}, not ${STATE_VERSION}`,
      );
    }
    const { server, at, state } = data as { server: ServerVersion; at?: number; state: unknown };
    this.#state.load(state);
    this.#d.rules = new ServerRules(this.#options.server ?? server);
    while (this.#state.knows(this.#options.level) && this.#state.level !== this.#options.level)
      this.#state.lower();
    this.#at = at;
    this.#position = position;
    this.#seeded = true;
    this.#seeding = false;
    this.#inTransaction = false;
  }

  #snapshot(event: RdbEvent): void {
    switch (event.event) {
      case "begin":
        this.#begin();
        break;
      case "aux":
        if (event.key === "redis-ver") this.#aux.redis = event.valueText;
        else if (event.key === "valkey-ver") this.#aux.valkey = event.valueText;
        else break;
        this.#d.rules = new ServerRules(this.#options.server ?? serverOf(this.#aux));
        break;
      case "key":
        if (!this.#seeding) this.#begin();
        if (this.#state.level !== "stateless") seedKey(this.#d, event);
        this.#state.settle();
        break;
      case "end":
        this.#seeding = false;
        this.#seeded = true;
        this.#position = event.position;
        break;
    }
    if (event.receivedAt !== undefined) this.#at = event.receivedAt.latest;
  }

  #begin(): void {
    this.#aux = {};
    this.#seeding = true;
    this.#inTransaction = false;
    this.#d.notBefore = undefined;
    this.#d.held = undefined;
    this.#d.trail = undefined;
    this.#state.restart(this.#options.level);
  }

  #link(event: LinkEvent): readonly Derived[] {
    let gap: readonly Derived[] = NONE;
    if (event.event === "reset") gap = [this.#gap(event)];
    else if (event.event === "fullresync") this.#begin();
    else if (event.event === "continue") {
      // What was written meanwhile comes now: it is as old as what came last.
      this.#d.notBefore = this.#at;
      this.#replayed = undefined;
      if (!this.#seeded) this.#state.restart("stateless");
      this.#seeded = true;
    } else if (event.event === "online" && this.#seeding) {
      // The stream begins, and its snapshot was not asked for.
      this.#seeding = false;
      this.#state.restart("stateless");
      this.#seeded = true;
    }
    if (event.position !== undefined && !this.#inTransaction) this.#position = event.position;
    return gap;
  }

  #gap(event: LinkEvent & { readonly event: "reset" }): NotificationGap {
    return {
      kind: "notification",
      event: "gap",
      key: undefined,
      source: "derived",
      from: this.#at,
      to: event.receivedAt?.latest,
      reason: event.reason,
      shard: event.shard,
      position: event.position,
    };
  }

  #command(command: AofCommand): readonly Derived[] {
    // A stream that nobody said the beginning of.
    if (!this.#seeded) {
      this.#state.restart("stateless");
      this.#seeded = true;
    }
    const d = this.#d;
    const before = this.#position;
    const { level } = this.#state;
    this.#noteArrival(command);
    d.begin(command);
    const { name } = command;
    if (name === "MULTI") this.#inTransaction = true;
    else if (name === "EXEC" || name === "DISCARD") this.#inTransaction = false;
    RULES.get(name)?.(d);
    const found = d.held === undefined ? d.found : this.#release(name);
    d.trail = d.nextTrail;
    if (name === "MULTI" || name === "EXEC") d.readGroups.clear();
    this.#state.settle();
    const after = command.position;
    this.#position = after;
    if (found.length === 0) return NONE;
    const last = found.length - 1;
    return found.map(
      (one, index) => new DerivedEvent(one, command, level, index === last ? after : before, this.#at),
    );
  }

  /** What to say of a SETID that waited to see whether its CREATECONSUMER follows. */
  #release(name: string): Found[] {
    const d = this.#d;
    const { held, found } = d;
    if (held === undefined || (found.length === 0 && name === "XGROUP" && d.word(1) === "SETID"))
      return found;
    d.held = undefined;
    return d.readGroups.has(held.group) ? found : [held.found, ...found];
  }

  #noteArrival(command: AofCommand): void {
    const arrived = command.receivedAt;
    if (arrived === undefined) {
      this.#at = this.#d.fileTime?.latest;
      return;
    }
    this.#at = arrived.latest;
    if (this.#d.notBefore === undefined || arrived === this.#replayed) return;
    // The first bytes after a reconnection are old; the first that had to be waited for after them are not.
    if (this.#replayed !== undefined && arrived.earliest === arrived.latest) this.#d.notBefore = undefined;
    else this.#replayed = arrived;
  }
}

function serverOf({ redis, valkey }: { readonly redis?: string; readonly valkey?: string }): ServerVersion {
  const own = valkey === undefined ? undefined : parseVersion(valkey);
  if (own !== undefined) return { family: "valkey", version: own };
  const version = redis === undefined ? undefined : parseVersion(redis);
  return version === undefined ? DEFAULT_SERVER : { family: "redis", version };
}

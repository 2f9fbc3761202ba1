import type { AofCommand, ArrivalInterval, ValueType } from "../../events.ts";
import type { Collection } from "./collections.ts";
import { CommandWords } from "./command_words.ts";
import { type Doubt, type Found, SURE, type Trail } from "./found.ts";
import { freshContents } from "./fresh_contents.ts";
import { StringValue } from "./kept_values.ts";
import type { KeyState } from "./key_state.ts";
import { EMPTY_STRING, type KeyTable, MAYBE } from "./key_table.ts";
import type { ServerRules } from "./server_rules.ts";

/** Whether a key is there: `maybe` where the level does not tell. */
export type Presence = "yes" | "no" | "maybe";

/** How far an expiry time has come when a command ran. */
export type Expiry = "none" | "ahead" | "near-ahead" | "near-passed" | "passed" | "unknown";

/** Which keys are followed at all. */
export type KeySelector = (key: Uint8Array, db: number) => boolean;

const NONE: readonly string[] = [];

/** What a rule works with: one command, the state it changes, and the events it found. */
export class Derivation extends CommandWords {
  readonly state: KeyState;
  readonly selects: KeySelector;
  /** The databases that are followed, `undefined` for all. */
  readonly dbs: ReadonlySet<number> | undefined;
  /** Tolerance in ms for all comparisons of times. */
  readonly tolerance: number;
  /** The primary's clock minus ours, ms. */
  readonly clockOffset: number;
  /** Whether strings and the values of hashes are kept too, for images. */
  readonly keepsAll: boolean;
  rules: ServerRules;
  found: Found[] = [];
  /** Of the command right before this one. */
  trail: Trail | undefined = undefined;
  /** Of this command, for the next. */
  nextTrail: Trail | undefined = undefined;
  /** What arrived before the link was lost and comes again has no better time than this, Unix ms. */
  notBefore: number | undefined = undefined;
  /** The time in a file, by its last time annotation. */
  fileTime: ArrivalInterval | undefined = undefined;
  /** Groups that a transaction has read for, so that its SETID is the server's. */
  readonly readGroups: Set<string> = new Set();
  /** A SETID whose cause comes after it. */
  held: { readonly found: Found; readonly group: string } | undefined = undefined;

  constructor(
    state: KeyState,
    rules: ServerRules,
    options: {
      readonly selects: KeySelector;
      readonly dbs?: ReadonlySet<number> | undefined;
      readonly tolerance: number;
      readonly clockOffset: number;
      readonly keepsAll?: boolean | undefined;
    },
  ) {
    super();
    this.dbs = options.dbs;
    this.keepsAll = options.keepsAll ?? false;
    this.state = state;
    this.rules = rules;
    this.selects = options.selects;
    this.tolerance = options.tolerance;
    this.clockOffset = options.clockOffset;
  }

  begin(command: AofCommand): void {
    this.command = command;
    this.args = command.args;
    this.db = command.db;
    this.found = [];
    this.nextTrail = undefined;
  }

  // --- what happened --------------------------------------------------------------------------------------------------

  emit(event: string, key: Uint8Array, doubt: Doubt = SURE, db: number = this.db): void {
    if (!this.selects(key, db)) return;
    const { certainty, mayBe = NONE } = doubt;
    this.found.push({ event, key, db, certainty, mayBe });
  }

  // --- what is known --------------------------------------------------------------------------------------------------

  table(db: number = this.db): KeyTable {
    return this.state.table(db);
  }

  /** Whether keys of this name are followed. */
  follows(key: Uint8Array, db: number = this.db): boolean {
    return this.state.level !== "stateless" && this.selects(key, db);
  }

  presence(key: Uint8Array, db: number = this.db): Presence {
    if (!this.follows(key, db)) return "maybe";
    const table = this.table(db);
    const slot = table.find(key);
    if (slot < 0) return this.state.isUnknown(db) ? "maybe" : "no";
    return table.has(slot, MAYBE) ? "maybe" : "yes";
  }

  typeOf(key: Uint8Array, db: number = this.db): ValueType | undefined {
    if (!this.follows(key, db)) return undefined;
    const slot = this.table(db).find(key);
    return slot < 0 ? undefined : this.table(db).typeAt(slot);
  }

  ttlOf(key: Uint8Array, db: number = this.db): number | undefined {
    if (!this.follows(key, db)) return undefined;
    const slot = this.table(db).find(key);
    return slot < 0 ? undefined : this.table(db).ttlAt(slot);
  }

  setTtl(key: Uint8Array, at: number | undefined, db: number = this.db): void {
    if (!this.follows(key, db)) return;
    const slot = this.table(db).find(key);
    if (slot >= 0) this.table(db).setTtl(slot, at);
  }

  /** What is in a key, to read or to change; `undefined`: not known. */
  contents(key: Uint8Array, db: number = this.db): Collection | undefined {
    if (!this.follows(key, db)) return undefined;
    const table = this.table(db);
    const slot = table.find(key);
    if (slot < 0) return undefined;
    const contents = table.contentsAt(slot);
    if (contents !== undefined) this.state.touch(contents);
    return contents;
  }

  setContents(key: Uint8Array, contents: Collection | undefined, db: number = this.db): void {
    if (!this.follows(key, db)) return;
    const slot = this.table(db).find(key);
    if (slot >= 0) this.state.setContents(this.table(db), slot, contents);
  }

  /** Whether a key certainly holds an empty string or nothing, as BITOP sees it. */
  isEmptyString(key: Uint8Array): Presence {
    const presence = this.presence(key);
    if (presence !== "yes") return presence === "no" ? "yes" : "maybe";
    const slot = this.table().find(key);
    return this.table().has(slot, EMPTY_STRING) ? "yes" : "no";
  }

  markEmptyString(key: Uint8Array, empty: boolean): void {
    if (!this.follows(key)) return;
    const slot = this.table().find(key);
    if (slot >= 0) this.table().mark(slot, EMPTY_STRING, empty);
  }

  // --- changes --------------------------------------------------------------------------------------------------------

  /**
   * The key is there from now on, of this type: says `new` if it was not, and returns what is in it (`undefined`: unknown).
   */
  create(key: Uint8Array, type: ValueType): Collection | undefined {
    const presence = this.presence(key);
    if (presence === "no") this.tellNew(key);
    if (!this.follows(key)) return undefined;
    const table = this.table();
    const slot = table.put(key);
    if (presence === "yes" && table.typeAt(slot) === type) return this.contents(key);
    // Whether it was there is not known: nor is what was in it.
    const keptTtl = presence === "no" ? undefined : table.ttlAt(slot);
    table.setType(slot, type);
    table.setTtl(slot, keptTtl);
    this.state.setContents(table, slot, presence === "no" ? this.fresh(type) : undefined);
    return this.contents(key);
  }

  tellNew(key: Uint8Array, db: number = this.db): void {
    if (this.rules.tellsNew) this.emit("new", key, SURE, db);
  }

  /** A key is written anew with other contents: says `new`, or that it was overwritten, then the event. */
  replace(
    key: Uint8Array,
    type: ValueType,
    event: string | undefined,
    contents: Collection | undefined,
    doubt: Doubt = SURE,
  ): void {
    const presence = this.presence(key);
    const before = this.typeOf(key);
    if (presence === "no") this.tellNew(key);
    else if (presence === "yes") this.tellOverwritten(key, before, type);
    this.put(key, type, contents);
    if (event !== undefined) this.emit(event, key, doubt);
  }

  tellOverwritten(
    key: Uint8Array,
    before: ValueType | undefined,
    after: ValueType | undefined,
    db: number = this.db,
  ): void {
    if (!this.rules.tellsOverwritten) return;
    this.emit("overwritten", key, SURE, db);
    if (before !== after) this.emit("type_changed", key, SURE, db);
  }

  /** Puts a key in the place of whatever was there, without an expiry time. */
  put(
    key: Uint8Array,
    type: ValueType | undefined,
    contents: Collection | undefined,
    db: number = this.db,
  ): void {
    if (!this.follows(key, db)) return;
    const table = this.table(db);
    const slot = table.put(key);
    table.setType(slot, type);
    table.setTtl(slot, undefined);
    this.state.setContents(table, slot, contents);
  }

  forget(key: Uint8Array, db: number = this.db): void {
    if (!this.follows(key, db)) return;
    const slot = this.table(db).find(key);
    if (slot >= 0) this.state.remove(this.table(db), slot);
  }

  /** Something was taken out of a key: says `del` if nothing is left. */
  afterRemoval(key: Uint8Array): void {
    if (!this.follows(key)) return;
    const contents = this.contents(key);
    if (contents === undefined) {
      this.doubtExistence(key);
    } else if (contents.size === 0) {
      this.forget(key);
      this.emit("del", key);
    }
  }

  /** What is in a key, or whether it is there, cannot be told any more. */
  doubtExistence(key: Uint8Array): void {
    if (!this.follows(key)) return;
    const slot = this.table().put(key);
    this.state.setContents(this.table(), slot, undefined);
    this.table().mark(slot, MAYBE, true);
  }

  /** Contents for a new key of this type; `undefined` where the level keeps none. */
  fresh(type: ValueType): Collection | undefined {
    if (!this.state.knows("members")) return undefined;
    return freshContents(type, { values: this.state.knows("values"), all: this.keepsAll });
  }

  /** Contents for a string; `undefined` where they are not kept. */
  string(text: string): StringValue | undefined {
    return this.keepsAll && this.state.knows("values") ? new StringValue(text) : undefined;
  }

  // --- time -----------------------------------------------------------------------------------------------------------

  /** When the command reached us, by the primary's clock. */
  get interval(): ArrivalInterval | undefined {
    const arrived = this.command.receivedAt ?? this.fileTime;
    if (arrived === undefined) return undefined;
    const { clockOffset, notBefore } = this;
    const earliest = notBefore === undefined ? arrived.earliest : Math.min(notBefore, arrived.earliest);
    return { earliest: earliest + clockOffset, latest: arrived.latest + clockOffset };
  }

  /** Whether an expiry time had passed when the command ran. */
  expiryOf(ttl: number | undefined): Expiry {
    if (ttl === undefined) return "none";
    const { interval, tolerance } = this;
    if (interval === undefined) return "unknown";
    if (ttl > interval.latest) return ttl > interval.latest + tolerance ? "ahead" : "near-ahead";
    return ttl < interval.earliest - tolerance ? "passed" : "near-passed";
  }
}

/**
 * The events that every source hands out, as types only. The classes behind them are made by the layers that decode:
 * `src/rdb/` (rdb events), `src/stream/` (commands) and `src/replica/` (link events).
 *
 * Everything that costs something is a getter: a key, a value or an argument is made when it is read. Events stay valid
 * for as long as they are kept; keeping one keeps the chunk of input behind it, `detach()` copies what the event needs.
 */

import type { TypedCommand } from "./commands/typed.generated.ts";
import type { UntypedCommand } from "./commands/typed.ts";
import type { ErrorCode } from "./errors.ts";

/** A point in one replication history from which the stream can be resumed without a hole. A plain, JSON-safe value. */
export interface Position {
  /** Replication id, 40 hex digits. */
  readonly replid: string;
  /** Bytes of the stream processed so far; PSYNC asks for `offset + 1`. */
  readonly offset: number;
  /** Database selected at that offset; a partial resync does not repeat SELECT. */
  readonly db: number;
  /** One position per shard when the source is a cluster; the fields above then speak of the event's own shard. */
  readonly shards?: Readonly<Record<string, Position>> | undefined;
}

/** When the bytes of an event arrived, Unix ms. `earliest < latest` when the read did not have to wait for them. */
export interface ArrivalInterval {
  readonly earliest: number;
  readonly latest: number;
}

interface Placed {
  /** The last resumable position at or before this event; `undefined` where a cut would mean a new full resync. */
  readonly position: Position | undefined;
  /** When the bytes arrived; `undefined` for files. */
  readonly receivedAt: ArrivalInterval | undefined;
  /** The shard that the event came from, when the source is a cluster. */
  readonly shard?: string | undefined;
}

// --- rdb ---------------------------------------------------------------------------------------------------------------

/** Whose type and opcode table the input follows. */
export type RdbFamily = "redis" | "valkey";

/** The logical types of values. `unknown` stands for a type that can be skipped or kept raw only. */
export type ValueType = "string" | "list" | "set" | "zset" | "hash" | "stream" | "module" | "array";

export interface RdbBegin extends Placed {
  readonly kind: "rdb";
  readonly event: "begin";
  readonly version: number;
  readonly family: RdbFamily;
}

export interface RdbEnd extends Placed {
  readonly kind: "rdb";
  readonly event: "end";
  /** Keys in the payload, skipped ones included. */
  readonly keys: number;
  /** What the checksum said: `off` when the writer had none (value 0, or version below 5). */
  readonly checksum: "ok" | "off" | "mismatch";
}

export interface RdbAux extends Placed {
  readonly kind: "rdb";
  readonly event: "aux";
  readonly key: string;
  readonly value: Uint8Array;
  readonly valueText: string;
}

/** A function library. */
export interface RdbFunction extends Placed {
  readonly kind: "rdb";
  readonly event: "function";
  /** The library's source as `FUNCTION LOAD` takes it, `#!engine name=…` first. */
  readonly code: Uint8Array;
  readonly codeText: string;
}

/** Data that a module keeps beside the keys. */
export interface RdbModuleAux extends Placed {
  readonly kind: "rdb";
  readonly event: "module-aux";
  readonly name: string;
  readonly version: number;
  readonly when: "before" | "after";
}

/** A hint about one cluster slot (Redis SLOT_INFO, Valkey AUX slot-info). */
export interface RdbSlotInfo extends Placed {
  readonly kind: "rdb";
  readonly event: "slot-info";
  readonly slot: number;
  readonly keys: number;
  readonly expires: number;
}

/** What all key events share. */
interface RdbKeyBase extends Placed {
  readonly kind: "rdb";
  readonly event: "key";
  readonly db: number;
  readonly key: Uint8Array;
  /** The key decoded as UTF-8 (invalid bytes become U+FFFD). Decode it by hand where keys are binary. */
  readonly keyText: string;
  /** Unix ms when the key expires; a bigint only beyond 2^53, which no calendar reaches but servers accept. */
  readonly expireAt: number | bigint | undefined;
  /** Seconds since the last access (LRU policies). Never together with `freq`. */
  readonly idle: number | undefined;
  /** Access counter, 0-255 (LFU policies). */
  readonly freq: number | undefined;
  /** How the value was packed, in the server's words: `raw`, `int`, `listpack`, `hashtable`, … */
  readonly encoding: string;
  /** 0 for the first or only part of a value. */
  readonly part: number;
  /** `true` for the final or only part. */
  readonly last: boolean;
  /** Elements (bytes for a string) in the whole value where the format tells it up front. */
  readonly total: number | undefined;
  /** Elements in this part: 1 for a string or a module value, 0 at level `key`. */
  readonly count: number;
  /** Bytes of input at which this record began, from the start of the RDB payload. */
  readonly offset: number;
  /**
   * The same event on memory of its own, so that keeping it does not keep the chunk it came in.
   */
  detach(): RdbKey;
}

export interface ZsetMember {
  readonly member: Uint8Array;
  /** May be `Infinity` or `-Infinity`. */
  readonly score: number;
}

export interface HashField {
  readonly field: Uint8Array;
  readonly value: Uint8Array;
  /** Unix ms when the field expires (Redis ≥ 7.4, Valkey ≥ 9). */
  readonly expireAt: number | undefined;
}

export interface ArrayElement {
  /** 0 … 2^64−2; bigint when not safe as a number. */
  readonly index: number | bigint;
  readonly value: Uint8Array;
}

export interface StreamEntry {
  /** `ms-seq`. */
  readonly id: string;
  readonly fields: readonly (readonly [field: Uint8Array, value: Uint8Array])[];
}

/** The stream's own numbers; in the part that follows its entries. Fields that an old format lacks are derived as servers do. */
export interface StreamInfo {
  readonly length: number;
  readonly lastId: string;
  readonly firstId: string;
  readonly maxDeletedId: string;
  readonly entriesAdded: number | bigint;
  /** Exactly-once settings and producers (Redis ≥ 8.6). */
  readonly idmp?: StreamIdmp | undefined;
}

export interface StreamIdmp {
  readonly duration: number;
  readonly maxEntries: number;
  readonly producers: readonly {
    readonly id: Uint8Array;
    readonly entries: readonly { readonly iid: Uint8Array; readonly id: string }[];
  }[];
  readonly added: number | bigint;
  readonly duplicates: number | bigint;
}

export interface StreamPending {
  readonly id: string;
  /** Unix ms. */
  readonly deliveredAt: number;
  readonly deliveries: number | bigint;
}

/** A consumer group, or a piece of one: pieces with the same name belong together, in order. */
export interface StreamGroup {
  readonly name: Uint8Array;
  readonly lastId: string;
  /** `undefined`: unknown to the server. */
  readonly entriesRead: number | bigint | undefined;
  readonly pending: readonly StreamPending[];
  readonly consumers: readonly StreamConsumer[];
  /** Ids given back by XNACK, pending without an owner (Redis ≥ 8.8). */
  readonly nacked: readonly string[];
}

export interface StreamConsumer {
  readonly name: Uint8Array;
  /** Unix ms. */
  readonly seenAt: number;
  /** Unix ms; −1: never active; `undefined`: the format does not hold it. */
  readonly activeAt: number | undefined;
  /** Ids of the entries this consumer owns; times and counts stand in the group's `pending`. */
  readonly pending: readonly string[];
}

/** One part of a stream: entries first; `info` and `groups` follow in the final part or parts. */
export interface StreamValue {
  readonly entries: readonly StreamEntry[];
  readonly info: StreamInfo | undefined;
  readonly groups: readonly StreamGroup[];
}

export interface ModuleValue {
  /** Nine characters, such as `ReJSON-RL`. */
  readonly name: string;
  readonly version: number;
  /** What the parser given for this module made of it; `undefined` without one. */
  readonly decoded: unknown;
}

interface Valued<T extends string, V> extends RdbKeyBase {
  readonly type: T;
  /** This part of the value, made anew at each reading: keep it in a variable. Empty at the levels `key` and `raw`. */
  readonly value: V;
  /**
   * At level `raw`: the DUMP payload (or a fragment of it, in parts) that `RESTORE` takes, version and CRC64 included.
   * `undefined` at level `data`.
   */
  readonly raw: Uint8Array | undefined;
}

export type RdbString = Valued<"string", Uint8Array>;
export type RdbList = Valued<"list", readonly Uint8Array[]>;
export type RdbSet = Valued<"set", readonly Uint8Array[]>;
export type RdbZset = Valued<"zset", readonly ZsetMember[]>;
export type RdbHash = Valued<"hash", readonly HashField[]>;
export type RdbStream = Valued<"stream", StreamValue>;
export type RdbModule = Valued<"module", ModuleValue>;
export type RdbArray = Valued<"array", readonly ArrayElement[]>;

/** A key with its value, or one part of it: `type` tells which. */
export type RdbKey = RdbString | RdbList | RdbSet | RdbZset | RdbHash | RdbStream | RdbModule | RdbArray;

export type RdbEvent = RdbBegin | RdbAux | RdbFunction | RdbModuleAux | RdbSlotInfo | RdbKey | RdbEnd;

// --- aof ---------------------------------------------------------------------------------------------------------------

/** One transaction on the wire (MULTI … EXEC): the same object on each of its commands. */
export interface Transaction {
  /** Offset before its MULTI (and before a SELECT right before that). */
  readonly startOffset: number;
}

/** One replicated command. */
export interface AofCommand extends Placed {
  readonly kind: "aof";
  readonly event: "command";
  /** Database the command ran in. */
  readonly db: number;
  /** Upper case; `args[0]` keeps the case of the wire. Container commands: the first word only, `XGROUP`. */
  readonly name: string;
  /** The whole command, name first. Views of the chunk, made when read. */
  readonly args: readonly Uint8Array[];
  /** Bytes of the command on the wire, where they are known. */
  readonly byteLength?: number | undefined;
  /** `args.length`, without making the views. */
  readonly argc: number;
  /** The exact replication offset after the command; in a file the byte offset after it. */
  readonly offset: number;
  /** Set between MULTI and EXEC, both included. */
  readonly tx: Transaction | undefined;
  /** The file it was read from; `undefined` on a link. */
  readonly file: string | undefined;
  /**
   * The command taken apart, made anew at each reading, so keep it in a variable: narrow by `typed.name`. A command or option that nobody knows is an
   * `UntypedCommand`, whose `name` is `undefined` and whose `reason` says why.
   */
  readonly typed: TypedCommand | UntypedCommand;
  /** Argument `index` as a view, `undefined` beyond the end. 0 is the name. */
  arg(index: number): Uint8Array | undefined;
  /** Argument `index` as UTF-8 text. */
  text(index: number): string | undefined;
  /** The same event on memory of its own. */
  detach(): AofCommand;
}

/** `#TS:` annotation of an AOF file. */
export interface AofTimestamp extends Placed {
  readonly kind: "aof";
  readonly event: "timestamp";
  /** Unix ms. */
  readonly at: number;
  readonly offset: number;
  readonly file: string | undefined;
}

export type AofEvent = AofCommand | AofTimestamp;

// --- link --------------------------------------------------------------------------------------------------------------

interface LinkBase<E extends string> extends Placed {
  readonly kind: "link";
  readonly event: E;
}

/** Why a stream had to start anew. */
export type ResetReason =
  /** The primary's backlog no longer held the offset. */
  | "backlog"
  /** The primary has another history (restart without its data, failover past the common offset). */
  | "history"
  /** The snapshot was cut before its end. */
  | "snapshot-cut"
  /** The primary cut a consumer that was too slow. */
  | "overrun"
  /** A position was given without the state that belongs to it. */
  | "state";

export type LinkEvent =
  | (LinkBase<"connecting"> & { readonly address: string })
  | (LinkBase<"handshake"> & { readonly server: string | undefined })
  /** A snapshot begins anew. */
  | (LinkBase<"fullresync"> & { readonly replid: string; readonly offset: number })
  /** A partial resync was granted. */
  | (LinkBase<"continue"> & { readonly replid: string; readonly offset: number })
  /** The command stream has begun. */
  | (LinkBase<"online"> & { readonly offset: number })
  /** The consumer's lag nears a limit of the primary's; the link may be cut. `limit` and `lag` in bytes. */
  | (LinkBase<"lag"> & {
      readonly lag: number;
      readonly limit: number;
      readonly of: "backlog" | "output-buffer";
    })
  /** The position moved while no event passed (PING, SELECT, filtered commands). At most once a second. */
  | (LinkBase<"progress"> & { readonly lag: number | undefined })
  | (LinkBase<"disconnected"> & { readonly code: ErrorCode; readonly message: string })
  | (LinkBase<"retry"> & { readonly attempt: number; readonly delay: number })
  /** The history has a hole: events between `lostFrom` and `lostTo` will not come. A snapshot follows. */
  | (LinkBase<"reset"> & {
      readonly reason: ResetReason;
      readonly lostFrom: number | undefined;
      readonly lostTo: number | undefined;
    })
  | (LinkBase<"warning"> & {
      readonly code: ErrorCode;
      readonly at: number | undefined;
      readonly message: string;
    })
  /** An AOF ended inside a command or transaction: `validTo` after the last whole command, `safeTo` outside MULTI. */
  | (LinkBase<"truncated"> & { readonly file: string; readonly validTo: number; readonly safeTo: number })
  /** What a forced full resync changed for one key. */
  | (LinkBase<"diff"> & {
      readonly op: "vanished" | "appeared" | "changed";
      readonly db: number;
      readonly key: Uint8Array;
      readonly sure: boolean;
    });

/** Everything a source emits, in stream order. */
export type RedisEvent = RdbEvent | AofEvent | LinkEvent;

/** What all events of one chunk share; made once a chunk by whoever drives a decoder. */
export interface EventContext {
  /** Replication id of the history; `undefined` for files. */
  readonly replid: string | undefined;
  readonly receivedAt: ArrivalInterval | undefined;
  readonly shard: string | undefined;
  /** The file the bytes come from; `undefined` on a link. */
  readonly file: string | undefined;
  /** Makes of the shard's own position that of its whole cluster; `undefined` where there is none. */
  readonly place?: ((own: Position) => Position | undefined) | undefined;
}

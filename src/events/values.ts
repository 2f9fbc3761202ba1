/** Whose type and opcode table the input follows. */
export type RdbFamily = "redis" | "valkey";

/** The logical types of values. */
export type ValueType = "string" | "list" | "set" | "zset" | "hash" | "stream" | "module" | "array";

/** A member of a sorted set and its score. */
export interface ZsetMember {
  readonly member: Uint8Array;
  /** May be `Infinity` or `-Infinity`. */
  readonly score: number;
}

/** A field of a hash, its value, and when it expires. */
export interface HashField {
  readonly field: Uint8Array;
  readonly value: Uint8Array;
  /** Unix ms when the field expires (Redis ≥ 7.4, Valkey ≥ 9). */
  readonly expireAt: number | undefined;
}

/** An element of an array (Redis 8.8) and where it stands. */
export interface ArrayElement {
  /** 0 … 2^64−2; bigint when not safe as a number. */
  readonly index: number | bigint;
  readonly value: Uint8Array;
}

/** An entry of a stream. */
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

/** What a stream knows of its exactly-once producers (Redis ≥ 8.6): for how long and how many ids are kept, and which. */
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

/** An entry that was delivered and not acknowledged. */
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

/** A consumer of a group, or a piece of one. */
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

/** A module's value: whose it is, and what its parser made of it. */
export interface ModuleValue {
  /** Nine characters, such as `ReJSON-RL`. */
  readonly name: string;
  readonly version: number;
  /** What the parser given for this module made of it; `undefined` without one. */
  readonly decoded: unknown;
}

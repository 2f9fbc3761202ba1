import type { RdbFamily, ValueType } from "../events.ts";

/** Record opcodes. Bytes from 242 up that are not here are unknown; 242 and 243 differ by family. */
export const OPCODE = {
  FAMILY_242: 242,
  FAMILY_243: 243,
  SLOT_INFO: 244,
  FUNCTION2: 245,
  FUNCTION_PRE_GA: 246,
  MODULE_AUX: 247,
  IDLE: 248,
  FREQ: 249,
  AUX: 250,
  RESIZEDB: 251,
  EXPIRETIME_MS: 252,
  EXPIRETIME: 253,
  SELECTDB: 254,
  EOF: 255,
  /** Redis Enterprise: one length each, skipped. */
  ENTERPRISE_LRU: 107,
  ENTERPRISE_SLOT: 121,
} as const;

/** The type byte of a string, in all families. */
export const PLAIN_STRING = 0;

/** How the bytes of a value are laid out; one reader each. */
export type ValueForm =
  | "string"
  | "list"
  | "set"
  | "zset-text"
  | "zset-binary"
  | "hash"
  | "module-pre-ga"
  | "module"
  | "hash-zipmap"
  | "list-ziplist"
  | "set-intset"
  | "zset-ziplist"
  | "hash-ziplist"
  | "list-quicklist"
  | "hash-listpack"
  | "zset-listpack"
  | "list-quicklist2"
  | "set-listpack"
  | "hash-ttl-pre-ga"
  | "hash-listpack-ttl-pre-ga"
  | "hash-ttl"
  | "hash-listpack-ttl"
  | "hash-ttl-valkey"
  | "stream-1"
  | "stream-2"
  | "stream-3"
  | "stream-4"
  | "stream-5"
  | "array"
  | "hash-template-listpack"
  | "hash-template-listpack-ref"
  | "hash-template"
  | "hash-template-ref"
  | "path-hash";

/** One row of a type table. */
export interface ValueKind {
  readonly id: number;
  readonly form: ValueForm;
  readonly type: ValueType;
  /** The packing in the server's words. For strings the reader says more exactly (`int`, `lzf`). */
  readonly encoding: string;
  /** First and last release line that writes it, for the support table in the docs. */
  readonly since: string;
  /** After published facts only: no server at hand writes it. */
  readonly provisional?: boolean;
}

function kind(
  id: number,
  form: ValueForm,
  type: ValueType,
  encoding: string,
  since: string,
  provisional = false,
): ValueKind {
  return { id, form, type, encoding, since, provisional };
}

const SHARED: readonly ValueKind[] = [
  kind(0, "string", "string", "raw", "1.0"),
  kind(1, "list", "list", "linkedlist", "1.0"),
  kind(2, "set", "set", "hashtable", "1.0"),
  kind(3, "zset-text", "zset", "skiplist", "1.0"),
  kind(4, "hash", "hash", "hashtable", "2.0"),
  kind(5, "zset-binary", "zset", "skiplist", "4.0"),
  kind(6, "module-pre-ga", "module", "module", "4.0-rc"),
  kind(7, "module", "module", "module", "4.0"),
  kind(9, "hash-zipmap", "hash", "zipmap", "2.4"),
  kind(10, "list-ziplist", "list", "ziplist", "2.4"),
  kind(11, "set-intset", "set", "intset", "2.4"),
  kind(12, "zset-ziplist", "zset", "ziplist", "2.4"),
  kind(13, "hash-ziplist", "hash", "ziplist", "2.6"),
  kind(14, "list-quicklist", "list", "quicklist", "3.2"),
  kind(15, "stream-1", "stream", "stream", "5.0"),
  kind(16, "hash-listpack", "hash", "listpack", "7.0"),
  kind(17, "zset-listpack", "zset", "listpack", "7.0"),
  kind(18, "list-quicklist2", "list", "quicklist", "7.0"),
  kind(19, "stream-2", "stream", "stream", "7.0"),
  kind(20, "set-listpack", "set", "listpack", "7.2"),
  kind(21, "stream-3", "stream", "stream", "7.2"),
];

const REDIS_ONLY: readonly ValueKind[] = [
  kind(22, "hash-ttl-pre-ga", "hash", "hashtable", "7.4-rc"),
  kind(23, "hash-listpack-ttl-pre-ga", "hash", "listpackex", "7.4-rc"),
  kind(24, "hash-ttl", "hash", "hashtable", "7.4"),
  kind(25, "hash-listpack-ttl", "hash", "listpackex", "7.4"),
  kind(26, "stream-4", "stream", "stream", "8.6", true),
  kind(27, "stream-5", "stream", "stream", "8.8", true),
  kind(28, "array", "array", "array", "8.8", true),
  kind(29, "hash-template-listpack", "hash", "listpack", "8.10", true),
  kind(30, "hash-template-listpack-ref", "hash", "listpack", "8.10", true),
  kind(31, "hash-template", "hash", "hashtable", "8.10", true),
  kind(32, "hash-template-ref", "hash", "hashtable", "8.10", true),
];

const VALKEY_ONLY: readonly ValueKind[] = [
  kind(22, "hash-ttl-valkey", "hash", "hashtable", "Valkey 9.0"),
  kind(23, "path-hash", "hash", "path-hash", "Valkey 9.2-dev", true),
];

function table(rows: readonly ValueKind[]): readonly (ValueKind | undefined)[] {
  const byId: (ValueKind | undefined)[] = new Array(256).fill(undefined);
  for (const row of rows) byId[row.id] = row;
  return byId;
}

/** Value types by their byte, one table per family. */
export const VALUE_KINDS: Readonly<Record<RdbFamily, readonly (ValueKind | undefined)[]>> = {
  redis: table([...SHARED, ...REDIS_ONLY]),
  valkey: table([...SHARED, ...VALKEY_ONLY]),
};

/**
 * Whose meaning bytes 22, 23, 242 and 243 have, told by the version: the magic `VALKEY` and DUMP footers stand for Valkey
 * from 80 up, everything below is Redis'.
 */
export function familyOf(version: number): RdbFamily {
  return version >= 80 ? "valkey" : "redis";
}

/**
 * What the servers do not say about their commands, by hand, each with its reason. The generator fails on anything here
 * that no longer applies: a command to add that a server knows by now, a patch that changes nothing, a flag that the
 * servers show themselves.
 */
import type { CommandFlag, CommandRow, KeySpec } from "../../src/commands/types.ts";

/** A command that servers know but do not flag as a write, although it stands in replication streams. */
export interface Inclusion {
  readonly name: string;
  readonly flag: Extract<CommandFlag, "may_replicate" | "stream">;
  readonly reason: string;
}

/** A row, or fields of one, that replace what the servers say. `was`: what they say, where that must stay so. */
export interface Patch {
  readonly name: string;
  readonly reason: string;
  readonly set: Partial<CommandRow>;
  readonly was?: Partial<CommandRow>;
}

/** A command that no server at hand knows. */
export interface Addition {
  readonly name: string;
  readonly row: CommandRow;
}

const MAY = "COMMAND INFO does not show the servers' MAY_REPLICATE flag";
const LINK = "not a write, but part of the stream's own protocol";

export const INCLUSIONS: readonly Inclusion[] = [
  { name: "EVAL", flag: "may_replicate", reason: MAY },
  { name: "EVALSHA", flag: "may_replicate", reason: MAY },
  { name: "FCALL", flag: "may_replicate", reason: MAY },
  { name: "PFCOUNT", flag: "may_replicate", reason: MAY },
  { name: "PUBLISH", flag: "may_replicate", reason: MAY },
  { name: "SPUBLISH", flag: "may_replicate", reason: MAY },
  { name: "CLUSTER SETSLOT", flag: "may_replicate", reason: MAY },
  { name: "CLUSTER SYNCSLOTS", flag: "may_replicate", reason: MAY },
  { name: "SELECT", flag: "stream", reason: LINK },
  { name: "PING", flag: "stream", reason: LINK },
  { name: "REPLCONF", flag: "stream", reason: LINK },
  { name: "MULTI", flag: "stream", reason: LINK },
  { name: "EXEC", flag: "stream", reason: LINK },
  { name: "SCRIPT LOAD", flag: "stream", reason: "replicated by Redis 6.2 and older" },
  { name: "SCRIPT FLUSH", flag: "stream", reason: "replicated by Redis 6.2 and older" },
];

const MANY = "the key specification cannot say where an option stands that may be anywhere";
const OTHER_DB = "an argument names the db of a key, which no key specification can say";
const BY_OPTION = "the access depends on the options";
const BUILT_IN_MODULE =
  "built in as a module: COMMAND DOCS does not describe it, COMMAND INFO gives no arity";

export const PATCHES: readonly Patch[] = [
  { name: "SORT", reason: MANY, set: { special: "keys" } },
  { name: "GEORADIUS", reason: MANY, set: { special: "keys" } },
  { name: "GEORADIUSBYMEMBER", reason: MANY, set: { special: "keys" } },
  { name: "MIGRATE", reason: MANY, set: { special: "keys" } },
  { name: "MOVE", reason: OTHER_DB, set: { special: "keys" } },
  { name: "COPY", reason: OTHER_DB, set: { special: "keys" } },
  { name: "SET", reason: BY_OPTION, set: { special: "access" } },
  { name: "BITFIELD", reason: BY_OPTION, set: { special: "access" } },
  { name: "FLUSHDB", reason: "empties its db", set: { whole: "db" } },
  { name: "FLUSHALL", reason: "empties every db", set: { whole: "all" } },
  { name: "SWAPDB", reason: "exchanges two dbs", set: { whole: "two-dbs" } },
  { name: "CLUSTER FLUSHSLOT", reason: "empties a slot", set: { whole: "slots" } },
  {
    name: "MSETEX",
    reason: "Redis has it since 8.4, newer than the server at hand",
    set: { since: { redis: "8.4.0", valkey: "9.1.0" } },
    was: { since: { valkey: "9.1.0" } },
  },
  {
    name: "CLUSTER SYNCSLOTS",
    reason: "Redis has it since 8.4, newer than the server at hand",
    set: { since: { redis: "8.4.0", valkey: "9.0.0" } },
    was: { since: { valkey: "9.0.0" } },
  },
  { name: "VADD", reason: BUILT_IN_MODULE, set: { arity: -5, since: { redis: "8.0.0" } } },
  { name: "VREM", reason: BUILT_IN_MODULE, set: { arity: 3, since: { redis: "8.0.0" } } },
  { name: "VSETATTR", reason: BUILT_IN_MODULE, set: { arity: 4, since: { redis: "8.0.0" } } },
];

const FIRST: readonly KeySpec[] = [{ access: "RW", begin: 1, range: [0, 1, 0] }];
const TRIPLES: readonly KeySpec[] = [{ access: "RW", begin: 1, range: [-1, 3, 0] }];
const FROM_TO: readonly KeySpec[] = [
  { access: "RW", begin: 1, range: [0, 1, 0] },
  { access: "RW", begin: 2, range: [0, 1, 0] },
];
const MERGE: readonly KeySpec[] = [
  { access: "RW", begin: 1, range: [0, 1, 0] },
  { access: "RO", begin: 2, numkeys: [0, 1, 1] },
];

/** Redis newer than the server at hand (8.2 … 8.10), after published facts. */
function newer(
  redis: string,
  group: string,
  arity: number,
  row: { readonly keys?: readonly KeySpec[]; readonly whole?: "slots"; readonly blocking?: true } = {},
): CommandRow {
  const { blocking, ...rest } = row;
  const flags: CommandFlag[] = blocking ? ["write", "blocking"] : ["write"];
  return { arity, group, flags, since: { redis }, ...rest, from: "sheet" };
}

/** A module's write command: modules register none of it with a plain server. */
function ofModule(arity: number, keys: readonly KeySpec[] = FIRST): CommandRow {
  return { arity, group: "module", flags: ["write"], keys, from: "sheet" };
}

export const ADDITIONS: readonly Addition[] = [
  { name: "SFLUSH", row: newer("8.0.0", "server", -3, { whole: "slots" }) },
  { name: "XACKDEL", row: newer("8.2.0", "stream", -6, { keys: FIRST }) },
  { name: "XDELEX", row: newer("8.2.0", "stream", -5, { keys: FIRST }) },
  { name: "DELEX", row: newer("8.4.0", "string", -2, { keys: FIRST }) },
  { name: "TRIMSLOTS", row: newer("8.4.0", "server", -5, { whole: "slots" }) },
  { name: "XCFGSET", row: newer("8.6.0", "stream", -2, { keys: FIRST }) },
  { name: "XIDMPRECORD", row: newer("8.6.2", "stream", 5, { keys: FIRST }) },
  { name: "INCREX", row: newer("8.8.0", "string", -2, { keys: FIRST }) },
  { name: "XNACK", row: newer("8.8.0", "stream", -7, { keys: FIRST }) },
  { name: "ARDEL", row: newer("8.8.0", "array", -3, { keys: FIRST }) },
  { name: "ARDELRANGE", row: newer("8.8.0", "array", -4, { keys: FIRST }) },
  { name: "ARINSERT", row: newer("8.8.0", "array", -3, { keys: FIRST }) },
  { name: "ARMSET", row: newer("8.8.0", "array", -4, { keys: FIRST }) },
  { name: "ARRING", row: newer("8.8.0", "array", -4, { keys: FIRST }) },
  { name: "ARSEEK", row: newer("8.8.0", "array", 3, { keys: FIRST }) },
  { name: "ARSET", row: newer("8.8.0", "array", -4, { keys: FIRST }) },
  { name: "LMOVEM", row: newer("8.10.0", "list", -5, { keys: FROM_TO }) },
  { name: "BLMOVEM", row: newer("8.10.0", "list", -6, { keys: FROM_TO, blocking: true }) },
  {
    name: "HIMPORT SET",
    row: newer("8.10.0", "hash", -5, { keys: [{ access: "RW", begin: 2, range: [0, 1, 0] }] }),
  },
  { name: "JSON.SET", row: ofModule(-4) },
  { name: "JSON.MSET", row: ofModule(-4, TRIPLES) },
  { name: "JSON.MERGE", row: ofModule(4) },
  { name: "JSON.DEL", row: ofModule(-2) },
  { name: "JSON.FORGET", row: ofModule(-2) },
  { name: "JSON.CLEAR", row: ofModule(-2) },
  { name: "JSON.TOGGLE", row: ofModule(3) },
  { name: "JSON.NUMINCRBY", row: ofModule(4) },
  { name: "JSON.NUMMULTBY", row: ofModule(4) },
  { name: "JSON.NUMPOWBY", row: ofModule(4) },
  { name: "JSON.STRAPPEND", row: ofModule(-3) },
  { name: "JSON.ARRAPPEND", row: ofModule(-4) },
  { name: "JSON.ARRINSERT", row: ofModule(-5) },
  { name: "JSON.ARRPOP", row: ofModule(-2) },
  { name: "JSON.ARRTRIM", row: ofModule(5) },
  { name: "TS.CREATE", row: ofModule(-2) },
  { name: "TS.ALTER", row: ofModule(-2) },
  { name: "TS.ADD", row: ofModule(-4) },
  { name: "TS.MADD", row: ofModule(-4, TRIPLES) },
  { name: "TS.INCRBY", row: ofModule(-3) },
  { name: "TS.DECRBY", row: ofModule(-3) },
  { name: "TS.DEL", row: ofModule(4) },
  { name: "TS.CREATERULE", row: ofModule(-6, FROM_TO) },
  { name: "TS.DELETERULE", row: ofModule(3, FROM_TO) },
  { name: "BF.RESERVE", row: ofModule(-4) },
  { name: "BF.ADD", row: ofModule(3) },
  { name: "BF.MADD", row: ofModule(-3) },
  { name: "BF.INSERT", row: ofModule(-4) },
  { name: "BF.LOADCHUNK", row: ofModule(4) },
  { name: "CF.RESERVE", row: ofModule(-3) },
  { name: "CF.ADD", row: ofModule(3) },
  { name: "CF.ADDNX", row: ofModule(3) },
  { name: "CF.INSERT", row: ofModule(-4) },
  { name: "CF.INSERTNX", row: ofModule(-4) },
  { name: "CF.DEL", row: ofModule(3) },
  { name: "CF.LOADCHUNK", row: ofModule(4) },
  { name: "CMS.INITBYDIM", row: ofModule(4) },
  { name: "CMS.INITBYPROB", row: ofModule(4) },
  { name: "CMS.INCRBY", row: ofModule(-4) },
  { name: "CMS.MERGE", row: ofModule(-4, MERGE) },
  { name: "TOPK.RESERVE", row: ofModule(-3) },
  { name: "TOPK.ADD", row: ofModule(-3) },
  { name: "TOPK.INCRBY", row: ofModule(-4) },
  { name: "TDIGEST.CREATE", row: ofModule(-2) },
  { name: "TDIGEST.ADD", row: ofModule(-3) },
  { name: "TDIGEST.RESET", row: ofModule(2) },
  { name: "TDIGEST.MERGE", row: ofModule(-4, MERGE) },
];

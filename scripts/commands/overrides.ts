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
const UNSAID = "COMMAND DOCS does not say its arguments";
const NEWER = "options of Redis newer than the server at hand, or of one family only";
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
  {
    name: "BITFIELD",
    reason: "OVERFLOW is a step of its own, for all that follow; offsets may be written #n",
    set: {
      syntax:
        "key:key [operations=(GET encoding:text offset:text | SET encoding:text offset:text value:long | INCRBY encoding:text offset:text increment:long | OVERFLOW overflow=(WRAP | SAT | FAIL))...]",
    },
  },
  {
    name: "BITOP",
    reason: NEWER,
    set: {
      syntax: "operation=(AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE) destination:key keys:key...",
    },
    was: { syntax: "operation=(AND | OR | XOR | NOT) destination:key keys:key..." },
  },
  {
    name: "CLUSTER SETSLOT",
    reason: NEWER,
    set: {
      syntax:
        "slot:int state=(IMPORTING node:text | MIGRATING node:text | NODE node:text | STABLE) [TIMEOUT timeout:int]",
    },
  },
  {
    name: "GEOSEARCHSTORE",
    reason: NEWER,
    set: {
      syntax:
        "destination:key source:key [from=(FROMMEMBER member | FROMLONLAT longitude:double latitude:double)] by=(BYRADIUS radius:double unit=(M | KM | FT | MI) | BYBOX width:double height:double unit=(M | KM | FT | MI) | BYPOLYGON #vertices vertices=(longitude:double latitude:double)...) [order=(ASC | DESC)] [COUNT count:int [any=ANY]] [storeDist=STOREDIST]",
    },
  },
  {
    name: "HSETEX",
    reason: NEWER,
    set: {
      syntax:
        "key:key [keyCondition=(NX | XX)] [condition=(FNX | FXX)] [expire=(EX seconds:int | PX ms:int | EXAT atSeconds:int | PXAT atMs:int | KEEPTTL)] (FIELDS #entries entries=(field value)...)",
    },
  },
  {
    name: "SET",
    reason: NEWER,
    set: {
      syntax:
        "key:key value [condition=(NX | XX | IFEQ value | IFNE value | IFDEQ digest | IFDNE digest)] [get=GET] [expire=(EX seconds:int | PX ms:int | EXAT atSeconds:int | PXAT atMs:int | KEEPTTL)]",
    },
  },
  {
    name: "XADD",
    reason: NEWER,
    set: {
      syntax:
        "key:key [noMkStream=NOMKSTREAM] [refs=(KEEPREF | DELREF | ACKED)] [idmp=(IDMPAUTO producer | IDMP producer iid)] [trim=(strategy=(MAXLEN | MINID) [operator=('=' | '~')] threshold:id [LIMIT limit:int])] id=('*' | id:id) entries=(field value)...",
    },
    was: {
      syntax:
        "key:key [noMkStream=NOMKSTREAM] [trim=(strategy=(MAXLEN | MINID) [operator=('=' | '~')] threshold:id [LIMIT limit:int])] id=('*' | id:id) entries=(field value)...",
    },
  },
  {
    name: "XTRIM",
    reason: NEWER,
    set: {
      syntax:
        "key:key trim=(strategy=(MAXLEN | MINID) [operator=('=' | '~')] threshold:id [LIMIT limit:int]) [refs=(KEEPREF | DELREF | ACKED)]",
    },
    was: {
      syntax:
        "key:key trim=(strategy=(MAXLEN | MINID) [operator=('=' | '~')] threshold:id [LIMIT limit:int])",
    },
  },
  {
    name: "XREADGROUP",
    reason: NEWER,
    set: {
      syntax:
        "(GROUP group consumer) [COUNT count:int] [BLOCK block:int] [CLAIM minIdle:int] [noAck=NOACK] (STREAMS keys:key... ids:id...)",
    },
    was: {
      syntax:
        "(GROUP group consumer) [COUNT count:int] [BLOCK block:int] [noAck=NOACK] (STREAMS keys:key... ids:id...)",
    },
  },
  {
    name: "ZINTERSTORE",
    reason: NEWER,
    set: {
      syntax:
        "destination:key #keys keys:key... [WEIGHTS weights:double...] [AGGREGATE aggregate=(SUM | MIN | MAX | COUNT)]",
    },
    was: {
      syntax:
        "destination:key #keys keys:key... [WEIGHTS weights:double...] [AGGREGATE aggregate=(SUM | MIN | MAX)]",
    },
  },
  {
    name: "ZUNIONSTORE",
    reason: NEWER,
    set: {
      syntax:
        "destination:key #keys keys:key... [WEIGHTS weights:double...] [AGGREGATE aggregate=(SUM | MIN | MAX | COUNT)]",
    },
    was: {
      syntax:
        "destination:key #keys keys:key... [WEIGHTS weights:double...] [AGGREGATE aggregate=(SUM | MIN | MAX)]",
    },
  },
  { name: "REPLCONF", reason: UNSAID, set: { syntax: "[args...]" } },
  { name: "CLUSTER SYNCSLOTS", reason: UNSAID, set: { syntax: "subcommand:text [args...]" } },
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
  {
    name: "VADD",
    reason: BUILT_IN_MODULE,
    set: {
      arity: -5,
      since: { redis: "8.0.0" },
      syntax:
        "key:key [REDUCE dim:int] vector=(FP32 blob | VALUES #values values:double...) element [cas=CAS] [quantization=(NOQUANT | BIN | Q8)] [EF ef:int] [SETATTR attributes] [M links:int]",
    },
  },
  {
    name: "VREM",
    reason: BUILT_IN_MODULE,
    set: { arity: 3, since: { redis: "8.0.0" }, syntax: "key:key element" },
  },
  {
    name: "VSETATTR",
    reason: BUILT_IN_MODULE,
    set: { arity: 4, since: { redis: "8.0.0" }, syntax: "key:key element attributes" },
  },
];

/** Commands whose arity asks for more arguments than their grammar can say, with the reason. */
export const UNEVEN: ReadonlyMap<string, string> = new Map([
  ["GEOSEARCHSTORE", "FROMMEMBER and FROMLONLAT may be left out with BYPOLYGON only"],
]);

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
  syntax: string,
  row: { readonly keys?: readonly KeySpec[]; readonly whole?: "slots"; readonly blocking?: true } = {
    keys: FIRST,
  },
): CommandRow {
  const { blocking, ...rest } = row;
  const flags: CommandFlag[] = blocking ? ["write", "blocking"] : ["write"];
  return { arity, group, flags, since: { redis }, ...rest, syntax, from: "hand" };
}

/** A module's write command: modules tell a plain server none of it. */
function ofModule(arity: number, syntax?: string, keys: readonly KeySpec[] = FIRST): CommandRow {
  const row = { arity, group: "module", flags: ["write"], keys, from: "hand" } as const;
  return syntax === undefined ? row : { ...row, syntax };
}

const REFS = "[refs=(KEEPREF | DELREF | ACKED)]";
const IDS = "(IDS #ids ids:id...)";
const ENDS = "source:key destination:key whereFrom=(LEFT | RIGHT) whereTo=(LEFT | RIGHT)";
const AMOUNT = "[amount=(COUNT count:int | EXACTLY count:int) order=(OBO | BULK)]";
const SLOTS = { whole: "slots" } as const;

export const ADDITIONS: readonly Addition[] = [
  {
    name: "SFLUSH",
    row: newer("8.0.0", "server", -3, "ranges=(start:int end:int)... [mode=(ASYNC | SYNC)]", SLOTS),
  },
  { name: "XACKDEL", row: newer("8.2.0", "stream", -6, `key:key group ${REFS} ${IDS}`) },
  { name: "XDELEX", row: newer("8.2.0", "stream", -5, `key:key ${REFS} ${IDS}`) },
  {
    name: "DELEX",
    row: newer(
      "8.4.0",
      "string",
      -2,
      "key:key [condition=(IFEQ value | IFNE value | IFDEQ digest | IFDNE digest)]",
    ),
  },
  {
    name: "TRIMSLOTS",
    row: newer("8.4.0", "server", -5, "RANGES #ranges ranges=(start:int end:int)...", SLOTS),
  },
  {
    name: "XCFGSET",
    row: newer(
      "8.6.0",
      "stream",
      -2,
      "key:key [IDMP-DURATION idmpDuration:int] [IDMP-MAXSIZE idmpMaxSize:int]",
    ),
  },
  { name: "XIDMPRECORD", row: newer("8.6.2", "stream", 5, "key:key producer iid id:id") },
  {
    name: "INCREX",
    row: newer(
      "8.8.0",
      "string",
      -2,
      "key:key [by=(BYFLOAT increment:decimal | BYINT increment:long)] [saturate=SATURATE] [LBOUND lower:decimal] [UBOUND upper:decimal] [expire=(EX seconds:int | PX ms:int | EXAT atSeconds:int | PXAT atMs:int | PERSIST)] [enx=ENX]",
    ),
  },
  {
    name: "XNACK",
    row: newer(
      "8.8.0",
      "stream",
      -7,
      `key:key group mode=(SILENT | FAIL | FATAL) ${IDS} [RETRYCOUNT retryCount:int] [force=FORCE]`,
    ),
  },
  { name: "ARDEL", row: newer("8.8.0", "array", -3, "key:key indexes:long...") },
  { name: "ARDELRANGE", row: newer("8.8.0", "array", -4, "key:key ranges=(start:long end:long)...") },
  { name: "ARINSERT", row: newer("8.8.0", "array", -3, "key:key values...") },
  { name: "ARMSET", row: newer("8.8.0", "array", -4, "key:key entries=(index:long value)...") },
  { name: "ARRING", row: newer("8.8.0", "array", -4, "key:key size:long values...") },
  { name: "ARSEEK", row: newer("8.8.0", "array", 3, "key:key index:long") },
  { name: "ARSET", row: newer("8.8.0", "array", -4, "key:key index:long values...") },
  { name: "LMOVEM", row: newer("8.10.0", "list", -5, `${ENDS} ${AMOUNT}`, { keys: FROM_TO }) },
  {
    name: "BLMOVEM",
    row: newer("8.10.0", "list", -6, `${ENDS} timeout:double ${AMOUNT}`, { keys: FROM_TO, blocking: true }),
  },
  {
    name: "HIMPORT SET",
    row: newer("8.10.0", "hash", -5, "key:key fieldset values...", {
      keys: [{ access: "RW", begin: 2, range: [0, 1, 0] }],
    }),
  },
  {
    name: "JSON.SET",
    row: ofModule(-4, "key:key path:text value [condition=(NX | XX)] [format=(FP16 | BF16 | FP32 | FP64)]"),
  },
  { name: "JSON.MSET", row: ofModule(-4, "entries=(key:key path:text value)...", TRIPLES) },
  { name: "JSON.MERGE", row: ofModule(4, "key:key path:text value") },
  { name: "JSON.DEL", row: ofModule(-2, "key:key [path:text]") },
  { name: "JSON.FORGET", row: ofModule(-2, "key:key [path:text]") },
  { name: "JSON.CLEAR", row: ofModule(-2, "key:key [path:text]") },
  { name: "JSON.TOGGLE", row: ofModule(3, "key:key path:text") },
  { name: "JSON.NUMINCRBY", row: ofModule(4, "key:key path:text by:decimal") },
  { name: "JSON.NUMMULTBY", row: ofModule(4, "key:key path:text by:decimal") },
  { name: "JSON.NUMPOWBY", row: ofModule(4, "key:key path:text by:decimal") },
  { name: "JSON.STRAPPEND", row: ofModule(-3, "key:key [path:text] value") },
  { name: "JSON.ARRAPPEND", row: ofModule(-4, "key:key path:text values...") },
  { name: "JSON.ARRINSERT", row: ofModule(-5, "key:key path:text index:long values...") },
  { name: "JSON.ARRPOP", row: ofModule(-2, "key:key [path:text [index:long]]") },
  { name: "JSON.ARRTRIM", row: ofModule(5, "key:key path:text start:long stop:long") },
  { name: "TS.CREATE", row: ofModule(-2, "key:key [options...]") },
  { name: "TS.ALTER", row: ofModule(-2, "key:key [options...]") },
  { name: "TS.ADD", row: ofModule(-4, "key:key timestamp:text value:decimal [options...]") },
  { name: "TS.MADD", row: ofModule(-4, "entries=(key:key timestamp:text value:decimal)...", TRIPLES) },
  { name: "TS.INCRBY", row: ofModule(-3, "key:key by:decimal [options...]") },
  { name: "TS.DECRBY", row: ofModule(-3, "key:key by:decimal [options...]") },
  { name: "TS.DEL", row: ofModule(4, "key:key from:text to:text") },
  {
    name: "TS.CREATERULE",
    row: ofModule(
      -6,
      "source:key destination:key (AGGREGATION aggregation:text bucket:long [align:long])",
      FROM_TO,
    ),
  },
  { name: "TS.DELETERULE", row: ofModule(3, "source:key destination:key", FROM_TO) },
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
  { name: "CMS.MERGE", row: ofModule(-4, undefined, MERGE) },
  { name: "TOPK.RESERVE", row: ofModule(-3) },
  { name: "TOPK.ADD", row: ofModule(-3) },
  { name: "TOPK.INCRBY", row: ofModule(-4) },
  { name: "TDIGEST.CREATE", row: ofModule(-2) },
  { name: "TDIGEST.ADD", row: ofModule(-3) },
  { name: "TDIGEST.RESET", row: ofModule(2) },
  { name: "TDIGEST.MERGE", row: ofModule(-4, undefined, MERGE) },
];

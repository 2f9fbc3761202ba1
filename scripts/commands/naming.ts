/**
 * Names and kinds of arguments that differ from what COMMAND DOCS says. The generator fails on an entry that no command
 * uses. Keys: an argument's name, with `...` for a list of it, or a command and a name where it concerns that command only.
 */
import type { ValueKind } from "../../src/commands/syntax.ts";

/** An empty name: the block's own arguments take its place. */
export const RENAMES: Readonly<Record<string, string>> = {
  // Lists have names in the plural.
  "key...": "keys",
  "field...": "fields",
  "member...": "members",
  "element...": "elements",
  "id...": "ids",
  "arg...": "args",
  "weight...": "weights",
  "data...": "entries",
  "operation...": "operations",
  "vertices...": "vertices",
  "sourcekey...": "sources",
  "get-pattern": "get",
  "keys...": "keys",
  // One word for one thing.
  destkey: "destination",
  dst: "destination",
  src: "source",
  expiration: "expire",
  "flush-type": "mode",
  "id-selector": "id",
  "destination-db": "db",
  "SELECT index": "db",
  "MIGRATE key-selector": "key",
  "by-pattern": "by",
  shardchannel: "channel",
  "serialized-value": "payload",
  "function-code": "code",
  "library-name": "library",
  // The unit stands in the name.
  milliseconds: "ms",
  "unix-time-seconds": "atSeconds",
  "unix-time-milliseconds": "atMs",
  "min-idle-time": "minIdle",
  "RESTORE seconds": "idleSeconds",
  "RESTORE-ASKING seconds": "idleSeconds",
  // Options by what they do.
  "XADD count": "limit",
  "XTRIM count": "limit",
  "XCLAIM ms": "idle",
  "XCLAIM unix-time-milliseconds": "time",
  "XCLAIM count": "retryCount",
  "XREADGROUP milliseconds": "block",
  // Compound words.
  newkey: "newKey",
  nomkstream: "noMkStream",
  mkstream: "mkStream",
  entriesread: "entriesRead",
  justid: "justId",
  lastid: "lastId",
  absttl: "absTtl",
  noack: "noAck",
  wherefrom: "whereFrom",
  whereto: "whereTo",
  withcoord: "withCoord",
  withdist: "withDist",
  withhash: "withHash",
  storedist: "storeDist",
  sortby: "by",
  sorting: "alpha",
  // Blocks that only hold together what belongs to the command.
  "group-block": "",
  "count-block": "",
  streams: "",
};

export const RETYPES: Readonly<Record<string, ValueKind>> = {
  // Stream ids are text that has a form of its own; DOCS calls them strings.
  id: "id",
  "last-id": "id",
  lastid: "id",
  "max-deleted-id": "id",
  "XAUTOCLAIM start": "id",
  // A number for MAXLEN, an id for MINID.
  threshold: "id",
  // DOCS calls it a string.
  "min-idle-time": "int",
  // 64 bits, which a number does not hold exactly.
  increment: "long",
  decrement: "long",
  "entries-added": "long",
  entriesread: "long",
  start: "long",
  stop: "long",
  "LSET index": "long",
  "SETBIT offset": "long",
  "SETRANGE offset": "long",
  // DOCS calls them integers, servers take any number.
  weight: "double",
  "ZINCRBY increment": "double",
  // Servers reckon with more digits than a number has.
  "INCRBYFLOAT increment": "decimal",
  "HINCRBYFLOAT increment": "decimal",
  // Bounds may be infinite and may exclude what they name.
  "ZREMRANGEBYSCORE min": "score",
  "ZREMRANGEBYSCORE max": "score",
  "ZREMRANGEBYLEX min": "lex",
  "ZREMRANGEBYLEX max": "lex",
  // Never anything but text.
  host: "text",
};

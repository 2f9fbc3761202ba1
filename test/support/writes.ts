/** The commands of the write load, each with how often it comes. */
import type { Argument, Command } from "./client.ts";
import { FAR_FUTURE } from "./fill.ts";
import type { Random } from "./random.ts";

export interface LoadState {
  readonly random: Random;
  /** Keys of each kind. */
  readonly keys: number;
  readonly dbs: readonly number[];
  readonly fieldExpiry: boolean;
  /** Whether reading by a group must be followed by telling how far it is (Redis before 7.4). */
  readonly tellEntriesRead: boolean;
  readonly seed: number;
  /** Counts the keys that are used once. */
  serial: number;
}

export interface Write {
  readonly weight: number;
  /** Touches whole dbs. */
  readonly wholeDb?: boolean;
  make(state: LoadState): Command[];
}

/** The name of a random key of one kind: `s` string, `n` integer, `l` list, `h` hash, `S` set, `z` zset, `x` stream. */
function key({ random, keys }: LoadState, kind: string): string {
  return `${kind}:${random.int(1, keys)}`;
}

function value({ random }: LoadState): Argument {
  if (random.oneIn(4)) return random.int(-100_000, 100_000);
  if (random.oneIn(10)) return random.bytes(random.int(0, 100));
  if (random.oneIn(100)) return random.word(26).repeat(random.int(10, 2_000));
  return random.word(random.int(1, 30));
}

function several(state: LoadState, make: () => Argument[]): Argument[] {
  return Array.from({ length: state.random.int(1, 6) }, make).flat();
}

function member({ random }: LoadState): string {
  return `m${random.int(1, 40)}`;
}

function later({ random }: LoadState): number {
  return FAR_FUTURE + random.int(0, 1_000_000_000);
}

/** One command. */
function one(weight: number, make: (state: LoadState) => Command): Write {
  return { weight, make: (state) => [make(state)] };
}

const STRINGS: readonly Write[] = [
  one(8, (s) => ["SET", key(s, "s"), value(s)]),
  one(2, (s) => ["SET", key(s, "s"), value(s), "PXAT", later(s)]),
  one(2, (s) => ["set", key(s, "s"), value(s), "EX", 4_000_000_000]),
  one(1, (s) => ["SET", key(s, "s"), value(s), "GET", "KEEPTTL"]),
  one(1, (s) => ["SET", key(s, "s"), value(s), s.random.pick(["NX", "XX"])]),
  one(1, (s) => ["SETEX", key(s, "s"), 4_000_000_000, value(s)]),
  one(1, (s) => ["GETSET", key(s, "s"), value(s)]),
  one(1, (s) => ["GETDEL", key(s, "s")]),
  one(1, (s) => ["GETEX", key(s, "s"), "PXAT", later(s)]),
  one(1, (s) => ["GETEX", key(s, "s"), "PERSIST"]),
  one(2, (s) => ["APPEND", key(s, "s"), value(s)]),
  one(1, (s) => ["SETRANGE", key(s, "s"), s.random.int(0, 50), value(s)]),
  one(1, (s) => ["SETBIT", key(s, "bits"), s.random.int(0, 2_000), s.random.int(0, 1)]),
  one(1, (s) => ["BITFIELD", key(s, "bits"), "INCRBY", "u8", s.random.int(0, 200), 7]),
  one(1, (s) => ["BITOP", "XOR", key(s, "bits"), key(s, "bits"), key(s, "bits")]),
  one(3, (s) => ["MSET", key(s, "s"), value(s), key(s, "s"), value(s)]),
  one(1, (s) => ["MSETNX", key(s, "s"), value(s), key(s, "s"), value(s)]),
  one(3, (s) => ["INCR", key(s, "n")]),
  one(1, (s) => ["DECRBY", key(s, "n"), s.random.int(1, 99)]),
  one(2, (s) => ["INCRBYFLOAT", key(s, "float"), s.random.next() * 10]),
  one(1, (s) => ["PFADD", key(s, "hll"), member(s), member(s)]),
  one(1, (s) => ["PFCOUNT", key(s, "hll")]),
  one(1, (s) => ["PFMERGE", key(s, "hll"), key(s, "hll")]),
];

const LISTS: readonly Write[] = [
  one(4, (s) => ["RPUSH", key(s, "l"), ...several(s, () => [value(s)])]),
  one(3, (s) => ["LPUSH", key(s, "l"), ...several(s, () => [value(s)])]),
  one(1, (s) => ["LPUSHX", key(s, "l"), value(s)]),
  one(2, (s) => ["LPOP", key(s, "l")]),
  one(1, (s) => ["RPOP", key(s, "l"), s.random.int(1, 4)]),
  one(1, (s) => ["LMPOP", 2, key(s, "l"), key(s, "l"), "LEFT", "COUNT", 2]),
  one(1, (s) => ["LMOVE", key(s, "l"), key(s, "l"), "LEFT", "RIGHT"]),
  one(1, (s) => ["RPOPLPUSH", key(s, "l"), key(s, "l")]),
  one(1, (s) => ["BLPOP", key(s, "l"), key(s, "l"), 0.001]),
  one(1, (s) => ["LSET", key(s, "l"), s.random.int(-3, 3), value(s)]),
  one(1, (s) => ["LREM", key(s, "l"), 1, s.random.int(-9, 9)]),
  one(1, (s) => ["LTRIM", key(s, "l"), 0, s.random.int(5, 40)]),
  one(1, (s) => ["LINSERT", key(s, "l"), "BEFORE", s.random.int(-9, 9), value(s)]),
  one(1, (s) => ["SORT", key(s, "l"), "ALPHA", "STORE", key(s, "l")]),
];

const SETS: readonly Write[] = [
  one(4, (s) => ["SADD", key(s, "S"), ...several(s, () => [member(s)])]),
  one(2, (s) => ["SADD", key(s, "S"), ...several(s, () => [s.random.int(-99, 99)])]),
  one(1, (s) => ["SREM", key(s, "S"), ...several(s, () => [member(s)])]),
  one(2, (s) => ["SPOP", key(s, "S")]),
  one(2, (s) => ["SPOP", key(s, "S"), s.random.int(1, 20)]),
  one(1, (s) => ["SMOVE", key(s, "S"), key(s, "S"), member(s)]),
  one(1, (s) => ["SUNIONSTORE", key(s, "S"), key(s, "S"), key(s, "S")]),
  one(1, (s) => ["SDIFFSTORE", key(s, "S"), key(s, "S"), key(s, "S")]),
  one(1, (s) => ["SINTERSTORE", key(s, "S"), key(s, "S"), key(s, "S")]),
];

const ZSETS: readonly Write[] = [
  one(4, (s) => ["ZADD", key(s, "z"), ...several(s, () => [s.random.next() * 200 - 100, member(s)])]),
  one(1, (s) => ["ZADD", key(s, "z"), "GT", "CH", s.random.int(-9, 9), member(s)]),
  one(1, (s) => ["ZADD", key(s, "z"), s.random.pick(["inf", "-inf", "-0", "1e300"]), member(s)]),
  one(2, (s) => ["ZINCRBY", key(s, "z"), 0.1, `plain${s.random.int(1, 9)}`]),
  one(1, (s) => ["ZREM", key(s, "z"), member(s), member(s)]),
  one(1, (s) => ["ZPOPMIN", key(s, "z")]),
  one(1, (s) => ["ZPOPMAX", key(s, "z"), 2]),
  one(1, (s) => ["BZPOPMIN", key(s, "z"), key(s, "z"), 0.001]),
  one(1, (s) => ["ZMPOP", 2, key(s, "z"), key(s, "z"), "MAX"]),
  one(1, (s) => ["ZREMRANGEBYRANK", key(s, "z"), 10, 12]),
  one(1, (s) => ["ZREMRANGEBYSCORE", key(s, "z"), -5, "(5"]),
  one(1, (s) => ["ZUNIONSTORE", key(s, "z"), 2, key(s, "z"), key(s, "z"), "AGGREGATE", "MIN"]),
  one(1, (s) => ["ZRANGESTORE", key(s, "z"), key(s, "z"), 0, 10]),
  one(1, (s) => ["GEOADD", key(s, "geo"), s.random.next() * 90, s.random.next() * 80, member(s)]),
  one(1, (s) => [
    "GEOSEARCHSTORE",
    key(s, "geo"),
    key(s, "geo"),
    "FROMLONLAT",
    45,
    40,
    "BYRADIUS",
    3_000,
    "km",
  ]),
];

const HASHES: readonly Write[] = [
  one(5, (s) => ["HSET", key(s, "h"), ...several(s, () => [member(s), value(s)])]),
  one(1, (s) => ["HMSET", key(s, "h"), member(s), value(s)]),
  one(1, (s) => ["HSETNX", key(s, "h"), member(s), value(s)]),
  one(2, (s) => ["HDEL", key(s, "h"), member(s), member(s)]),
  one(2, (s) => ["HINCRBY", key(s, "h"), "count", s.random.int(-9, 9)]),
  one(1, (s) => ["HINCRBYFLOAT", key(s, "h"), "sum", s.random.next()]),
  {
    weight: 5,
    make: (s) => {
      if (!s.fieldExpiry) return [["HSET", key(s, "h"), "plain", value(s)]];
      const hash = key(s, "h");
      const fields = ["FIELDS", 2, member(s), member(s)];
      const expire: Command = [
        "HPEXPIREAT",
        hash,
        later(s),
        ...s.random.pick([[], ["NX"], ["GT"]]),
        ...fields,
      ];
      const inSeconds: Command = ["HEXPIRE", hash, 4_000_000_000, ...fields];
      const past: Command = ["HPEXPIREAT", hash, 1, "FIELDS", 1, member(s)];
      return [s.random.pick([expire, expire, inSeconds, past, ["HPERSIST", hash, ...fields]])];
    },
  },
];

const STREAMS: readonly Write[] = [
  one(6, (s) => ["XADD", key(s, "x"), "*", ...several(s, () => [member(s), value(s)])]),
  one(1, (s) => ["XADD", key(s, "x"), "MAXLEN", "~", 100, "*", "f", value(s)]),
  one(1, (s) => ["XADD", key(s, "x"), "NOMKSTREAM", "MAXLEN", "=", 20, "*", "f", value(s)]),
  one(1, (s) => ["XTRIM", key(s, "x"), "MAXLEN", "=", s.random.int(0, 30)]),
  one(4, (s) => ["XGROUP", "CREATE", key(s, "x"), "g1", s.random.pick(["0", "$"]), "MKSTREAM"]),
  one(2, (s) => ["XGROUP", "CREATE", key(s, "x"), "g2", "0"]),
  one(1, (s) => ["XGROUP", "CREATECONSUMER", key(s, "x"), "g1", s.random.pick(["c1", "c2", "c3"])]),
  one(1, (s) => ["XGROUP", "DELCONSUMER", key(s, "x"), "g1", "c3"]),
  one(1, (s) => ["XGROUP", "SETID", key(s, "x"), "g2", s.random.pick(["0", "$"])]),
  one(1, (s) => ["XGROUP", "DESTROY", key(s, "x"), "g2"]),
  { weight: 6, make: (s) => readGroup(s, s.random.pick(["g1", "g2"])) },
  {
    weight: 1,
    make: (s) => withConsumer(s, "g1", "c2", (k) => ["XAUTOCLAIM", k, "g1", "c2", 0, "0"]),
  },
  {
    weight: 2,
    make: (s) => {
      // Ids are not known here: a script finds the first that is pending.
      const script = `local pending = redis.call('XPENDING', KEYS[1], 'g1', '-', '+', 2)
for _, one in ipairs(pending) do redis.call(ARGV[1], KEYS[1], 'g1', one[1]) end`;
      return [["EVAL", script, 1, key(s, "x"), "XACK"]];
    },
  },
  {
    weight: 2,
    make: (s) => {
      const script = `local found = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 3)
if found[2] then redis.call('XDEL', KEYS[1], found[2][1]) end`;
      return [["EVAL", script, 1, key(s, "x")]];
    },
  },
];

function readGroup(state: LoadState, group: string): Command[] {
  const consumer = state.random.pick(["c1", "c2"]);
  const noAck = state.random.oneIn(6) ? ["NOACK"] : [];
  const head = ["XREADGROUP", "GROUP", group, consumer, "COUNT", state.random.int(1, 5), ...noAck];
  return withConsumer(state, group, consumer, (stream) => [...head, "STREAMS", stream, ">"]);
}

/** Sets a group to where it is: what a replica is not told otherwise. */
const TELL_ENTRIES_READ = `local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
for _, flat in ipairs(groups) do
  local group = {}
  for at = 1, #flat, 2 do group[flat[at]] = flat[at + 1] end
  local read = group['entries-read'] or -1
  redis.call('XGROUP', 'SETID', KEYS[1], group['name'], group['last-delivered-id'], 'ENTRIESREAD', read)
end`;

/**
 * A read that leaves servers and their replicas the same, which takes two commands beside it. A server makes a new consumer
 * by itself, but does not tell its replicas if there was nothing to read. And Redis before 7.4 does not tell them how many
 * entries a group has read.
 */
function withConsumer(
  state: LoadState,
  group: string,
  consumer: string,
  read: (stream: string) => Command,
): Command[] {
  const stream = key(state, "x");
  const commands: Command[] = [["XGROUP", "CREATECONSUMER", stream, group, consumer], read(stream)];
  if (state.tellEntriesRead) commands.push(["EVAL", TELL_ENTRIES_READ, 1, stream]);
  return commands;
}

/** Kinds whose keys may be renamed, copied and moved among each other without a wrong type. */
const KINDS = ["s", "l", "S", "z", "h", "x"];

const KEYS: readonly Write[] = [
  one(2, (s) => ["DEL", key(s, s.random.pick(KINDS)), key(s, s.random.pick(KINDS))]),
  one(1, (s) => ["UNLINK", key(s, s.random.pick(KINDS))]),
  one(2, (s) => ["PEXPIREAT", key(s, s.random.pick(KINDS)), later(s)]),
  one(1, (s) => ["EXPIRE", key(s, s.random.pick(KINDS)), 4_000_000_000, "NX"]),
  one(1, (s) => ["EXPIRE", key(s, s.random.pick(KINDS)), -1]),
  one(1, (s) => ["PERSIST", key(s, s.random.pick(KINDS))]),
  { weight: 1, make: (s) => sameKind(s, (from, to) => ["RENAME", from, to]) },
  { weight: 1, make: (s) => sameKind(s, (from, to) => ["RENAMENX", from, to]) },
  { weight: 1, make: (s) => sameKind(s, (from, to) => ["COPY", from, to, "REPLACE"]) },
  {
    weight: 1,
    make: (s) => sameKind(s, (from, to) => ["COPY", from, to, "DB", s.random.pick(s.dbs), "REPLACE"]),
  },
  one(1, (s) => ["MOVE", key(s, s.random.pick(KINDS)), s.random.pick(s.dbs)]),
  // Used once and left to expire: the server's DEL comes by itself.
  one(3, (s) => ["SET", once(s), "v", "PX", s.random.int(1, 300)]),
  {
    weight: 1,
    make: (s) => {
      const hash = once(s);
      if (!s.fieldExpiry) return [["SET", hash, "v", "PX", 20]];
      return [
        ["HSET", hash, "soon", 1, "soon too", 2, ...s.random.pick([[], ["stays", 3]])],
        ["HPEXPIRE", hash, s.random.int(1, 300), "FIELDS", 2, "soon", "soon too"],
      ];
    },
  },
];

function sameKind(state: LoadState, make: (from: string, to: string) => Command): Command[] {
  const kind = state.random.pick(KINDS);
  return [make(key(state, kind), key(state, kind))];
}

function once(state: LoadState): string {
  return `once:${state.seed}:${++state.serial}`;
}

const LIBRARY = `#!lua name=loadlib
redis.register_function('put', function(keys, args)
  redis.call('SET', keys[1], args[1])
  redis.call('RPUSH', keys[2], args[1])
  return redis.call('INCR', keys[3])
end)`;

const OTHERS: readonly Write[] = [
  one(3, (s) => [
    "EVAL",
    "redis.call('SET', KEYS[1], ARGV[1]); return redis.call('RPUSH', KEYS[2], ARGV[1])",
    ...[2, key(s, "s"), key(s, "l"), value(s)],
  ]),
  one(1, (s) => [
    "EVAL",
    "redis.call('INCR', KEYS[1]); redis.call('SELECT', ARGV[1]); redis.call('INCR', KEYS[1])",
    ...[1, key(s, "n"), s.random.pick(s.dbs)],
  ]),
  one(1, (s) => ["FUNCTION", "LOAD", "REPLACE", `${LIBRARY}\n-- ${s.random.word(4)}`]),
  one(2, (s) => ["FCALL", "put", 3, key(s, "s"), key(s, "l"), key(s, "n"), value(s)]),
  { weight: 0.2, make: () => [["FUNCTION", "DELETE", "loadlib"]] },
  one(1, (s) => ["PUBLISH", "channel", value(s)]),
  { weight: 0.1, wholeDb: true, make: () => [["FLUSHDB"]] },
  { weight: 0.1, wholeDb: true, make: () => [["FLUSHDB", "ASYNC"]] },
  { weight: 0.2, wholeDb: true, make: (s) => [["SWAPDB", s.random.pick(s.dbs), s.random.pick(s.dbs)]] },
  { weight: 0.02, wholeDb: true, make: () => [["FLUSHALL"]] },
];

export const WRITES: readonly Write[] = [
  ...STRINGS,
  ...LISTS,
  ...SETS,
  ...ZSETS,
  ...HASHES,
  ...STREAMS,
  ...KEYS,
  ...OTHERS,
];

import { Random } from "./random.ts";

/** One command for a server, as words. */
export type Command = readonly (string | number)[];

const SEED = 20_261_107;

/** 2 M strings at full size: keys of 16 bytes, values of 64. */
export function* small(scale: number): Generator<Command> {
  const random = new Random(SEED);
  for (let i = 0; i < 2_000_000 * scale; i++)
    yield ["SET", `key:${String(i).padStart(12, "0")}`, random.text(64)];
}

/** At full size 200 k hashes × 20, 100 k zsets × 30, 100 k sets × 30 (half of them of integers), 50 k lists × 50, 2 k streams × 200 with groups. */
export function* collections(scale: number): Generator<Command> {
  const random = new Random(SEED);
  for (let i = 0; i < 200_000 * scale; i++) yield hash(random, `h:${i}`, 20);
  for (let i = 0; i < 100_000 * scale; i++) yield zset(random, `z:${i}`, 30);
  for (let i = 0; i < 50_000 * scale; i++) yield integers(random, `i:${i}`, 30);
  for (let i = 0; i < 50_000 * scale; i++) yield words(random, "SADD", `s:${i}`, 30);
  for (let i = 0; i < 50_000 * scale; i++) yield words(random, "RPUSH", `l:${i}`, 50);
  for (let i = 0; i < 2_000 * scale; i++) yield* stream(random, `x:${i}`, 200);
}

/** At full size a hash of 2 M fields, a zset of 1 M members, a list of 2 M items and a string of 100 MB. */
export function* big(scale: number): Generator<Command> {
  const random = new Random(SEED);
  const each = 100;
  for (let i = 0; i < 2_000_000 * scale; i += each) {
    const command: (string | number)[] = ["HSET", "hash"];
    for (let j = i; j < i + each; j++) command.push(`field:${j}`, random.text(16));
    yield command;
  }
  for (let i = 0; i < 1_000_000 * scale; i += each) {
    const command: (string | number)[] = ["ZADD", "zset"];
    for (let j = i; j < i + each; j++) command.push(random.below(2 ** 31) / 1000, `member:${j}`);
    yield command;
  }
  for (let i = 0; i < 2_000_000 * scale; i += each) yield words(random, "RPUSH", "list", each, 16);
  const size = 1 << 20;
  for (let i = 0; i < 100 * scale; i++) yield ["SETRANGE", "string", i * size, random.text(size)];
}

/** At full size 300 k JSON texts of about 0.8 KB that the server compresses. */
export function* lzf(scale: number): Generator<Command> {
  const random = new Random(SEED);
  for (let i = 0; i < 300_000 * scale; i++) yield ["SET", `json:${i}`, json(random, i)];
}

/** At full size 700 k keys of all types and encodings, a third of them with a time to live. */
export function* mixed(scale: number): Generator<Command> {
  const random = new Random(SEED);
  const count = 700_000 * scale;
  for (let i = 0; i < count; i++) {
    const key = `${random.pick(KINDS)}:${i}`;
    yield* mixedKey(random, key);
    if (random.below(3) === 0) yield ["PEXPIREAT", key, 4_000_000_000_000 + random.below(2 ** 31)];
  }
}

const KINDS = ["user", "session", "cart", "order:2026", "cache:page", "rate", "queue", "geo"] as const;

function* mixedKey(random: Random, key: string): Generator<Command> {
  const kind = random.below(100);
  if (kind < 30) yield ["SET", key, random.text(8 + random.below(120))];
  else if (kind < 38) yield ["SET", key, random.below(2 ** 31) - 2 ** 30];
  else if (kind < 44) yield ["SET", key, json(random, kind)];
  else if (kind < 62) yield hash(random, key, 3 + random.below(24));
  else if (kind < 63) yield hash(random, key, 300);
  else if (kind < 73) yield zset(random, key, 3 + random.below(30));
  else if (kind < 74) yield zset(random, key, 300);
  else if (kind < 80) yield integers(random, key, 3 + random.below(40));
  else if (kind < 86) yield words(random, "SADD", key, 3 + random.below(20));
  else if (kind < 87) yield words(random, "SADD", key, 300);
  else if (kind < 98) yield words(random, "RPUSH", key, 3 + random.below(40));
  else yield* stream(random, key, 5 + random.below(20));
}

function hash(random: Random, key: string, fields: number): Command {
  const command: (string | number)[] = ["HSET", key];
  for (let j = 0; j < fields; j++)
    command.push(`field${j}`, j % 2 === 0 ? random.text(12) : random.below(100_000));
  return command;
}

function zset(random: Random, key: string, members: number): Command {
  const command: (string | number)[] = ["ZADD", key];
  for (let j = 0; j < members; j++)
    command.push(j % 2 === 0 ? random.below(100_000) / 100 : random.below(1000), random.text(10));
  return command;
}

function integers(random: Random, key: string, members: number): Command {
  const command: (string | number)[] = ["SADD", key];
  for (let j = 0; j < members; j++) command.push(random.below(1_000_000));
  return command;
}

function words(random: Random, name: string, key: string, items: number, length = 12): Command {
  const command: string[] = [name, key];
  for (let j = 0; j < items; j++) command.push(random.text(length));
  return command;
}

function* stream(random: Random, key: string, entries: number): Generator<Command> {
  for (let j = 0; j < entries; j++) {
    const id = `${1_700_000_000_000 + j * 7}-${(j % 3) + 1}`;
    yield ["XADD", key, id, "temp", random.below(1000), "name", random.text(8)];
  }
  yield ["XGROUP", "CREATE", key, "group", 0];
  yield ["XREADGROUP", "GROUP", "group", "consumer", "COUNT", 20, "STREAMS", key, ">"];
}

function json(random: Random, id: number): string {
  return JSON.stringify({
    id,
    createdAt: 1_700_000_000 + random.below(10_000_000),
    user: {
      name: random.text(10),
      email: `${random.text(8)}@example.com`,
      tags: ["alpha", "beta", "gamma", random.text(5)],
    },
    items: Array.from({ length: 8 }, (_, quantity) => ({
      sku: `SKU-${random.below(100_000)}`,
      quantity,
      price: random.below(10_000) / 100,
      title: `product ${random.text(12)}`,
    })),
    active: true,
  });
}

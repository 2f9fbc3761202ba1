/** Lists, sets, sorted sets and hashes in all their encodings. */
import type { Command } from "./client.ts";
import { FAR_FUTURE, type Filling } from "./fill.ts";

export async function fillCollections(filling: Filling): Promise<void> {
  const { client } = filling;
  await client.pipeline(lists(filling));
  await client.pipeline(sets(filling));
  await client.pipeline(zsets(filling));
  await client.pipeline(hashes(filling));
  if (filling.fieldExpiry) await client.pipeline(expiringHashes());
}

function range<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Values at the borders of the packed integers and strings inside a listpack. */
const PACKED: readonly (string | number)[] = [
  ...["", "a", "x".repeat(63), "x".repeat(64), "x".repeat(4_095), "x".repeat(4_096)],
  ...[0, 127, 128, -1, 4_095, 4_096, -4_096, -4_097, 32_767, 32_768, 8_388_607, 8_388_608],
  ...["2147483647", "2147483648", "-2147483649", "9223372036854775807", "-9223372036854775808"],
];

function* lists({ random }: Filling): Generator<Command> {
  yield ["RPUSH", "list:one", "only"];
  yield ["RPUSH", "list:packed", ...PACKED];
  yield [
    "RPUSH",
    "list:nodes",
    ...range(5_000, (index) => (index % 3 === 0 ? index : random.word(index % 40))),
  ];
  yield ["RPUSH", "list:repeated", ...range(2_000, () => "the same again and again")];
  yield ["RPUSH", "list:big-elements", ...range(6, () => random.bytes(20_000)), "z".repeat(30_000)];
  // Nodes inside a list that are compressed in memory are written as they are.
  yield ["CONFIG", "SET", "list-compress-depth", "1"];
  yield ["RPUSH", "list:compressed", ...range(3_000, (index) => `compress me ${index % 10}`)];
  yield ["CONFIG", "SET", "list-compress-depth", "0"];
  // Plain nodes: 7.0 makes them of elements beyond 1 GB unless told otherwise.
  yield ["DEBUG", "QUICKLIST-PACKED-THRESHOLD", "100"];
  // More than 8 KiB first: below that, newer servers keep a list in one listpack.
  yield ["RPUSH", "list:plain", "small", "p".repeat(9_000)];
  yield ["RPUSH", "list:plain", random.bytes(200), "small", random.bytes(101), "q".repeat(5_000)];
  yield ["DEBUG", "QUICKLIST-PACKED-THRESHOLD", "0"];
  yield ["RPUSH", "list:expires", "a", "b"];
  yield ["PEXPIREAT", "list:expires", FAR_FUTURE + 1];
}

function* sets({ random }: Filling): Generator<Command> {
  yield ["SADD", "set:int16", 1, 2, 3, -32_768, 32_767];
  yield ["SADD", "set:int32", 1, 70_000, -2_147_483_648];
  yield ["SADD", "set:int64", 1, "9223372036854775807", "-9223372036854775808"];
  yield ["SADD", "set:int:full", ...range(512, (index) => index * 3)];
  yield ["SADD", "set:int:beyond", ...range(513, (index) => index * 3)];
  yield ["SADD", "set:packed", ...PACKED];
  yield ["SADD", "set:listpack", "a", "b", "3", Buffer.from([0, 255])];
  yield ["SADD", "set:table", ...range(2_000, (index) => `member:${index}:${random.word(4)}`)];
  yield ["SADD", "set:table:long", random.bytes(100), "m".repeat(3_000)];
  yield ["SADD", "set:expires", "a"];
  yield ["PEXPIREAT", "set:expires", FAR_FUTURE + 2];
}

/** Scores that a decimal text, a float or a careless reader would get wrong. */
const SCORES: readonly (string | number)[] = [
  ...["inf", "-inf", "-0", "0", "0.1", "1e300", "-1e300", "5e-324", "1.7976931348623157e308"],
  ...["3", "-7", "127", "4095", "1000000", "9007199254740992", "9007199254740993", "1e17", "-1e-7"],
  ...["0.30000000000000004", "123456789.12345679", "2.2250738585072014e-308"],
];

function* zsets({ random }: Filling): Generator<Command> {
  yield ["ZADD", "zset:one", 1, "only"];
  yield ["ZADD", "zset:listpack", ...SCORES.flatMap((score, index) => [score, `member:${index}`])];
  yield ["ZADD", "zset:same-score", ...range(20, (index) => [5, `member:${index}`]).flat()];
  yield ["ZADD", "zset:long-member", ...SCORES.flatMap((score, index) => [score, `${index}`.repeat(90)])];
  yield ["ZADD", "zset:table", ...range(1_500, (index) => [random.next() * 1e9 - 5e8, `m:${index}`]).flat()];
  yield ["ZADD", "zset:table", ...SCORES.flatMap((score, index) => [score, `special:${index}`])];
  yield ["ZADD", "zset:binary", 1, Buffer.from([0]), 2, Buffer.from([255, 0, 10])];
  yield ["GEOADD", "zset:geo", 13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania"];
  yield ["ZADD", "zset:expires", 1, "a"];
  yield ["PEXPIREAT", "zset:expires", FAR_FUTURE + 3];
}

function* hashes({ random }: Filling): Generator<Command> {
  yield ["HSET", "hash:one", "f", "v"];
  yield ["HSET", "hash:listpack", ...PACKED.flatMap((value, index) => [`f${index}`, value]).slice(0, 40)];
  yield ["HSET", "hash:long-value", "f", "v".repeat(10_000), "g", "short", "", ""];
  yield [
    "HSET",
    "hash:table",
    ...range(1_200, (index) => [`field:${index}`, random.word(index % 30)]).flat(),
  ];
  yield ["HSET", "hash:binary", Buffer.from([0, 1]), Buffer.from([255, 254]), "n", 12_345];
  yield ["HSET", "hash:expires", "f", "v"];
  yield ["PEXPIREAT", "hash:expires", FAR_FUTURE + 4];
}

/** Hashes whose fields expire: small and large, some fields or all of them, and with an expiry of the key too. */
function* expiringHashes(): Generator<Command> {
  const expire = (key: string, at: number, ...fields: string[]): Command => {
    return ["HPEXPIREAT", key, FAR_FUTURE + at, "FIELDS", fields.length, ...fields];
  };
  yield ["HSET", "hash:ttl:some", "a", 1, "b", 2, "c", 3, "d", "text"];
  yield expire("hash:ttl:some", 1_000, "b");
  yield expire("hash:ttl:some", 5_000_000_000, "d");
  yield ["HSET", "hash:ttl:all", "a", 1, "b", 2];
  yield expire("hash:ttl:all", 7, "a", "b");
  yield ["HSET", "hash:ttl:table", ...range(900, (index) => [`field:${index}`, `value:${index}`]).flat()];
  for (let index = 0; index < 900; index += 3) yield expire("hash:ttl:table", index, `field:${index}`);
  yield ["HSET", "hash:ttl:long", "f", "v".repeat(5_000), "g", "short"];
  yield expire("hash:ttl:long", 11, "f");
  yield ["HSET", "hash:ttl:and-key", "f", "v", "g", "w"];
  yield expire("hash:ttl:and-key", 13, "g");
  yield ["PEXPIREAT", "hash:ttl:and-key", FAR_FUTURE + 5];
  // A field that expired no more, and a hash left without any field that does.
  yield ["HSET", "hash:ttl:persisted", "f", "v", "g", "w"];
  yield expire("hash:ttl:persisted", 17, "f");
  yield ["HPERSIST", "hash:ttl:persisted", "FIELDS", 1, "f"];
}

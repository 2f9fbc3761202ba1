/**
 * Fills a server with every data type in every size class and usual encoding. The same seed gives the same data, times
 * included, on servers of the same version.
 */

import type { Command, TestClient } from "./client.ts";
import { fillCollections } from "./fill_collections.ts";
import { fillStreams } from "./fill_streams.ts";
import { Random } from "./random.ts";

export interface FillOptions {
  readonly seed?: number;
  /** Keys of random type and size beside the fixed ones. Default 300. */
  readonly keys?: number;
  /** Length of the biggest strings, bytes. Default 1 MiB. */
  readonly big?: number;
}

/** All expiry times lie in the year 2100, in order not to depend on when a test runs. */
export const FAR_FUTURE = 4_102_444_800_000;
/** Databases that are filled. */
export const FILLED_DBS = [0, 1, 5] as const;

/** What the fillers of each type share. */
export interface Filling {
  readonly client: TestClient;
  readonly random: Random;
  readonly big: number;
  /** Whether hash fields can expire here (Redis ≥ 7.4, Valkey ≥ 9). */
  readonly fieldExpiry: boolean;
}

/** Adds the data; what was there stays. The connection ends up in db 0. */
export async function fillServer(client: TestClient, options: FillOptions = {}): Promise<void> {
  const { seed = 1, keys = 300, big = 1 << 20 } = options;
  const random = new Random(seed);
  const fieldExpiry = await knows(client, "HPEXPIREAT");
  const filling: Filling = { client, random, big, fieldExpiry };
  await client.command(["SELECT", 0]);
  await client.pipeline(strings(filling));
  await fillCollections(filling);
  await fillStreams(filling);
  await client.pipeline(functions());
  for (const db of FILLED_DBS) {
    await client.command(["SELECT", db]);
    await client.pipeline(randomKeys(filling, Math.ceil(keys / FILLED_DBS.length)));
  }
  await client.command(["SELECT", 0]);
}

/** Whether the server has a command. */
export async function knows(client: TestClient, command: string): Promise<boolean> {
  const [reply] = (await client.command(["COMMAND", "INFO", command])) as unknown[];
  return reply !== null && reply !== undefined;
}

function* strings({ random, big }: Filling): Generator<Command> {
  const integers = [
    "0",
    "1",
    "-1",
    "127",
    "128",
    "-128",
    "-129",
    "32767",
    "32768",
    "2147483647",
    "2147483648",
  ];
  integers.push("-2147483649", "9223372036854775807", "-9223372036854775808", "9223372036854775808");
  for (const integer of integers) yield ["SET", `str:int:${integer}`, integer];
  for (const almost of ["007", "-0", "+1", " 1", "1.5", "1e3"]) yield ["SET", `str:almost:${almost}`, almost];
  // The borders of embstr, of the 6- and 14-bit lengths and of compression.
  for (const length of [0, 1, 20, 21, 44, 45, 63, 64, 65, 16_383, 16_384, 70_000]) {
    yield ["SET", `str:same:${length}`, "a".repeat(length)];
    yield ["SET", `str:random:${length}`, random.bytes(length)];
  }
  const words = Array.from({ length: 400 }, () => random.word(random.int(1, 4)));
  yield ["SET", "str:text", Array.from({ length: 4_000 }, () => random.pick(words)).join(" ")];
  yield ["SET", "str:big:compressible", Buffer.alloc(big, "0123456789abcdef-")];
  yield ["SET", "str:big:random", random.bytes(big)];
  yield ["SET", "", "the empty key"];
  yield ["SET", Buffer.from([0, 1, 13, 10, 0x80, 0xff]), Buffer.from([0, 13, 10, 0xff])];
  yield ["SET", Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), "all bytes"];
  yield ["SET", "schlüssel:ключ:鍵", "wert:значение:値"];
  yield ["SET", "*3\r\n$3\r\nSET\r\n", "a key like a command"];
  yield ["SET", `long:${"k".repeat(20_000)}`, "long key"];
  yield ["SET", "str:expires", "v", "PXAT", FAR_FUTURE];
  yield ["SET", "str:expires:odd", "v", "PXAT", FAR_FUTURE + 123_456_789];
  yield ["SETBIT", "str:bitmap", 100_000, 1];
  yield ["PFADD", "str:hll:sparse", "a", "b", "c"];
  yield ["PFADD", "str:hll:dense", ...Array.from({ length: 3_000 }, (_, index) => `member:${index}`)];
}

function* functions(): Generator<Command> {
  const library = (name: string, body: string) => `#!lua name=${name}\n${body}`;
  const setBoth = `redis.register_function('both', function(keys, args)
  redis.call('SET', keys[1], args[1])
  return redis.call('SET', keys[2], args[1])
end)`;
  const readOnly = `redis.register_function{function_name='peek',
  callback=function(keys) return redis.call('GET', keys[1]) end, flags={'no-writes'}}`;
  yield ["FUNCTION", "LOAD", "REPLACE", library("writers", setBoth)];
  yield ["FUNCTION", "LOAD", "REPLACE", library("readers", `-- größer\n${readOnly}`)];
}

/** Small keys of every type, one in four with an expiry. */
function* randomKeys({ random, fieldExpiry }: Filling, count: number): Generator<Command> {
  for (let index = 0; index < count; index++) {
    const key = `rnd:${random.word(3)}:${index}`;
    const size = random.oneIn(20) ? random.int(200, 700) : random.int(1, 12);
    const several = (make: () => Command): Command => Array.from({ length: size }, make).flat();
    const value = () =>
      random.oneIn(3) ? random.int(-1_000_000, 1_000_000) : random.word(random.int(1, 80));
    const type = random.int(0, 5);
    if (type === 0) yield ["SET", key, random.oneIn(2) ? value() : random.bytes(random.int(0, 300))];
    else if (type === 1) yield ["RPUSH", key, ...several(() => [value()])];
    else if (type === 2) yield ["SADD", key, ...several(() => [value()])];
    else if (type === 3) yield ["ZADD", key, ...several(() => [random.next() * 1e6 - 5e5, value()])];
    else if (type === 4) yield ["HSET", key, ...several(() => [value(), value()])];
    else
      for (let id = 1; id <= size; id++)
        yield ["XADD", key, `${index}-${id}`, "f", value(), random.word(3), id];
    if (type === 4 && fieldExpiry && random.oneIn(3)) {
      yield ["HSET", key, "short-lived", value()];
      yield ["HPEXPIREAT", key, FAR_FUTURE + random.int(0, 1e9), "FIELDS", 1, "short-lived"];
    }
    if (random.oneIn(4)) yield ["PEXPIREAT", key, FAR_FUTURE + random.int(0, 1e9)];
  }
}

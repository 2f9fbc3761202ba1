import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { Random } from "../support/random.ts";
import {
  compressed,
  encodeLength,
  intset,
  listpack,
  stored,
  streamNode,
  ziplist,
  zipmap,
} from "./packed_support.ts";
import { cut, decodeChunks, dumpBody, hex, keyRecord, rdbFile } from "./support.ts";
import { DUMP_VECTORS } from "./vectors.ts";

const random = new Random(7);

/** A string of a length that reaches every size class of entries, the twofold backlens included. */
function text(): string {
  const length = random.oneIn(60)
    ? random.pick([16_378, 16_379, 16_380, 20_000])
    : random.oneIn(8)
      ? random.int(60, 5000)
      : random.int(0, 40);
  return random.oneIn(2) ? "ab".repeat(length / 2) : random.word(length);
}

function item(): string | bigint {
  if (random.oneIn(2)) return text();
  const bits = random.int(1, 63);
  return (
    (random.oneIn(2) ? -1n : 1n) *
    BigInt(Math.floor(random.next() * 2 ** Math.min(bits, 52))) *
    (bits > 52 ? 1024n : 1n)
  );
}

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const score = (): string => random.pick(["1.5", "-inf", "inf", "1e300", "3"]);

const node = streamNode(
  ["field", "f".repeat(300)],
  many(60, (i) => ({
    ms: i - 3,
    seq: random.int(0, 9),
    deleted: random.oneIn(6),
    fields: random.oneIn(2)
      ? [["field", text()] as const, ["f".repeat(300), text()] as const]
      : many(random.int(0, 9), () => [text(), text()] as const),
  })),
);

const STREAM_TAIL = hex("3c 03 05 00");
const withStream = (blob: Uint8Array): Uint8Array =>
  concat([Uint8Array.of(15, 1, 16), hex("00000000000003e8 0000000000000005"), blob, STREAM_TAIL]);

/** Values as bodies of DUMP payloads around a stored string. */
const STRUCTURES: readonly (readonly [
  name: string,
  packed: Uint8Array,
  body: (blob: Uint8Array) => Uint8Array,
])[] = [
  ["set listpack", listpack(many(200, item)), (blob) => concat([Uint8Array.of(20), blob])],
  [
    "zset listpack",
    listpack(many(100, () => [item(), random.oneIn(2) ? score() : random.int(-9, 999)]).flat()),
    (blob) => concat([Uint8Array.of(17), blob]),
  ],
  ["hash listpack", listpack(many(200, item)), (blob) => concat([Uint8Array.of(16), blob])],
  [
    "hash listpack with expiry",
    listpack(many(80, () => [item(), item(), random.int(0, 2 ** 40)]).flat()),
    (blob) => concat([Uint8Array.of(25), hex("0500000000000000"), blob]),
  ],
  [
    "list of listpacks",
    listpack(many(200, item)),
    (blob) =>
      concat([
        Uint8Array.of(18, 3, 2),
        blob,
        Uint8Array.of(1, 5),
        Buffer.from("plain"),
        Uint8Array.of(2),
        blob,
      ]),
  ],
  ["list ziplist", ziplist(many(200, item)), (blob) => concat([Uint8Array.of(10), blob])],
  ["list of ziplists", ziplist(many(200, item), true), (blob) => concat([Uint8Array.of(14, 2), blob, blob])],
  [
    "zset ziplist",
    ziplist(many(100, () => [item(), score()]).flat()),
    (blob) => concat([Uint8Array.of(12), blob]),
  ],
  ["hash ziplist", ziplist(many(200, item)), (blob) => concat([Uint8Array.of(13), blob])],
  [
    "hash zipmap",
    zipmap(many(100, () => [random.word(random.int(0, 300)), text(), random.int(0, 4)] as const)),
    (blob) => concat([Uint8Array.of(9), blob]),
  ],
  [
    "intset of 16 bits",
    intset(
      many(200, (i) => BigInt(i * 7 - 500)),
      2,
    ),
    (blob) => concat([Uint8Array.of(11), blob]),
  ],
  [
    "intset of 32 bits",
    intset(
      many(200, (i) => BigInt(i * 7_000_000 - 500)),
      4,
    ),
    (blob) => concat([Uint8Array.of(11), blob]),
  ],
  [
    "intset of 64 bits",
    intset(
      many(200, (i) => (BigInt(i) * 0x0100_0000_0000_0000n) / 3n - 500n),
      8,
    ),
    (blob) => concat([Uint8Array.of(11), blob]),
  ],
  ["stream node", node, withStream],
];

const BOUNDS = [{}, { maxPartElements: 7 }, { maxPartBytes: 100 }];

describe("a packed structure in pieces gives the events of the same held whole", () => {
  test.each(STRUCTURES)("%s", (_, packed, body) => {
    for (const form of [stored, compressed]) {
      const file = rdbFile(12, keyRecord("k", body(form(packed))));
      for (const limits of BOUNDS) {
        const whole = decodeChunks([file], { limits });
        expect(whole.at(-1)).toContain('"event":"end"');
        const pieces = { limits: { ...limits, maxPackedBytes: 0 } };
        for (const sizes of limits === BOUNDS[0] ? [[file.length], [1], [4096]] : [[13, 1, 400]])
          expect(decodeChunks(cut(file, sizes), pieces)).toEqual(whole);
      }
      const totals = decodeChunks([file], { totalsOnly: true });
      expect(decodeChunks([file], { totalsOnly: true, limits: { maxPackedBytes: 0 } })).toEqual(totals);
    }
  });

  test.each(DUMP_VECTORS.filter(({ id }) => id !== "H4"))("$id $server: $made", (vector) => {
    const file = rdbFile(vector.version, keyRecord("k", dumpBody(hex(vector.hex))));
    const whole = decodeChunks([file]);
    for (const sizes of [[file.length], [1], [5]])
      expect(decodeChunks(cut(file, sizes), { limits: { maxPackedBytes: 0 } })).toEqual(whole);
  });
});

describe("a damaged packed structure in pieces", () => {
  const codeOf = (lines: readonly string[]): string => /^error (\S+)/.exec(lines.at(-1)!)?.[1] ?? "none";

  test.each(STRUCTURES)("%s: the outcome of the same held whole, however chunked", (_, packed, body) => {
    for (let round = 0; round < 150; round++) {
      const damaged = packed.slice(0, 2000);
      // The head tells the size again, so that the damage is met where it is.
      const from = random.int(0, 3) === 0 ? 0 : 12;
      for (let i = random.int(1, 2); i > 0; i--)
        damaged[random.int(from, damaged.length - 1)] = random.oneIn(2)
          ? random.pick([0, 0xf0, 0xfe, 0xff])
          : random.int(0, 255);
      if (packed[4] !== 0 || packed[0] !== 254)
        new DataView(damaged.buffer).setUint32(0, from === 0 ? random.int(0, 2100) : damaged.length, true);
      const form = random.oneIn(2) ? stored : compressed;
      const file = rdbFile(12, keyRecord("k", body(form(damaged))));
      const options = { checksum: "off", limits: { maxPartElements: 5 } } as const;
      const pieces = { checksum: "off", limits: { maxPartElements: 5, maxPackedBytes: 0 } } as const;
      const whole = decodeChunks([file], options);
      const inPieces = decodeChunks([file], pieces);
      expect(codeOf(inPieces)).toBe(codeOf(whole));
      expect(decodeChunks(cut(file, [random.int(1, 9), random.int(1, 50)]), pieces)).toEqual(inPieces);
      const short = file.slice(0, random.int(10, file.length));
      expect(decodeChunks(cut(short, [random.int(1, 9)]), pieces)).toEqual(decodeChunks([short], pieces));
    }
  });

  test("an element above the limit is refused before it is gathered", () => {
    const file = rdbFile(
      12,
      keyRecord("k", concat([Uint8Array.of(20), stored(listpack(["a", "b".repeat(5000)]))])),
    );
    const lines = decodeChunks(cut(file, [100]), { limits: { maxPackedBytes: 0, maxElementBytes: 1000 } });
    expect(lines.at(-1)).toMatch(/^error LIMIT at /);
    expect(lines.at(-2)).toContain('"value":["a"]');
  });
});

test("an entry of a stream that spans many chunks is gathered in time linear in its size", () => {
  const fields = many(40_000, (i) => [`${i}`, "v"] as const);
  const blob = stored(streamNode(["a"], [{ ms: 0, seq: 0, fields }]));
  const file = rdbFile(
    12,
    keyRecord(
      "k",
      concat([Uint8Array.of(15, 1, 16), new Uint8Array(16), blob, encodeLength(1), hex("00 00 00")]),
    ),
  );
  const begun = performance.now();
  const lines = decodeChunks(cut(file, [50]), { limits: { maxPackedBytes: 0 } });
  expect(lines).toEqual(decodeChunks([file]));
  // Quadratic work takes minutes here.
  expect(performance.now() - begun).toBeLessThan(30_000);
});

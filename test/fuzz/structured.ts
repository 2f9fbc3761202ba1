/** Inputs whose outside is sound, so that the damage inside is reached: sizes, compression and checksums fit. */
import { concat } from "../../src/bytes/concat.ts";
import {
  compressed,
  encodeLength,
  intset,
  listpack,
  stored,
  streamNode,
  ziplist,
  zipmap,
} from "../rdb/packed_support.ts";
import { dumpPayload, hex, keyRecord, rdbFile } from "../rdb/support.ts";
import type { Random } from "../support/random.ts";
import { mutate } from "./mutate.ts";

interface Structure {
  readonly packed: Uint8Array;
  /** Type byte and what stands before the structure. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** The structure begins with its size. */
  readonly sized: boolean;
}

const NONE = new Uint8Array(0);
const WORDS = ["a", "bc", "12", "x".repeat(70), "field", "-5", "1.5"];
const TRIPLES = WORDS.flatMap((word, index) => [word, `v${word}`, index * 1_000_000]);
const SCORES = WORDS.flatMap((word, index) => [word, index % 2 === 0 ? index : "2.5"]);
const NODE = streamNode(
  ["f", "g"],
  [
    {
      ms: 0,
      seq: 0,
      fields: [
        ["f", "1"],
        ["g", "2"],
      ],
    },
    {
      ms: 3,
      seq: -1,
      deleted: true,
      fields: [
        ["f", "1"],
        ["g", "2"],
      ],
    },
    { ms: 4, seq: 7, fields: [["other", "3"]] },
  ],
);
const STREAM_HEAD = concat([Uint8Array.of(1, 16), hex("00000000000003e8 0000000000000005")]);
// Two entries, a group with two pending entries, a consumer that owns them.
const STREAM_GROUP = hex(
  "02 43ec 0c 01 0167 43ec 0c 02 00000000000003e800000000000000050102030405060708 01 00000000000003ec000000000000000c0102030405060708 01 01 0163 0102030405060708 01 00000000000003e80000000000000005",
);

function one(
  type: number,
  packed: Uint8Array,
  sized: boolean,
  before: Uint8Array = NONE,
  after: Uint8Array = NONE,
): Structure {
  return { packed, before: concat([Uint8Array.of(type), before]), after, sized };
}

const STRUCTURES: readonly Structure[] = [
  one(20, listpack(WORDS), true),
  one(16, listpack([...WORDS, "even"]), true),
  one(17, listpack(SCORES), true),
  one(25, listpack(TRIPLES), true, hex("0500000000000000")),
  one(23, listpack(TRIPLES), true),
  one(18, listpack(WORDS), true, hex("02 01 03616263 02")),
  one(10, ziplist([...WORDS, 5, 300, 70_000, 2 ** 40]), true),
  one(14, ziplist(WORDS, true), true, hex("01")),
  one(12, ziplist(SCORES), true),
  one(13, ziplist([...WORDS, "even"]), true),
  one(
    9,
    zipmap([
      ["a", "b", 3],
      ["c", "d".repeat(260)],
      ["e", ""],
    ]),
    false,
  ),
  one(11, intset([-5n, 7n, 300n], 2), false),
  one(11, intset([-5n, 7n, 1n << 40n], 8), false),
  one(15, NODE, true, STREAM_HEAD, STREAM_GROUP),
  one(29, listpack([3, "va", "vb"]), true, concat([hex("00"), stored(listpack(["a", "b"]))])),
  one(30, listpack([3, "va", "vb"]), true),
];

const TEMPLATE = hex("f2 03 02 0161 0162");

/** A file with one value whose packed structure is damaged inside. */
export function structuredFile(random: Random): Uint8Array {
  const [body, version] = damagedBody(random);
  const record = keyRecord("k", body);
  const file = rdbFile(version, TEMPLATE, record, keyRecord("next", hex("00 01 76")));
  return random.oneIn(5) ? mutate(random, file, [file]) : file;
}

/** A DUMP payload likewise, its checksum right. */
export function structuredDump(random: Random): Uint8Array {
  const [body, version] = damagedBody(random);
  return dumpPayload(version, body);
}

function damagedBody(random: Random): readonly [Uint8Array, number] {
  const structure = random.pick(STRUCTURES);
  const packed = mutate(
    random,
    structure.packed,
    STRUCTURES.map((other) => other.packed),
  );
  if (structure.sized && packed.length >= 4 && !random.oneIn(8))
    new DataView(packed.buffer, packed.byteOffset).setUint32(0, packed.length, true);
  if (packed.length > 0 && random.oneIn(2)) packed[packed.length - 1] = 0xff;
  const blob = random.oneIn(3)
    ? wrapDamaged(random, packed)
    : random.oneIn(2)
      ? stored(packed)
      : compressed(packed);
  return [concat([structure.before, blob, structure.after]), 15];
}

/** LZF that is damaged itself, or whose sizes are not those of its bytes. */
function wrapDamaged(random: Random, packed: Uint8Array): Uint8Array {
  const whole = compressed(packed);
  const head = 1 + encodeLength(whole.length).length;
  if (random.oneIn(2)) {
    whole[random.int(Math.min(head, whole.length - 1), whole.length - 1)] = random.int(0, 255);
    return whole;
  }
  return mutate(random, whole, [packed]);
}

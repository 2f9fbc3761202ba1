import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valueBytes } from "../../cli/totals.ts";
import { concat } from "../../src/bytes/concat.ts";
import { listpackKernel } from "../../src/bytes/kernels/listpack_kernel.ts";
import { lzfKernel } from "../../src/bytes/kernels/lzf_kernel.ts";
import { RdbDecoder } from "../../src/rdb/mod.ts";
import type { RdbTotals } from "../../src/rdb/part_builder.ts";
import {
  LISTPACK_HEADER,
  listpackEntryLength,
  listpackIntegerAt,
  nextListpackEntry,
} from "../../src/rdb/structures/listpack.ts";
import { FAST_GROUP, fastBytes, walkFast } from "../../src/rdb/structures/listpack_fast.ts";
import { checkScoreText } from "../../src/rdb/values/score.ts";
import { compressed, encodeLength, listpack, stored } from "./packed_support.ts";
import { cut, decodeChunks, latin1, rdbFile } from "./support.ts";

const RUNS = { numRuns: 300 };

/** The walk of the kernel in plain words: elements and their bytes, `undefined` when anything is wrong. */
function walkPlain(bytes: Uint8Array, group: number): { elements: number; bytes: number } | undefined {
  const stop = bytes.length - 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 7 || view.getUint32(0, true) !== bytes.length || bytes[stop] !== 0xff) return undefined;
  let entries = 0;
  let sum = 0;
  for (let pos = LISTPACK_HEADER; pos < stop; entries++) {
    const next = nextListpackEntry(bytes, pos, stop);
    if (next < 0) return undefined;
    const isScore = group === FAST_GROUP.scores && entries % 2 === 1;
    if (!isScore) sum += listpackEntryLength;
    else if (listpackIntegerAt(bytes, pos) === undefined) {
      const head = bytes[pos]!;
      const start = pos + (head < 0xc0 ? 1 : head < 0xf0 ? 2 : 5);
      if (!checkScoreText(bytes.subarray(start, start + listpackEntryLength))) return undefined;
    }
    pos = next;
  }
  const count = view.getUint16(4, true);
  if (count !== 0xffff && count !== entries) return undefined;
  if (group === FAST_GROUP.items) return { elements: entries, bytes: sum };
  return entries % 2 === 0 ? { elements: entries / 2, bytes: sum } : undefined;
}

const integer = fc.oneof(
  fc.constantFrom(0n, 9n, 10n, 99n, 100n, 127n, 128n, -1n, 4095n, -4096n, 4096n, -32768n, 32768n),
  fc.constantFrom(8388607n, -8388608n, 8388608n, 2147483647n, -2147483648n, 2147483648n),
  fc.constantFrom(9999n, 10000n, 999999999999999999n, 1000000000000000000n, 2n ** 63n - 1n, -(2n ** 63n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.nat(300).map((length) => "x".repeat(length)),
  fc.double().map(String),
  fc.constantFrom("", "inf", "-inf", "1e5", "1/2", "1,5", "+1.5E-7", "63".repeat(31), "e", "-"),
);
const item = fc.oneof(integer, text);
const group = fc.constantFrom(...Object.values(FAST_GROUP));

describe("walkFast", () => {
  it("has its kernel on this host", () => expect(listpackKernel()).not.toBeNull());

  it("finds in a sound listpack what the plain walk finds", () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 100, maxLength: 300 }), (items) => {
        const bytes = listpack(items);
        const padded = concat([latin1("before"), bytes, latin1("after")]);
        const found = walkFast(padded, 6, 6 + bytes.length, FAST_GROUP.items);
        expect({ elements: found, bytes: fastBytes }).toEqual(walkPlain(bytes, FAST_GROUP.items));
      }),
      RUNS,
    );
  });

  it("takes pairs and scores as the plain walk does", () => {
    const numbers = fc.oneof(integer, fc.double({ noNaN: true }).map(String));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, numbers), { minLength: 30, maxLength: 200 }), (pairs) => {
        const bytes = listpack(pairs.flat());
        const fields = walkFast(bytes, 0, bytes.length, FAST_GROUP.fields);
        expect({ elements: fields, bytes: fastBytes }).toEqual(walkPlain(bytes, FAST_GROUP.fields));
        const scores = walkFast(bytes, 0, bytes.length, FAST_GROUP.scores);
        // Infinities are left to the plain walk.
        if (pairs.every(([, score]) => !String(score).includes("Infinity")))
          expect({ elements: scores, bytes: fastBytes }).toEqual(walkPlain(bytes, FAST_GROUP.scores));
        else expect(scores).toBe(-1);
      }),
      RUNS,
    );
  });

  it("never calls sound what the plain walk refuses, and agrees with it otherwise", () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 12, maxLength: 60 }),
        group,
        fc.array(fc.tuple(fc.nat(10_000), fc.nat(255)), { maxLength: 3 }),
        fc.boolean(),
        (items, of, changes, inPlace) => {
          const bytes = listpack(items);
          for (const [at, to] of changes) bytes[at % bytes.length] = to;
          let buf = bytes;
          if (inPlace) {
            buf = lzfKernel()!.output;
            buf.set(bytes);
          }
          const found = walkFast(buf, 0, bytes.length, of);
          if (found < 0) return;
          accepted++;
          expect({ elements: found, bytes: fastBytes }).toEqual(walkPlain(bytes, of));
        },
      ),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });

  it("refuses a cut, a wrong length, a wrong count and a missing end at every place", () => {
    const bytes = listpack(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? `item ${i}` : i * 1000)));
    expect(walkFast(bytes, 0, bytes.length, FAST_GROUP.items)).toBe(40);
    for (let length = 96; length < bytes.length; length++) {
      const short = bytes.slice(0, length);
      expect(walkFast(short, 0, length, FAST_GROUP.items)).toBe(-1);
      new DataView(short.buffer).setUint32(0, length, true);
      short[length - 1] = 0xff;
      const plain = walkPlain(short, FAST_GROUP.items);
      expect(walkFast(short, 0, length, FAST_GROUP.items)).toBe(plain?.elements ?? -1);
    }
  });
});

/** Totals as the events tell them. */
function totalsOfEvents(bytes: Uint8Array): RdbTotals {
  const totals: RdbTotals = { keys: 0, elements: 0, bytes: 0, types: {} };
  const decoder = new RdbDecoder({
    onEvent: (event) => {
      if (event.event !== "key") return;
      if (event.part === 0) {
        totals.keys++;
        totals.bytes += event.key.length;
        totals.types[event.type] = (totals.types[event.type] ?? 0) + 1;
      }
      totals.elements += event.type === "string" ? (event.last ? 1 : 0) : event.count;
      totals.bytes += valueBytes(event);
    },
  });
  decoder.write(bytes);
  decoder.end();
  return totals;
}

function countChunks(chunks: Iterable<Uint8Array>, maxElementBytes = 512 << 20): RdbTotals {
  const decoder = new RdbDecoder({ onEvent: () => {}, totalsOnly: true, limits: { maxElementBytes } });
  for (const chunk of chunks) decoder.write(chunk);
  decoder.end();
  return decoder.totals;
}

const anyString = fc.oneof(
  fc.string({ maxLength: 20 }).map((value) => stored(Buffer.from(value))),
  fc.nat(200).map((length) => stored(new Uint8Array(length).fill(120))),
  fc.constantFrom(0x3fff, 0x4000, 20_000).map((length) => stored(new Uint8Array(length))),
  fc.constantFrom(100, 5000).map((length) => compressed(new Uint8Array(length).fill(120))),
  fc
    .constantFrom([0xc0, 0x80], [0xc1, 0x10, 0x27], [0xc2, 0, 0, 0, 0x80])
    .map((bytes) => Uint8Array.from(bytes)),
);
const before = fc.constantFrom(
  [],
  [],
  [0xfc, 1, 2, 3, 4, 5, 0, 0, 0],
  [0xfc, 255, 255, 255, 255, 255, 255, 255, 255],
  [0xfd, 1, 2, 3, 4],
  [0xf9, 7],
  [0xf8, 7, 0xfc, 1, 2, 3, 4, 5, 0, 0, 0],
  [0xfe, 3],
);
const record = fc
  .tuple(before, anyString, anyString, fc.boolean())
  .map(([opcodes, key, value, isList]) =>
    concat([
      Uint8Array.from(opcodes),
      Uint8Array.of(isList ? 1 : 0),
      key,
      isList ? concat([encodeLength(1), value]) : value,
    ]),
  );

describe("RdbDecoder totalsOnly", () => {
  it("counts strings among other records as the events tell them, however the input is cut", () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 }),
        (records, sizes) => {
          const bytes = rdbFile(11, ...records);
          const expected = totalsOfEvents(bytes);
          expect(countChunks([bytes])).toEqual(expected);
          expect(countChunks(cut(bytes, sizes))).toEqual(expected);
        },
      ),
      RUNS,
    );
  });

  it("gives the events of strings that the long way gives, however the input is cut", () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 }),
        (records, sizes) => {
          const bytes = rdbFile(11, ...records);
          // Whoever selects keys has each of them read by the general reader.
          const expected = decodeChunks([bytes], { select: () => "data" });
          expect(decodeChunks([bytes])).toEqual(expected);
          expect(decodeChunks(cut(bytes, sizes))).toEqual(expected);
        },
      ),
      RUNS,
    );
  });

  it("refuses a broken compressed string with the error that the events end with", () => {
    const good = concat([Uint8Array.of(0), stored(latin1("a")), stored(latin1("1"))]);
    const packed = compressed(latin1("abcabcabcabc".repeat(20)));
    for (let at = 1; at < packed.length; at++) {
      for (const change of [0x01, 0x80]) {
        const broken = packed.slice();
        broken[at]! ^= change;
        const bytes = rdbFile(11, good, concat([Uint8Array.of(0), stored(latin1("key")), broken]), good);
        const expected = decodeChunks([bytes], { select: () => "data" }).at(-1)!;
        const counted = decodeChunks([bytes], { totalsOnly: true }).at(-1)!;
        expect(counted.startsWith("error")).toBe(expected.startsWith("error"));
        if (expected.startsWith("error")) expect(counted).toBe(expected);
      }
    }
  });

  it("keeps a limit that is lower than the strings it takes quickly", () => {
    const bytes = rdbFile(11, concat([Uint8Array.of(0), stored(latin1("k")), stored(new Uint8Array(200))]));
    expect(countChunks([bytes]).keys).toBe(1);
    const long = rdbFile(11, concat([Uint8Array.of(0), stored(new Uint8Array(200)), stored(latin1("v"))]));
    expect(() => countChunks([long], 100)).toThrow(expect.objectContaining({ code: "LIMIT" }));
  });
});

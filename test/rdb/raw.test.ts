import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { decodeDump, RdbDecoder, type RdbKey, type RdbLimits } from "../../src/rdb/mod.ts";
import { listpack, stored } from "./packed_support.ts";
import { cut, decodeChunks, dumpBody, hex, keyRecord, rdbFile, show } from "./support.ts";
import { DUMP_VECTORS } from "./vectors.ts";

/** The payload that level raw gives for each key. */
function payloads(file: Uint8Array, sizes: readonly number[], limits: Partial<RdbLimits> = {}): Uint8Array[] {
  const whole: Uint8Array[] = [];
  let open: Uint8Array[] = [];
  const decoder = new RdbDecoder({
    limits,
    select: () => "raw",
    onEvent(event) {
      if (event.event !== "key") return;
      expect(show(event.value)).toMatch(
        /^(\[\]|""|\{"entries":\[\],"groups":\[\]\}|\{"name":"","version":0\})$/,
      );
      expect(event.part).toBe(open.length);
      open.push(event.raw!);
      if (!event.last) return;
      whole.push(concat(open));
      open = [];
    },
  });
  for (const chunk of cut(file, sizes)) decoder.write(chunk);
  decoder.end();
  return whole;
}

function dataOf(parts: readonly RdbKey[]): string {
  return show(parts.map((part) => part.value));
}

describe("level raw", () => {
  const long = keyRecord(
    "k",
    concat([
      Uint8Array.of(2, 0x41, 0x2c),
      ...Array.from({ length: 300 }, (_, i) => stored(Buffer.from(`member ${i}`))),
    ]),
  );

  test("gives a long collection in fragments of the bound, each but the last exactly that long", () => {
    const file = rdbFile(12, long);
    const fragments: number[] = [];
    const decoder = new RdbDecoder({
      limits: { maxPartBytes: 1000, maxPartElements: 10 },
      select: () => "raw",
      onEvent: (event) => event.event === "key" && fragments.push(event.raw!.length),
    });
    decoder.write(file);
    decoder.end();
    expect(fragments.slice(0, -1).every((length) => length === 1000)).toBe(true);
    const [payload] = payloads(file, [7], { maxPartBytes: 1000, maxPartElements: 10 });
    expect(dataOf(decodeDump(payload!).parts)).toBe(
      show([Array.from({ length: 300 }, (_, i) => `member ${i}`)]),
    );
  });

  test("gives a long string once, compressed as it is", () => {
    const text = Buffer.from("abc".repeat(2000));
    const file = rdbFile(12, keyRecord("k", concat([Uint8Array.of(0), stored(text)])));
    for (const maxPartBytes of [100, 1 << 20]) {
      const [payload] = payloads(file, [50], { maxPartBytes });
      expect(Buffer.from(decodeDump(payload!).parts[0]!.value as Uint8Array).equals(text)).toBe(true);
    }
  });

  const template = hex("f2 03 02 0161 0162");
  const REFERENCES: readonly (readonly [string, Uint8Array])[] = [
    ["30, a listpack", concat([Uint8Array.of(30), stored(listpack([3, "va", 77]))])],
    ["32, strings", concat([Uint8Array.of(32), hex("03 027661 c04d")])],
  ];

  test.each(REFERENCES)(
    "a reference to a template (type %s) becomes a payload that stands alone",
    (_, body) => {
      const file = rdbFile(15, template, keyRecord("k", body), keyRecord("next", hex("00 0176")));
      for (const sizes of [[file.length], [1], [6]]) {
        const [payload, next] = payloads(file, sizes);
        expect(payload![0]).toBe(body[0]! - 1);
        expect(dataOf(decodeDump(payload!).parts)).toBe(
          show([
            [
              { field: "a", value: "va" },
              { field: "b", value: "77" },
            ],
          ]),
        );
        expect(dataOf(decodeDump(next!).parts)).toBe(show(["v"]));
      }
      expect(decodeChunks([file])[1]).toContain(
        '"value":[{"field":"a","value":"va"},{"field":"b","value":"77"}]',
      );
      expect(decodeChunks([file], { select: () => "skip" })).toHaveLength(2);
    },
  );

  test("a reference is no DUMP payload by itself", () => {
    expect(() => decodeDump(dumpBodyOf(REFERENCES[1]![1]), { checksum: "off" })).toThrow(/no template 3/);
  });
});

function dumpBodyOf(body: Uint8Array): Uint8Array {
  return concat([body, hex("0f00 0000000000000000")]);
}

test("select is asked once a key, however the input is cut", () => {
  const file = rdbFile(12, ...["a", "bcd", "efghij"].map((key) => keyRecord(key, hex("00 05 68656c6c6f"))));
  for (const sizes of [[file.length], [1], [3], [8]]) {
    const asked: string[] = [];
    decodeChunks(cut(file, sizes), {
      select: ({ keyText }) => {
        asked.push(keyText);
        return "data";
      },
    });
    expect(asked).toEqual(["a", "bcd", "efghij"]);
  }
});

describe("each vector at each level", () => {
  const vectors = DUMP_VECTORS.filter(({ id }) => id !== "H4");
  test.each(vectors)("$id $server: $made", (vector) => {
    const file = rdbFile(
      vector.version,
      keyRecord("k", dumpBody(hex(vector.hex))),
      keyRecord("after", hex("00 0161")),
    );
    for (const sizes of [[file.length], [1], [3]]) {
      const raw = payloads(file, sizes);
      expect(raw).toHaveLength(2);
      expect(dataOf(decodeDump(raw[0]!).parts)).toBe(dataOf(decodeDump(hex(vector.hex)).parts));
      const skipped = decodeChunks(cut(file, sizes), {
        select: ({ keyText }) => (keyText === "k" ? "skip" : "data"),
      });
      expect(skipped).toHaveLength(3);
      expect(skipped[1]).toContain('"key":"after"');
      expect(skipped[2]).toContain('"keys":2');
    }
  });
});

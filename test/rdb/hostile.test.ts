import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeDump, RdbDecoder, ReplicaError } from "../../src/rdb/mod.ts";
import {
  cut,
  decodeChunks,
  dumpBody,
  dumpPayload,
  hex,
  keyRecord,
  latin1,
  rdbFile,
  show,
} from "./support.ts";
import { DUMP_VECTORS, FILE_VECTORS } from "./vectors.ts";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ReplicaError) return error.code;
    throw error;
  }
  return "none";
}

/** Bodies that servers refuse, or accept against the letter of the format (test vectors, group M). */
const BODIES: readonly (readonly [id: string, body: string, outcome: string])[] = [
  ["M1 count in an encoded form", "02 c1 0161", "MALFORMED"],
  ["M2 invalid length lead", "01 82 0161", "MALFORMED"],
  ["M3 over-long 32-bit length", "00 80 00000001 61", '"a"'],
  ["M3 over-long 64-bit length", "00 81 0000000000000001 61", '"a"'],
  ["M3 over-long 14-bit length", "00 40 01 61", '"a"'],
  ["M4 over-wide integer", "00 c2 05000000", '"5"'],
  ["M5 unknown string encoding", "00 c4", "MALFORMED"],
  ["M6 LZF yields less than announced", "00 c3 02 0a 00 61", "MALFORMED"],
  ["M7 empty LZF", "00 c3 00 00", '""'],
  ["M10 NaN as a double", "05 01 0161 000000000000f87f", "MALFORMED"],
  ["M10 NaN as text", "03 01 0161 fd", "MALFORMED"],
  ["M11 unsorted intset", "0b 0c 02000000 02000000 0200 0100", "MALFORMED"],
  ["M12 wide intset with a small number", "0b 0c 04000000 01000000 05000000", '["5"]'],
  ["M13 ziplist entry with encoding ff", "0a 0d 0d000000 0a000000 0100 00 ff ff", "MALFORMED"],
  ["M13b zlbytes is not the blob's length", "0a 0c 0f000000 0a000000 0100 00 01 61", "MALFORMED"],
  ["M14 quicklist container 3", "12 01 03 03 616263", "MALFORMED"],
  ["M15 empty listpack set", "14 07 07000000 0000 ff", "MALFORMED"],
  ["M18 empty list", "01 00", "MALFORMED"],
  ["M18 empty set", "02 00", "MALFORMED"],
  ["M18 quicklist without nodes", "12 00", "MALFORMED"],
  ["a length of 2^63", "00 81 8000000000000000 61", "MALFORMED"],
  ["a string of 1 TiB", "00 81 0000010000000000 61", "TRUNCATED"],
  ["a set of 2^32 members", "02 80 ffffffff 0161", "TRUNCATED"],
  ["LZF that claims more than its bytes can make", "00 c3 03 80 7fffffff 010203", "MALFORMED"],
  ["LZF that refers before its start", "00 c3 02 04 2005", "MALFORMED"],
  ["type 6", "06 81 85e965a2dca97800 02", "UNSUPPORTED"],
  ["type 8", "08 01 61", "UNKNOWN_TYPE"],
  ["a listpack whose backlen is wrong", "14 09 09000000 0100 01 02 ff", "MALFORMED"],
  ["a listpack whose count is wrong", "14 09 09000000 0200 01 01 ff", "MALFORMED"],
  ["an odd hash listpack", "10 09 09000000 0100 01 01 ff", "MALFORMED"],
  [
    "a zset listpack with a score that is no number",
    "11 0f 0f000000 0200 8161 02 83616263 04 ff",
    "MALFORMED",
  ],
  ["a module item that does not exist", "07 8185e965a2dca97800 09", "MALFORMED"],
];

describe("decodeDump on bodies that must not be trusted", () => {
  test.each(BODIES)("%s", (_, body, outcome) => {
    const payload = dumpPayload(12, hex(body));
    if (/^[A-Z]/.test(outcome)) expect(codeOf(() => decodeDump(payload))).toBe(outcome);
    else expect(show(decodeDump(payload).parts[0]?.value)).toBe(outcome);
  });

  test("M16: bytes between value and footer are told", () => {
    expect(decodeDump(dumpPayload(12, hex("00 01 61 ff"))).trailing).toBe(1);
  });

  test("M17: a checksum of zero counts as not computed, a wrong one is refused", () => {
    const payload = dumpPayload(12, hex("00 01 61"));
    payload.fill(0, payload.length - 8);
    expect(show(decodeDump(payload).parts[0]?.value)).toBe('"a"');
    payload[payload.length - 1] = 1;
    expect(codeOf(() => decodeDump(payload))).toBe("CHECKSUM");
  });

  test("a payload shorter than its footer", () => {
    expect(codeOf(() => decodeDump(new Uint8Array(10)))).toBe("TRUNCATED");
  });
});

describe("RdbDecoder errors", () => {
  const good = keyRecord("good", hex("00 01 61"));

  test("name offset, db, key and type, after everything decoded before", () => {
    const file = rdbFile(12, hex("fe 03"), good, keyRecord("bad", hex("02 02 0161 c4")));
    const events: string[] = [];
    let error: unknown;
    const decoder = new RdbDecoder({
      onEvent: (event) =>
        events.push(event.event === "key" ? `${event.keyText} ${show(event.value)}` : event.event),
    });
    try {
      decoder.write(file);
    } catch (thrown) {
      error = thrown;
    }
    expect(events).toEqual(["begin", 'good "a"', 'bad ["a"]']);
    expect(error).toMatchObject({ code: "MALFORMED", offset: 9 + 2 + 8 + 5 + 3, db: 3, type: "set" });
    expect((error as ReplicaError).message).toMatch(/^Cannot decode value of key "bad": /);
    expect(Buffer.from((error as ReplicaError).key!).toString()).toBe("bad");
  });

  test("stay the same until reset", () => {
    const decoder = new RdbDecoder({ onEvent() {} });
    const first = catchError(() => decoder.write(latin1("no RDB at all")));
    expect(first).toMatchObject({ code: "NOT_RDB", offset: 0 });
    expect(catchError(() => decoder.write(latin1("REDIS0009")))).toBe(first);
    expect(catchError(() => decoder.end())).toBe(first);
    decoder.reset();
    decoder.write(rdbFile(9, good));
    expect(decoder.done).toBe(true);
  });

  test.each([
    ["", "TRUNCATED"],
    ["REDI", "TRUNCATED"],
    ["REDIS00x9", "NOT_RDB"],
    ["REDIS0000", "NOT_RDB"],
    ["REDIS0080", "NOT_RDB"],
    ["VALKEY079", "NOT_RDB"],
    ["HTTP/1.1 400 Bad Request", "NOT_RDB"],
    ["\x1f\x8b\x08", "NOT_RDB"],
    ["VKCS\x01\x01\x00\x00", "UNSUPPORTED"],
    ["REDIS0012\xf0", "UNKNOWN_TYPE"],
  ])("input %j is %s", (text, code) => {
    expect(decodeChunks(cut(latin1(text), [1])).at(-1)).toContain(`error ${code} `);
    expect(decodeChunks([latin1(text)]).at(-1)).toContain(`error ${code} `);
  });

  test("a future version is decoded as far as its types are known", () => {
    const file = rdbFile(42, good, keyRecord("new", Uint8Array.of(77, 1)));
    const lines = decodeChunks([file]);
    expect(lines[1]).toContain('"key":"good"');
    expect(lines.at(-1)).toContain("error UNKNOWN_TYPE at 17: ");
    expect(lines.at(-1)).toContain("77");
  });

  test("a wrong checksum is an error, a warning, or not looked at", () => {
    const file = rdbFile(9, good);
    file[file.length - 1]! ^= 1;
    expect(decodeChunks([file]).at(-1)).toContain("error CHECKSUM at 18:");
    expect(decodeChunks([file], { checksum: "warn" }).slice(-2)).toEqual([
      expect.stringContaining('"event":"warning","code":"CHECKSUM","at":18'),
      expect.stringContaining('"checksum":"mismatch"'),
    ]);
    expect(decodeChunks([file], { checksum: "off" }).at(-1)).toContain('"checksum":"off"');
  });

  test("a module parser that throws ends its key only", () => {
    const file = rdbFile(12, keyRecord("m", hex("07 8185e965a2dca97800 02 01 00")), good);
    const lines = decodeChunks([file], {
      modules: {
        hellotype() {
          throw new Error("not today");
        },
      },
    });
    expect(lines[1]).toContain('"code":"MODULE"');
    expect(lines[1]).toContain("not today");
    expect(lines[3]).toContain('"key":"good"');
    expect(lines.at(-1)).toContain('"event":"end"');
  });
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("RdbDecoder on damaged input", () => {
  const files = [
    ...FILE_VECTORS.map(({ hex: bytes }) => hex(bytes)),
    ...DUMP_VECTORS.filter(({ id }) => id !== "H4").map((vector) =>
      rdbFile(vector.version, keyRecord("k", dumpBody(hex(vector.hex)))),
    ),
  ];

  test("cut short anywhere: the events before, then TRUNCATED, however chunked", () => {
    for (const file of files) {
      const whole = decodeChunks([file]);
      for (let length = 0; length < Math.min(file.length, 700); length++) {
        const short = file.slice(0, length);
        const lines = decodeChunks([short]);
        if (lines.at(-1)?.includes('"event":"end"')) continue;
        expect(lines.at(-1)).toContain("error TRUNCATED");
        expect(decodeChunks(cut(short, [1, 7]))).toEqual(lines);
        const before = lines.slice(0, -2);
        expect(whole.slice(0, before.length)).toEqual(before);
      }
    }
  });

  test("with bytes changed: events and at most one coded error, the same however chunked", () => {
    const arbitrary = fc.record({
      file: fc.constantFrom(...files),
      changes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
      sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ file, changes, sizes }) => {
        const damaged = file.slice();
        for (const [at, byte] of changes) damaged[9 + (at % (damaged.length - 9))] = byte;
        const whole = decodeChunks([damaged], { checksum: "off" });
        expect(decodeChunks(cut(damaged, sizes), { checksum: "off" })).toEqual(whole);
      }),
      { numRuns: 3000 },
    );
  });
});

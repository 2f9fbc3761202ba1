import { describe, expect, test } from "vitest";
import { RespDecoder, type RespLimits } from "../../src/resp/mod.ts";
import { brief, bytesOf, cuttings, decode } from "./support.ts";

const wire = (text: string) => bytesOf(text.replaceAll("¶", "\r\n"));
const MIB = 1024 * 1024;

/** What must be refused, with the offset of the byte or element to blame. However it is cut, the answer is the same. */
const refused: readonly (readonly [
  why: string,
  wire: string,
  code: string,
  offset: number,
  limits?: RespLimits,
])[] = [
  ["an unknown type byte", "+a¶A¶", "MALFORMED", 4],
  ["an inline command as a reply", "PING¶", "MALFORMED", 0],
  ["LF alone after a line", "+a\n", "MALFORMED", 2],
  ["CR within a line", "+a\rb¶", "MALFORMED", 3],
  ["LF alone after a length", "$4\nabcd¶", "MALFORMED", 2],
  ["no CR LF after a string", "$2¶abXX", "MALFORMED", 6],
  ["CR without LF after a string", "$2¶ab\rX", "MALFORMED", 7],
  ["a string shorter than it said", "$5¶abc¶+x¶", "MALFORMED", 9],
  ["a length with a sign", "$+4¶abcd¶", "MALFORMED", 0],
  ["a length with a leading zero", "$04¶abcd¶", "MALFORMED", 0],
  ["a count with a leading zero", "*01¶:1¶", "MALFORMED", 0],
  ["a length with blanks", "$ 4¶abcd¶", "MALFORMED", 0],
  ["a length with an exponent", "$1e1¶", "MALFORMED", 0],
  ["a length in hex", "$0x4¶", "MALFORMED", 0],
  ["no length at all", "$¶", "MALFORMED", 0],
  ["no count at all", "*¶", "MALFORMED", 0],
  ["a length below -1", "$-2¶", "MALFORMED", 0],
  ["a count below -1", "*-2¶", "MALFORMED", 0],
  ["-1 with a leading zero", "$-01¶", "MALFORMED", 0],
  ["a negative count of a map", "%-1¶", "MALFORMED", 0],
  ["a negative count of a set", "~-1¶", "MALFORMED", 0],
  ["a negative count of a push", ">-1¶", "MALFORMED", 0],
  ["a negative count of attributes", "|-1¶", "MALFORMED", 0],
  ["a negative length of a verbatim string", "=-1¶", "MALFORMED", 0],
  ["a negative length of a blob error", "!-1¶", "MALFORMED", 0],
  ["an integer with a plus sign", ":+1¶", "MALFORMED", 0],
  ["an integer that is none", ":1.5¶", "MALFORMED", 0],
  ["an empty integer", ":¶", "MALFORMED", 0],
  ["an integer above 64 bits", ":9223372036854775808¶", "MALFORMED", 0],
  ["an integer far above 64 bits", `:${"9".repeat(40)}¶`, "MALFORMED", 0],
  ["a boolean that is neither", "#x¶", "MALFORMED", 0],
  ["a boolean in words", "#true¶", "MALFORMED", 0],
  ["a null with something behind it", "_x¶", "MALFORMED", 0],
  ["a double in a spelling of other languages", ",Infinity¶", "MALFORMED", 0],
  ["a double in hex", ",0x1p3¶", "MALFORMED", 0],
  ["an empty double", ",¶", "MALFORMED", 0],
  ["a double of blanks", ", ¶", "MALFORMED", 0],
  ["a double that begins with its point", ",.5¶", "MALFORMED", 0],
  ["a double that ends with its point", ",5.¶", "MALFORMED", 0],
  ["a double with an empty exponent", ",5e+¶", "MALFORMED", 0],
  ["a big number with decimals", "(1.0¶", "MALFORMED", 0],
  ["an empty big number", "(-¶", "MALFORMED", 0],
  ["a big number above its cap", `(${"9".repeat(22)}¶`, "LIMIT", 0, { maxBigNumberDigits: 20 }],
  ["a verbatim string without room for its format", "=3¶txt¶", "MALFORMED", 0],
  ["a verbatim string without a colon", "=5¶txt-a¶", "MALFORMED", 0],
  ["a push inside an array", "*1¶>1¶+a¶", "MALFORMED", 4],
  ["a push inside attributes", "|1¶+k¶>1¶+a¶", "MALFORMED", 8],
  ["an end at the top", ".¶", "MALFORMED", 0],
  ["an end inside a counted array", "*2¶:1¶.¶", "MALFORMED", 8],
  ["an end with something behind it", "*?¶.x¶", "MALFORMED", 4],
  ["an end after an odd number of a map's halves", "%?¶+a¶.¶", "MALFORMED", 8],
  ["an end between attributes and their value", "*?¶|1¶+a¶+b¶.¶", "MALFORMED", 16],
  ["a piece outside a streamed string", ";1¶a¶", "MALFORMED", 0],
  ["a value inside a streamed string", "$?¶;1¶a¶+x¶", "MALFORMED", 11],
  ["an end inside a streamed string", "$?¶.¶", "MALFORMED", 4],
  ["a streamed push", ">?¶", "MALFORMED", 0],
  ["streamed attributes", "|?¶", "MALFORMED", 0],
  ["a streamed verbatim string", "=?¶", "MALFORMED", 0],
  ["a string above the limit", "$11¶", "LIMIT", 0, { maxBulkLength: 10 }],
  ["a length that overflows", "$99999999999999999999¶", "LIMIT", 0],
  ["a length just above 2^53", "$9007199254740993¶", "LIMIT", 0],
  ["a streamed string above the limit", "$?¶;6¶aaaaaa¶;6¶", "LIMIT", 16, { maxBulkLength: 10 }],
  ["a blob error above the limit", "!11¶", "LIMIT", 0, { maxBulkLength: 10 }],
  ["a number line without end", `:${"1".repeat(600)}`, "LIMIT", 0],
  ["nesting above the limit", "*1¶*1¶*1¶*1¶", "LIMIT", 12, { maxDepth: 3 }],
  ["attributes above the depth limit", "*1¶|1¶*1¶*1¶", "LIMIT", 12, { maxDepth: 3 }],
  ["a count of 2^63", "*9223372036854775807¶", "LIMIT", 0],
  ["a count of a map whose double is above the limit", "%6¶", "LIMIT", 0, { maxElements: 10 }],
  ["a streamed array without end", "*?¶:1¶:1¶:1¶:1¶", "LIMIT", 16, { maxElements: 4 }],
  ["attributes without a value", "|1¶+a¶+b¶|1¶+a¶+b¶", "LIMIT", 12, { maxElements: 4 }],
  ["a value above its byte limit", "*2¶$10¶0123456789¶$10¶", "LIMIT", 21, { maxValueBytes: 30 }],
];

describe("RespDecoder refuses", () => {
  for (const [why, text, code, offset, limits] of refused) {
    test(`${why}: ${JSON.stringify(text.slice(0, 40))}`, () => {
      for (const chunks of cuttings(wire(text))) {
        const { error } = decode(chunks, limits);
        expect(error?.code).toBe(code);
        expect(error?.offset).toBe(offset);
      }
    });
  }

  test("a line above its limit, after reading no more than the limit and a chunk", () => {
    const decoder = new RespDecoder({ onValue: () => {}, maxLineLength: 1000 });
    decoder.write(wire(`+${"x".repeat(1000)}`));
    expect(() => decoder.write(wire("x"))).toThrow(expect.objectContaining({ code: "LIMIT" }));
  });
});

describe("RespDecoder does not", () => {
  test("lose the values before what it refuses", () => {
    const { values, error } = decode([wire("+a¶*1¶:1¶$x¶")]);
    expect(values.map(brief)).toEqual(["+a", { array: [{ integer: 1 }] }]);
    expect(error).toEqual({ code: "MALFORMED", offset: 12 });
  });

  test("reserve memory by an announced length", () => {
    const before = process.memoryUsage().arrayBuffers;
    const decoders: RespDecoder[] = [];
    for (let i = 0; i < 50; i++) {
      const decoder = new RespDecoder({ onValue: () => {} });
      decoder.write(wire("*1000000¶$536870912¶some bytes"));
      decoders.push(decoder);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60 * MIB);
    expect(decoders).toHaveLength(50);
  });

  test("look at old bytes again: a 2 MiB string and a deep, wide array byte by byte", () => {
    const parts = [wire(`$${2 * MIB}¶`), new Uint8Array(2 * MIB).fill(0x61), wire(`¶*${50_000}¶`)];
    for (let i = 0; i < 50_000; i++) parts.push(wire(i % 3 === 0 ? ":1¶" : "*1¶+a¶"));
    let values = 0;
    const decoder = new RespDecoder({ onValue: () => ++values });
    const one = new Uint8Array(1);
    const started = performance.now();
    for (const part of parts) for (const byte of part) decoder.write(one.fill(byte).slice());
    decoder.end();
    expect(values).toBe(2);
    // Quadratic work on this would take minutes.
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  test("stack attributes at more than linear cost", () => {
    const chunk = wire("|1¶+a¶+b¶".repeat(100_000));
    const decoder = new RespDecoder({ onValue: () => {} });
    const started = performance.now();
    decoder.write(chunk);
    decoder.write(wire("+x¶"));
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("change a string of several MiB that came in pieces", () => {
    const bytes = new Uint8Array(5 * MIB + 3).map((_, i) => (i * 7) & 0xff);
    const chunks = [wire(`$${bytes.length}¶`)];
    for (let at = 0; at < bytes.length; at += 60_000) chunks.push(bytes.slice(at, at + 60_000));
    chunks.push(wire("¶"));
    const { values } = decode(chunks);
    const [value] = values;
    expect(value?.type === "bulk" && Buffer.compare(value.bytes, bytes)).toBe(0);
  });

  test("take a limit that is no positive number", () => {
    for (const maxDepth of [0, -1, Number.NaN]) {
      expect(() => new RespDecoder({ onValue: () => {}, maxDepth })).toThrow(RangeError);
    }
  });
});

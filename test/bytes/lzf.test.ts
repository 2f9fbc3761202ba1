import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LzfStream, lzfCheck, lzfDecompress } from "../../src/bytes/mod.ts";
import { ReplicaError } from "../../src/errors.ts";
import { lzfCompress, lzfNaive } from "./lzf_support.ts";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Text with repetitions near and far. */
const repetitive = fc
  .array(
    fc.tuple(fc.uint8Array({ min: 1, max: 4, minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 30 })),
    {
      maxLength: 12,
    },
  )
  .map((parts) =>
    Uint8Array.from(
      parts.flatMap(([bytes, times]) =>
        Array(times)
          .fill([...bytes])
          .flat(),
      ),
    ),
  );

function whole(input: Uint8Array, outLength: number): Uint8Array {
  const output = new Uint8Array(outLength);
  lzfDecompress(input, 0, input.length, output, 0, outLength);
  return output;
}

/** What an attempt came to: the bytes, or the error's code and offset. */
function verdict(attempt: () => Uint8Array | undefined): { bytes?: number[] | undefined; error?: string } {
  try {
    const bytes = attempt();
    return { bytes: bytes && [...bytes] };
  } catch (error) {
    if (!(error instanceof ReplicaError)) throw error;
    return { error: `${error.code} ${error.offset} ${error.message}` };
  }
}

function streamed(
  input: Uint8Array,
  outLength: number,
  chunkSize: number,
  cuts: readonly number[],
): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let ended = 0;
  const stream = new LzfStream({
    inLength: input.length,
    outLength,
    chunkSize,
    onChunk: (chunk, last) => {
      chunks.push(chunk);
      if (last) ended++;
    },
  });
  let at = 0;
  for (const cut of [...cuts.map((c) => Math.min(c, input.length)).sort((a, b) => a - b), input.length]) {
    stream.write(input, at, cut);
    at = cut;
  }
  expect(ended).toBe(1);
  expect(stream.missing).toBe(0);
  return chunks;
}

const vectors = [
  { name: "B1", input: "01 6161 e0 57 00 01 6161", output: "a".repeat(100) },
  { name: "B2", input: "08 616263646566676861 e0 2c 07 01 6768", output: "abcdefgh".repeat(8) },
  { name: "B3", input: "01 6161 e0ff00 e0ff00 e03b00 01 6161", output: "a".repeat(600) },
  { name: "empty", input: "", output: "" },
];

const faults = [
  { name: "literals cut short", input: "02 6161", length: 3, offset: 0 },
  { name: "reference without its distance", input: "00 61 20", length: 4, offset: 2 },
  { name: "long reference without its length", input: "00 61 e0", length: 10, offset: 2 },
  { name: "long reference without its distance", input: "00 61 e0 00", length: 10, offset: 2 },
  { name: "reference before the start", input: "00 61 20 01", length: 4, offset: 2 },
  { name: "reference at the very start", input: "20 00", length: 3, offset: 0 },
  { name: "literals beyond the output", input: "01 6161", length: 1, offset: 0 },
  { name: "reference beyond the output", input: "00 61 20 00", length: 3, offset: 2 },
  { name: "output too short", input: "00 61 20 00", length: 5, offset: 4 },
  { name: "nothing for something", input: "", length: 1, offset: 0 },
  { name: "something for nothing", input: "00 61", length: 0, offset: 0 },
  { name: "more than any input can make", input: "00 61", length: 177, offset: 0 },
];

describe("lzfDecompress", () => {
  it.each(vectors)("gives vector $name", ({ input, output }) => {
    expect(whole(hex(input), output.length)).toEqual(ascii(output));
    expect(() => lzfCheck(hex(input), 0, hex(input).length, output.length)).not.toThrow();
  });

  it.each(faults)("refuses $name", ({ input, length, offset }) => {
    const bytes = hex(input);
    const expected = expect.objectContaining({ name: "ReplicaError", code: "MALFORMED", offset });
    expect(() => whole(bytes, length)).toThrow(expected);
    expect(() => lzfCheck(bytes, 0, bytes.length, length)).toThrow(expected);
    expect(() => streamed(bytes, length, 16, [])).toThrow(expected);
  });

  it("undoes a compressor, inside of larger arrays, touching nothing else", () => {
    fc.assert(
      fc.property(repetitive, (plain) => {
        const packed = lzfCompress(plain);
        const input = Uint8Array.from([9, ...packed, 0, 0]);
        const output = new Uint8Array(plain.length + 8).fill(0xee);
        lzfDecompress(input, 1, 1 + packed.length, output, 3, plain.length);
        expect(output.subarray(3, 3 + plain.length)).toEqual(plain);
        expect([...output.subarray(0, 3), ...output.subarray(3 + plain.length)]).toEqual(Array(8).fill(0xee));
      }),
    );
  });

  it("refuses an output range outside of the output", () => {
    const input = hex("00 61");
    expect(() => lzfDecompress(input, 0, 2, new Uint8Array(4), 4, 1)).toThrow(RangeError);
    expect(() => lzfDecompress(input, 0, 2, new Uint8Array(4), -1, 1)).toThrow(RangeError);
  });
});

describe("lzfDecompress, lzfCheck and LzfStream", () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .tuple(repetitive, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 3 }))
      .map(([plain, changes]) => {
        const packed = lzfCompress(plain);
        for (const [at, byte] of changes) if (packed.length > 0) packed[at % packed.length] = byte;
        return packed;
      }),
  );

  it("agree with the naive twin on hostile input", () => {
    fc.assert(
      fc.property(hostile, fc.nat(700), fc.boolean(), (input, guess, exact) => {
        let length = guess;
        if (exact) {
          // The length that the input would make, so that sound inputs are met too.
          for (length = 0; length < 2000; length++) if (lzfNaive(input, length) !== undefined) break;
        }
        const naive = lzfNaive(input, length);
        const first = verdict(() => whole(input, length));
        expect(first.bytes).toEqual(naive);
        const second = verdict(() => lzfCheck(input, 0, input.length, length) as undefined);
        expect(second.error).toBe(first.error);
        const third = verdict(() => Buffer.concat(streamed(input, length, 50, [input.length >> 1])));
        expect(third).toEqual(first);
      }),
      { numRuns: 60 },
    );
  });
});

describe("LzfStream", () => {
  it("gives exact chunks whatever the cuts", () => {
    fc.assert(
      fc.property(
        repetitive,
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.nat(500)),
        (plain, size, cuts) => {
          const chunks = streamed(lzfCompress(plain), plain.length, size, cuts);
          expect(Buffer.concat(chunks)).toEqual(Buffer.from(plain));
          expect(chunks.slice(0, -1).every((chunk) => chunk.length === size)).toBe(true);
          expect(chunks.length).toBe(Math.max(1, Math.ceil(plain.length / size)));
        },
      ),
    );
  });

  it("reaches back across chunks as far as references can", () => {
    const block = Uint8Array.from({ length: 8192 }, (_, i) => (i * 7919 + (i >> 5)) & 255);
    const plain = Uint8Array.from([...block, ...block, ...block]);
    const packed = lzfCompress(plain);
    expect(packed.length).toBeLessThan(plain.length / 2);
    for (const size of [1, 1000, 8191, 8192, 8193, 100_000]) {
      expect(Buffer.concat(streamed(packed, plain.length, size, [3, 5000])).equals(plain)).toBe(true);
    }
  });

  it("hands out memory of its own", () => {
    const chunks: Uint8Array[] = [];
    const packed = hex("03 61626364 40 03 04 6566676869");
    const onChunk = (chunk: Uint8Array): unknown => chunks.push(chunk);
    const stream = new LzfStream({ inLength: packed.length, outLength: 13, chunkSize: 4, onChunk });
    stream.write(packed, 0, 5);
    const early = chunks.map((chunk) => Buffer.from(chunk).toString());
    stream.write(packed, 5);
    packed.fill(0);
    expect(early).toEqual(["abcd"]);
    expect(chunks.map((chunk) => Buffer.from(chunk).toString())).toEqual(["abcd", "abcd", "efgh", "i"]);
  });

  it("refuses more input than announced, and sizes that are none", () => {
    const options = { inLength: 2, outLength: 1, chunkSize: 8, onChunk: () => {} };
    const stream = new LzfStream(options);
    expect(() => stream.write(new Uint8Array(3))).toThrow(RangeError);
    expect(() => new LzfStream({ ...options, chunkSize: 0 })).toThrow(RangeError);
  });
});

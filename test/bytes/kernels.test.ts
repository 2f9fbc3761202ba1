import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { kernelBinaries } from "../../scripts/build_kernels.ts";
import { Crc64 } from "../../src/bytes/crc64.ts";
import { updateCrc64 } from "../../src/bytes/crc64_plain.ts";
import { crc64Kernel } from "../../src/bytes/kernels/crc64_kernel.ts";
import { type LzfKernel, lzfKernel } from "../../src/bytes/kernels/lzf_kernel.ts";
import { lzfDecompress, lzfScratch } from "../../src/bytes/lzf.ts";
import { lzfCheck, lzfDecompressPlain } from "../../src/bytes/lzf_plain.ts";
import { LzfStream } from "../../src/bytes/lzf_stream.ts";
import { ReplicaError } from "../../src/errors.ts";
import { lzfCompress } from "./lzf_support.ts";

/** Reproducible noise. */
function noise(length: number, seed: number): Uint8Array {
  let state = seed | 1;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 255;
  });
}

describe("the kernels' binaries", () => {
  it("are what their sources give", async () => {
    const committed = await readFile(new URL("../../src/bytes/kernels/binaries.ts", import.meta.url), "utf8");
    expect(committed).toBe(await kernelBinaries());
  });
  it("run on this host", () => {
    expect(crc64Kernel()).not.toBeNull();
    expect(lzfKernel()).not.toBeNull();
  });
});

describe("Crc64 by kernel", () => {
  const data = noise(600_000, 1);
  const plain = (start: number, end: number, before = { low: 0, high: 0 }): string => {
    updateCrc64(before, data, start, end);
    const hex = (half: number): string => (half >>> 0).toString(16).padStart(8, "0");
    return hex(before.high) + hex(before.low);
  };

  it("folds by a multiple of the polynomial", async () => {
    const text = await readFile(new URL("../../src/bytes/kernels/crc64.wat", import.meta.url), "utf8");
    const line = text.split("\n").find((each) => each.includes("x^1588 +"))!;
    const exponents = [0, ...[...line.matchAll(/x\^(\d+)/g)].map((match) => Number(match[1]))];
    expect(exponents.length).toBe(9);
    let sum = 0n;
    for (const exponent of exponents) {
      let power = 1n << 63n;
      for (let bit = 0; bit < 8 * exponent; bit++) {
        power = power & 1n ? (power >> 1n) ^ 0x95ac9329ac4bc9b5n : power >> 1n;
      }
      sum ^= power;
    }
    expect(sum).toBe(0n);
    // The loads of the source stand at the same places: 1588 − distance = exponent.
    const loads = [...text.matchAll(/v128\.load offset=(\d+)/g)].map((match) => Number(match[1]));
    expect(new Set(loads)).toEqual(new Set(exponents.filter((exponent) => exponent > 0)));
  });

  it("agrees with the plain form at every length around its borders", () => {
    const lengths = [...Array(40).keys()].flatMap((i) => [
      108 + i,
      1580 + i,
      3052 + i,
      3072 + 1588 + i,
      8192 + i,
      262_124 + i,
      2 * 262_144 - 20 + i,
    ]);
    for (const length of lengths) {
      const crc = new Crc64();
      crc.update(data, length % 7, length);
      expect(`${length} ${crc}`).toBe(`${length} ${plain(length % 7, length)}`);
    }
  });

  it("goes on from any state and through any cuts, instances side by side", () => {
    const size = fc.oneof(fc.nat(300), fc.nat(6000), fc.nat(70_000));
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 6 }), fc.nat(9), (sizes, skip) => {
        const [crc, other] = [new Crc64(), new Crc64()];
        let at = skip;
        let end = skip;
        for (const each of sizes) {
          end = Math.min(at + each, data.length);
          crc.update(data, at, end);
          other.update(data, 0, 3500);
          at = end;
        }
        expect(crc.toString()).toBe(plain(skip, end));
      }),
      { numRuns: 60 },
    );
  });

  it("knows zeros and single bits far apart", () => {
    for (const at of [0, 1, 15, 16, 923, 1587, 1588, 4000, 39_999]) {
      const bytes = new Uint8Array(40_000);
      bytes[at] = 0x80;
      const state = { low: 0, high: 0 };
      updateCrc64(state, bytes, 0, bytes.length);
      const crc = new Crc64();
      crc.update(bytes);
      expect([crc.low, crc.high]).toEqual([state.low >>> 0, state.high >>> 0]);
    }
  });
});

describe("LZF by kernel", () => {
  const kernel = lzfKernel()!;
  const verdict = (attempt: () => void): string => {
    try {
      attempt();
      return "sound";
    } catch (error) {
      if (!(error instanceof ReplicaError)) throw error;
      return `${error.code} ${error.offset} ${error.message}`;
    }
  };
  /** All forms say the same and make the same, and write nothing else. */
  const agree = (input: Uint8Array, length: number): string => {
    const expected = new Uint8Array(length);
    const said = verdict(() => lzfDecompressPlain(input, 0, input.length, expected, 0, length));
    const output = new Uint8Array(length + 40).fill(0xee);
    expect(verdict(() => lzfDecompress(input, 0, input.length, output, 20, length))).toBe(said);
    expect(verdict(() => lzfScratch(input, 0, input.length, length))).toBe(said);
    expect(verdict(() => lzfCheck(input, 0, input.length, length))).toBe(said);
    if (said === "sound") {
      expect(Buffer.from(output.buffer, 20, length).equals(expected)).toBe(true);
      const scratch = lzfScratch(input, 0, input.length, length);
      expect(Buffer.from(scratch.buffer, scratch.byteOffset, length).equals(expected)).toBe(true);
    }
    for (let i = 0; i < 20; i++) expect(output[i]! + output[length + 20 + i]!).toBe(2 * 0xee);
    return said;
  };

  it("copies every run over every short distance", () => {
    const head = noise(48, 5);
    for (let distance = 1; distance <= 48; distance++) {
      for (const run of [3, 4, 7, 8, 9, 15, 16, 17, 18, 31, 32, 33, 47, 48, 49, 63, 64, 65, 100, 263, 264]) {
        const reference =
          run - 2 < 7 ? [((run - 2) << 5) | 0, distance - 1] : [0xe0, run - 2 - 7, distance - 1];
        // The marker after it shows that nothing beyond the run is lost, and the start is long enough for the kernel.
        const input = Uint8Array.from([
          31,
          ...head.subarray(0, 32),
          15,
          ...head.subarray(32),
          ...reference,
          0,
          0x2a,
        ]);
        const padded = Uint8Array.from([...Array(66).fill([0, 0x55]).flat(), ...input]);
        expect(agree(padded, 66 + 48 + run + 1)).toBe("sound");
      }
    }
  });

  const repetitive = fc
    .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 60 })), {
      minLength: 2,
      maxLength: 12,
    })
    .map((parts) =>
      Uint8Array.from(
        parts.flatMap(([bytes, times]) =>
          Array(times)
            .fill([...bytes])
            .flat(),
        ),
      ),
    );

  it("undoes a compressor", () => {
    fc.assert(
      fc.property(repetitive, (plain) => {
        expect(agree(lzfCompress(plain), plain.length)).toBe("sound");
      }),
    );
  });

  it("gives the plain form's verdict on mutated, cut and invented input, whatever ran before", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 });
    fc.assert(
      fc.property(
        repetitive,
        changes,
        fc.nat(30),
        fc.integer({ min: -3, max: 3 }),
        (plain, edits, cut, error) => {
          const packed = lzfCompress(plain);
          for (const [at, byte] of edits) packed[at % packed.length] = byte;
          const length = Math.max(0, plain.length + (edits.length > 0 ? error : 0));
          agree(cut < 25 ? packed : packed.subarray(0, packed.length - cut + 25), length);
        },
      ),
      { numRuns: 300 },
    );
    for (let seed = 1; seed < 300; seed++) {
      const input = noise(128 + (seed % 200), seed);
      // Small control bytes first, so that some way is made before the fault.
      for (let i = 0; i < 100; i += 1 + (input[i]! & 15) + 1) input[i] = input[i]! & 15;
      agree(input, (seed * 37) % 4000);
    }
  });

  it("leaves all of its memory alone but what it is to write", () => {
    const memory = new Uint8Array(kernel.output.buffer);
    const slack = 1024;
    const outputAt = kernel.output.byteOffset;
    const before = memory.slice(0, outputAt);
    before.fill(0, 512, 516);
    for (let seed = 1; seed < 400; seed++) {
      const input = noise(64 + seed, seed * 7919);
      kernel.input.set(input);
      const length = seed % 97 === 0 ? kernel.output.length : seed * 11;
      memory.fill(0xcc, outputAt + length, outputAt + length + 64);
      const made = kernel.decompress(seed % 3 === 0 ? 8192 : 0, input.length, length);
      expect(made).toBeLessThanOrEqual(length);
      expect(kernel.used[0]).toBeLessThanOrEqual(input.length);
      expect(memory.subarray(outputAt + length + 32, outputAt + length + 64)).toEqual(
        new Uint8Array(32).fill(0xcc),
      );
      expect(Buffer.from(kernel.input.buffer, kernel.input.byteOffset, input.length).equals(input)).toBe(
        true,
      );
    }
    expect(kernel.input.byteOffset - outputAt - kernel.output.length).toBe(slack);
    const after = memory.slice(0, outputAt);
    after.fill(0, 512, 516);
    expect(Buffer.from(after).equals(before)).toBe(true);
  });

  it("leaves what is too big for it to the plain form", () => {
    const plain = new Uint8Array(kernel.output.length + 5).fill(7);
    plain.set(noise(300, 3), 1000);
    expect(agree(lzfCompress(plain), plain.length)).toBe("sound");
    const dense = noise(kernel.input.length, 9);
    expect(agree(lzfCompress(dense), dense.length)).toBe("sound");
  });

  it("hands out nothing of its memory, and keeps users apart", () => {
    const plain = noise(5000, 11);
    plain.copyWithin(2500, 0, 2400);
    const packed = lzfCompress(Uint8Array.from([...plain, ...plain, ...plain, ...plain]));
    const chunks: Uint8Array[] = [];
    const stream = new LzfStream({
      inLength: packed.length,
      outLength: 20_000,
      chunkSize: 3000,
      onChunk: (chunk) => chunks.push(chunk),
    });
    for (let at = 0; at < packed.length; at += 2500) {
      stream.write(packed, at, Math.min(at + 2500, packed.length));
      lzfScratch(lzfCompress(noise(9000, at + 1)), 0, lzfCompress(noise(9000, at + 1)).length, 9000);
    }
    for (const chunk of chunks) expect(chunk.buffer).not.toBe(kernel.output.buffer);
    expect(Buffer.concat(chunks).equals(Buffer.concat([plain, plain, plain, plain]))).toBe(true);
    const output = new Uint8Array(20_000);
    lzfDecompress(packed, 0, packed.length, output, 0, output.length);
    expect(Buffer.concat(chunks).equals(output)).toBe(true);
  });

  it("streams faults as the plain form says them, at any place", () => {
    const plain = noise(9000, 21);
    plain.copyWithin(3000, 0, 2900);
    const sound = lzfCompress(plain);
    for (let at = 0; at < sound.length; at += 97) {
      const packed = sound.slice();
      packed[at] = packed[at]! ^ 0xe1;
      const length = plain.length;
      const said = verdict(() =>
        lzfDecompressPlain(packed, 0, packed.length, new Uint8Array(length), 0, length),
      );
      const stream = new LzfStream({
        inLength: packed.length,
        outLength: length,
        chunkSize: 4096,
        onChunk: () => {},
      });
      expect(verdict(() => stream.write(packed))).toBe(said);
    }
  });

  it("refuses an output range outside of the output as the plain form does", () => {
    const input = lzfCompress(noise(500, 2));
    expect(() => lzfDecompress(input, 0, input.length, new Uint8Array(600), 101, 500)).toThrow(RangeError);
    expect(() => lzfDecompress(input, 0, input.length, new Uint8Array(600), -1, 500)).toThrow(RangeError);
  });
});

describe("hosts that cannot run the kernels", () => {
  const host = globalThis as { WebAssembly?: unknown };
  const original = host.WebAssembly;
  afterEach(() => {
    host.WebAssembly = original;
    vi.resetModules();
  });

  it.each([
    ["without WebAssembly", undefined],
    [
      "that forbid it",
      {
        Module: class {
          constructor() {
            throw new Error("blocked by policy");
          }
        },
      },
    ],
  ])("%s get the same results", async (_name, replacement) => {
    vi.resetModules();
    host.WebAssembly = replacement;
    const crc64 = await import("../../src/bytes/crc64.ts");
    const lzf = await import("../../src/bytes/lzf.ts");
    const streams = await import("../../src/bytes/lzf_stream.ts");
    const kernels = await import("../../src/bytes/kernels/lzf_kernel.ts");
    expect(kernels.lzfKernel() as LzfKernel | null).toBeNull();

    const data = noise(10_000, 4);
    const crc = new Crc64();
    crc.update(data);
    expect(crc64.crc64Hex(data)).toBe(crc.toString());

    const plain = new Uint8Array(70_000).map((_, i) => (i >> 5) & 127);
    const packed = lzfCompress(plain);
    expect(lzf.lzfScratch(packed, 0, packed.length, plain.length).subarray(0, plain.length)).toEqual(plain);
    const small = lzfCompress(plain.subarray(0, 5000));
    const scratch = lzf.lzfScratch(small, 0, small.length, 5000);
    expect(scratch.subarray(0, 5000)).toEqual(plain.subarray(0, 5000));
    const chunks: Uint8Array[] = [];
    const stream = new streams.LzfStream({
      inLength: packed.length,
      outLength: plain.length,
      chunkSize: 8192,
      onChunk: (chunk) => chunks.push(chunk),
    });
    stream.write(packed);
    expect(Buffer.concat(chunks).equals(plain)).toBe(true);
  });
});

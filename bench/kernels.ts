/**
 * The byte kernels against their plain forms, copies into and out of WebAssembly memory included. GB/s of input for CRC64,
 * of output for LZF; the best of many short rounds, so that a busy machine matters little.
 *
 *     npx tsx bench/kernels.ts        bun bench/kernels.ts        deno run -A bench/kernels.ts
 */
import { Crc64 } from "../src/bytes/crc64.ts";
import { updateCrc64 } from "../src/bytes/crc64_plain.ts";
import { lzfCheck, lzfDecompress, lzfScratch } from "../src/bytes/lzf.ts";
import { lzfDecompressPlain } from "../src/bytes/lzf_plain.ts";
import { LzfStream } from "../src/bytes/lzf_stream.ts";
import { isUtf8, utf8 } from "../src/bytes/text.ts";
import { lzfCompress } from "../test/bytes/lzf_support.ts";

const quick = process.argv.includes("--quick");
const rounds = quick ? 10 : 60;
let seed = 7;
const random = (below: number): number => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return (seed >>> 8) % below;
};

/** GB/s of each form; the forms take turns. */
function compare(title: string, bytes: number, forms: Record<string, () => void>): void {
  const best = Object.fromEntries(Object.keys(forms).map((name) => [name, 0]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(forms)) {
      const begin = performance.now();
      run();
      best[name] = Math.max(best[name]!, bytes / (performance.now() - begin) / 1e6);
    }
  }
  const cells = Object.entries(best).map(([name, rate]) => `${name} ${rate.toFixed(2)}`);
  console.log(`${title.padEnd(34)}${cells.join("   ")}`);
}

const data = Uint8Array.from({ length: 4 << 20 }, () => random(256));

for (const size of [64, 128, 256, 512, 1024, 4096, 16_384, 65_536, 262_144, 1 << 20]) {
  const total = size < 4096 ? 1 << 20 : data.length;
  const crc = new Crc64();
  const state = { low: 0, high: 0 };
  compare(`crc64, updates of ${size}`, total, {
    update: () => {
      for (let at = 0; at < total; at += size) crc.update(data, at, at + size);
    },
    plain: () => {
      for (let at = 0; at < total; at += size) updateCrc64(state, data, at, at + size);
    },
  });
}

function json(size: number): string {
  const records: string[] = [];
  for (let length = 0; length < size; length += records[records.length - 1]!.length) {
    const token = Array.from({ length: 4 }, () => random(1e9).toString(36)).join("");
    records.push(
      JSON.stringify({ id: random(1e6), name: `user${random(1e4)}`, score: random(999) / 10, token }),
    );
  }
  return `[${records.join(",")}]`;
}

const words =
  "the quick brown fox jumps over a lazy dog while seven wizards mix potions near quiet harbours".split(" ");
const prose = (size: number): string => {
  let text = "";
  while (text.length < size) text += `${words[random(words.length)]} `;
  return text;
};

const values: Record<string, () => Uint8Array> = {
  "json of 100 B": () => Buffer.from(json(60)),
  "json of 0.8 KB": () => Buffer.from(json(750)),
  "json of 8 KB": () => Buffer.from(json(8000)),
  "prose of 4 KB": () => Buffer.from(prose(4000)),
  "one byte, 8 KB": () => new Uint8Array(8000).fill(97),
};
const output = new Uint8Array(1 << 20);
for (const [name, make] of Object.entries(values)) {
  const plain = Array.from({ length: 1000 }, make);
  const packed = plain.map(lzfCompress);
  const bytes = plain.reduce((sum, value) => sum + value.length, 0);
  const ratio = bytes / packed.reduce((sum, value) => sum + value.length, 0);
  const each = (use: (input: Uint8Array, length: number) => unknown) => (): void => {
    for (let i = 0; i < packed.length; i++) use(packed[i]!, plain[i]!.length);
  };
  compare(`lzf, ${name}, ratio ${ratio.toFixed(1)}`, bytes, {
    scratch: each((input, length) => lzfScratch(input, 0, input.length, length)),
    "into output": each((input, length) => lzfDecompress(input, 0, input.length, output, 0, length)),
    "into new": each((input, length) =>
      lzfDecompress(input, 0, input.length, new Uint8Array(length), 0, length),
    ),
    plain: each((input, length) => lzfDecompressPlain(input, 0, input.length, output, 0, length)),
    check: each((input, length) => lzfCheck(input, 0, input.length, length)),
  });
}

const big = Buffer.from(prose(4 << 20));
const bigPacked = lzfCompress(big);
for (const chunkSize of [16_384, 65_536, 1 << 20]) {
  compare(`lzf stream, chunks of ${chunkSize}`, big.length, {
    stream: () => {
      const options = { inLength: bigPacked.length, outLength: big.length, chunkSize, onChunk: () => {} };
      const stream = new LzfStream(options);
      for (let at = 0; at < bigPacked.length; at += 65_536) {
        stream.write(bigPacked, at, Math.min(at + 65_536, bigPacked.length));
      }
    },
  });
}

const text = Buffer.from(prose(1 << 16));
for (const size of [4, 8, 16, 20, 24, 64]) {
  compare(`text of ${size}`, 1 << 15, {
    utf8: () => {
      for (let at = 0; at < 1 << 15; at += size) utf8(text, at, at + size);
    },
    isUtf8: () => {
      for (let at = 0; at < 1 << 15; at += size) isUtf8(text, at, at + size);
    },
  });
}

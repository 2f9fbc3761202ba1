/**
 * The decoders alone, in one process, by mitata: `npx tsx bench/decoders.ts [filter]`, `bun bench/decoders.ts`, `deno run -A
 * bench/decoders.ts`. Wall time on a quiet machine; whole programs and ratios of CPU time are what `npm run bench` is for.
 */
import { bench, do_not_optimize, group, run } from "mitata";
import { Crc64 } from "../src/bytes/crc64.ts";
import { lzfScratch } from "../src/bytes/lzf.ts";
import { RdbDecoder } from "../src/rdb/mod.ts";
import { FAST_GROUP, walkFast } from "../src/rdb/structures/listpack_fast.ts";
import { CommandTracker } from "../src/stream/command_tracker.ts";
import { lzfCompress } from "../test/bytes/lzf_support.ts";
import { listpack, stored } from "../test/rdb/packed_support.ts";
import { rdbFile } from "../test/rdb/support.ts";
import { PEERS } from "./children/peers.ts";
import { cut, makeCommandStream } from "./command_stream.ts";
import { Random } from "./data/random.ts";

const random = new Random(1);
const concatenated = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

group("kernels", () => {
  const block = text(random.text(1 << 18));
  const crc = new Crc64();
  bench("CRC64 of 256 KiB", () => crc.update(block));
  const json = text(
    JSON.stringify(Array.from({ length: 8 }, (_, id) => ({ id, sku: random.text(6), quantity: 1 }))),
  );
  const packed = lzfCompress(json);
  bench(`LZF to ${json.length} bytes`, () =>
    do_not_optimize(lzfScratch(packed, 0, packed.length, json.length)),
  );
  const pack = listpack(Array.from({ length: 50 }, () => random.text(12)));
  bench("listpack of 50 entries", () => do_not_optimize(walkFast(pack, 0, pack.length, FAST_GROUP.items)));
});

const strings = rdbFile(
  10,
  concatenated(
    Array.from({ length: 10_000 }, () =>
      concatenated([Uint8Array.of(0), stored(text(random.text(16))), stored(text(random.text(64)))]),
    ),
  ),
);
const QUICKLIST_2 = 18;
const lists = rdbFile(
  10,
  concatenated(
    Array.from({ length: 1000 }, () =>
      concatenated([
        Uint8Array.of(QUICKLIST_2),
        stored(text(random.text(16))),
        Uint8Array.of(1, 2),
        stored(listpack(Array.from({ length: 50 }, () => random.text(12)))),
      ]),
    ),
  ),
);
for (const [name, file] of [
  ["RDB of 10,000 strings", strings],
  ["RDB of 1,000 lists of 50", lists],
] as const) {
  group(name, () => {
    const decode = (options: ConstructorParameters<typeof RdbDecoder>[0]): void => {
      const decoder = new RdbDecoder(options);
      decoder.write(file);
      decoder.end();
    };
    bench("totals", () => decode({ totalsOnly: true, onEvent: () => {} }));
    bench("events", () => decode({ onEvent: (event) => do_not_optimize(event) }));
    bench("keys as strings, elements as views", () =>
      decode({
        onEvent: (event) => {
          if (event.event !== "key") return;
          do_not_optimize(event.keyText);
          do_not_optimize(event.value);
        },
      }),
    );
  });
}

group("1 MB of commands", () => {
  const stream = makeCommandStream(1e6);
  const chunks = cut(stream.bytes, 65_536);
  const buffers = chunks.map((chunk) => Buffer.from(chunk.buffer));
  const track = (
    use: (event: Parameters<ConstructorParameters<typeof CommandTracker>[0]["onEvent"]>[0]) => unknown,
  ): void => {
    const tracker = new CommandTracker({ onEvent: (event) => do_not_optimize(use(event)) });
    for (const chunk of chunks) tracker.write(chunk);
  };
  for (const [name, peer] of Object.entries(PEERS)) {
    bench(`${name}, Buffers`, () => {
      const take = peer((args) => do_not_optimize(args));
      for (const buffer of buffers) take(buffer);
    });
  }
  bench("offset", () => track((event) => event.offset));
  bench("name and key as strings", () => track((event) => event.name + event.text(1)));
  bench("every argument as a view", () => track((event) => event.args));
});

const filter = process.argv[2];
await run(filter === undefined ? {} : { filter: new RegExp(filter) });

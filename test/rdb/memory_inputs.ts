/** Inputs far bigger than memory should become, made chunk by chunk. */
import { listpackEntry } from "./packed_support.ts";
import { latin1 } from "./support.ts";

const CHUNK = 1 << 16;

/** One input: its bytes in chunks, each on memory of its own. `scale` 1 is the full size. */
export interface MemoryInput {
  readonly name: string;
  readonly chunks: (scale: number) => Generator<Uint8Array>;
}

/** Collects bytes into chunks of one size. */
function* inChunks(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let chunk = new Uint8Array(CHUNK);
  let fill = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const take = Math.min(piece.length - at, CHUNK - fill);
      chunk.set(piece.subarray(at, at + take), fill);
      fill += take;
      at += take;
      if (fill === CHUNK) {
        yield chunk;
        chunk = new Uint8Array(CHUNK);
        fill = 0;
      }
    }
  }
  yield chunk.subarray(0, fill);
}

function length(value: number): Uint8Array {
  const bytes = new Uint8Array(9);
  bytes[0] = 0x81;
  new DataView(bytes.buffer).setBigUint64(1, BigInt(value));
  return bytes;
}

/** A file of version 4, which has no checksum, around one value. */
function* file(type: number, value: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield* inChunks(
    (function* () {
      yield latin1("REDIS0004");
      yield Uint8Array.of(type, 3, 0x6b, 0x65, 0x79);
      yield* value;
      yield Uint8Array.of(0xff);
    })(),
  );
}

function* repeat(piece: Uint8Array, times: number): Generator<Uint8Array> {
  const many = new Uint8Array(piece.length * 1000);
  for (let i = 0; i < 1000; i++) many.set(piece, i * piece.length);
  for (let left = times; left > 0; left -= 1000)
    yield left >= 1000 ? many : many.subarray(0, left * piece.length);
}

/** LZF that makes `264 × references + 1` bytes of one letter. */
function* lzfOf(references: number): Generator<Uint8Array> {
  yield Uint8Array.of(0xc3);
  yield length(references * 3 + 2);
  yield length(references * 264 + 1);
  yield Uint8Array.of(0, 0x61);
  yield* repeat(Uint8Array.of(0xe0, 255, 0), references);
}

/** A listpack of `count` times one entry, compressed or not. */
function listpackHead(size: number): Uint8Array {
  const head = new Uint8Array(6);
  new DataView(head.buffer).setUint32(0, size, true);
  head.fill(0xff, 4);
  return head;
}

function* bigListpack(count: number): Generator<Uint8Array> {
  const entry = listpackEntry("an element of a listpack");
  const size = 7 + entry.length * count;
  yield length(size);
  yield listpackHead(size);
  yield* repeat(entry, count);
  yield Uint8Array.of(0xff);
}

/** The same in LZF: every entry the same bytes, so that references make them. */
function* bigLzfListpack(count: number): Generator<Uint8Array> {
  const entry = listpackEntry("x".repeat(62));
  // 64 bytes an entry; a reference of 64 bytes at distance 64 makes the next.
  const size = 7 + entry.length * count;
  const runs = count - 1;
  const head = listpackHead(size);
  yield Uint8Array.of(0xc3);
  yield length(7 + 33 + entry.length - 32 + 1 + runs * 3 + 2);
  yield length(size);
  yield Uint8Array.of(5);
  yield head;
  yield Uint8Array.of(31);
  yield entry.subarray(0, 32);
  yield Uint8Array.of(entry.length - 33);
  yield entry.subarray(32);
  yield* repeat(Uint8Array.of(0xe0, entry.length - 9, entry.length - 1), runs);
  yield Uint8Array.of(0, 0xff);
}

function* bigStreamNode(entries: number): Generator<Uint8Array> {
  const entry = [2, 1, 0, "value", 4].map(listpackEntry);
  const joined = Uint8Array.from(entry.flatMap((bytes) => [...bytes]));
  const master = [entries, 0, 1, "field", 0].map(listpackEntry);
  const masterBytes = Uint8Array.from(master.flatMap((bytes) => [...bytes]));
  const size = 7 + masterBytes.length + joined.length * entries;
  yield length(1);
  yield Uint8Array.of(16);
  yield new Uint8Array(16);
  yield length(size);
  yield listpackHead(size);
  yield masterBytes;
  yield* repeat(joined, entries);
  yield Uint8Array.of(0xff);
  yield length(entries);
  yield Uint8Array.of(5, 5, 0);
}

function* bigGroups(consumers: number, pending: number): Generator<Uint8Array> {
  yield Uint8Array.of(0, 0, 5, 5, 1, 1, 0x67, 5, 5);
  yield length(pending);
  yield* repeat(new Uint8Array(25), pending);
  yield length(consumers);
  const consumer = new Uint8Array(11);
  consumer[0] = 1;
  consumer[1] = 0x63;
  yield* repeat(consumer, consumers - 1);
  yield consumer.subarray(0, 10);
  yield length(pending);
  yield* repeat(new Uint8Array(16), pending);
}

export const MEMORY_INPUTS: readonly MemoryInput[] = [
  {
    name: "a string of 1 GB",
    chunks: (scale) =>
      file(
        0,
        (function* () {
          const times = Math.ceil(10_000_000 * scale);
          yield length(times * 100);
          yield* repeat(new Uint8Array(100).fill(0x61), times);
        })(),
      ),
  },
  { name: "an LZF string of 1 GB", chunks: (scale) => file(0, lzfOf(Math.ceil(3_800_000 * scale))) },
  {
    name: "a hash of 10 million fields",
    chunks: (scale) =>
      file(
        4,
        (function* () {
          const times = Math.ceil(10_000_000 * scale);
          yield length(times);
          yield* repeat(latin1("\x05field\x05value"), times);
        })(),
      ),
  },
  {
    name: "a list of 10 million items",
    chunks: (scale) =>
      file(
        1,
        (function* () {
          const times = Math.ceil(10_000_000 * scale);
          yield length(times);
          yield* repeat(latin1("\x0aan element"), times);
        })(),
      ),
  },
  {
    name: "a stream of 1 million pending entries and as many consumers",
    chunks: (scale) => file(15, bigGroups(Math.ceil(1_000_000 * scale), Math.ceil(1_000_000 * scale))),
  },
  { name: "a listpack of 300 MB", chunks: (scale) => file(20, bigListpack(Math.ceil(11_500_000 * scale))) },
  {
    name: "a listpack of 300 MB in LZF",
    chunks: (scale) => file(20, bigLzfListpack(Math.ceil(4_700_000 * scale))),
  },
  {
    name: "a stream node of 300 MB",
    chunks: (scale) => file(15, bigStreamNode(Math.ceil(20_000_000 * scale))),
  },
];

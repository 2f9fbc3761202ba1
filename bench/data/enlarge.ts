import { once } from "node:events";
import type { WriteStream } from "node:fs";
import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { Crc64 } from "../../src/bytes/crc64.ts";
import { rdbBatches } from "../../src/rx/rdb_batches.ts";
import { openFile } from "../../transports/node/files.ts";

const CHUNK = 1 << 20;
/** The end mark and the checksum after it. */
const TRAILER = 9;
const END = 0xff;

/** How a file is made larger. */
export interface EnlargeOptions {
  readonly times: number;
  /** Each value so many times as large, for files of a few big ones; else all keys so many times over. */
  readonly values: boolean;
}

/**
 * Writes an RDB that holds what another holds several times over. Keys come again under the same name, which no server would
 * write but costs a decoder the same.
 */
export async function enlarge(from: string, to: string, { times, values }: EnlargeOptions): Promise<void> {
  const starts = await keyOffsets(from, values);
  const input = await open(from);
  const output = createWriteStream(to);
  const crc = new Crc64();
  const write = async (bytes: Uint8Array): Promise<void> => {
    crc.update(bytes);
    if (!output.write(bytes)) await once(output, "drain");
  };
  try {
    const { size } = await input.stat();
    const end = size - TRAILER;
    const copy = async (start: number, stop: number): Promise<void> => {
      for (let at = start; at < stop; ) {
        const buffer = new Uint8Array(Math.min(CHUNK, stop - at));
        const { bytesRead } = await input.read(buffer, 0, buffer.length, at);
        await write(buffer.subarray(0, bytesRead));
        at += bytesRead;
      }
    };
    await copy(0, starts[0]!);
    if (!values) for (let i = 0; i < times; i++) await copy(starts[0]!, end);
    else {
      for (const [i, start] of starts.entries()) {
        const head = new Uint8Array(64);
        await input.read(head, 0, head.length, start);
        const { lengthAt, after, lengths, mark } = readHead(head);
        await copy(start, start + lengthAt);
        await write(mark);
        for (const length of lengths) await write(encodeLength(length * times));
        for (let time = 0; time < times; time++) await copy(start + after, starts[i + 1] ?? end);
      }
    }
    await write(Uint8Array.of(END));
    await finish(output, checksum(crc));
  } finally {
    await input.close();
    output.destroy();
  }
}

async function finish(output: WriteStream, bytes: Uint8Array): Promise<void> {
  output.end(bytes);
  await once(output, "finish");
}

/** Where records begin: all of them, or the first alone. */
async function keyOffsets(path: string, all: boolean): Promise<readonly number[]> {
  const offsets: number[] = [];
  for await (const batch of rdbBatches(path, { open: openFile })) {
    for (const event of batch) {
      if (event.event !== "key" || event.part !== 0) continue;
      offsets.push(event.offset);
      if (!all) return offsets;
    }
  }
  if (offsets.length === 0) throw new Error(`${path} holds no key`);
  return offsets;
}

/** What stands before the elements or bytes of a value, from its type byte on. */
interface Head {
  /** Where its lengths begin, and what comes after them. */
  readonly lengthAt: number;
  readonly after: number;
  /** One; two for a compressed string, which can be repeated as it is since it refers back by distances. */
  readonly lengths: readonly number[];
  /** What stands before the lengths. */
  readonly mark: Uint8Array;
}

const COMPRESSED = 0xc3;

function readHead(head: Uint8Array): Head {
  const lengthAt = 2 + head[1]!;
  const compressed = head[lengthAt] === COMPRESSED;
  const lengths: number[] = [];
  let after = lengthAt + (compressed ? 1 : 0);
  while (lengths.length < (compressed ? 2 : 1)) {
    const lead = head[after]!;
    const view = new DataView(head.buffer, after);
    if (lead < 0x40) lengths.push(lead);
    else if (lead < 0x80) lengths.push(view.getUint16(0) & 0x3fff);
    else if (lead === 0x80) lengths.push(view.getUint32(1));
    else throw new Error(`Cannot enlarge a value that begins with ${lead}`);
    after += lead < 0x40 ? 1 : lead < 0x80 ? 2 : 5;
  }
  return { lengthAt, after, lengths, mark: compressed ? Uint8Array.of(COMPRESSED) : new Uint8Array(0) };
}

function encodeLength(length: number): Uint8Array {
  const bytes = Uint8Array.of(0x80, 0, 0, 0, 0);
  new DataView(bytes.buffer).setUint32(1, length);
  return bytes;
}

function checksum(crc: Crc64): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, crc.low, true);
  view.setUint32(4, crc.high, true);
  return bytes;
}

import { describe, expect, it } from "vitest";
import type { RdbKey } from "../../src/events.ts";
import { RdbDecoder, type RdbDecoderOptions } from "../../src/rdb/mod.ts";
import { compressed, listpack, stored } from "./packed_support.ts";
import { cut, latin1, rdbFile, show } from "./support.ts";

const HASH_LISTPACK = 16;
const QUICKLIST_2 = 18;
const NODE_ITEMS = 20;

/** Text that LZF makes about half as long, or to the thirtieth part. */
function json(index: number): string {
  return JSON.stringify({
    id: index,
    name: `name ${index * 7919}`,
    tags: ["alpha", "beta", `tag ${index}`],
  }).repeat(3);
}
function monotone(index: number): string {
  return String(index % 10).repeat(3000);
}

function stringRecord(index: number, text: string): Uint8Array {
  return Uint8Array.from([0, ...stored(latin1(`key:${index}`)), ...compressed(latin1(text))]);
}

function hashRecord(index: number): Uint8Array {
  const items = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? `field number ${i}` : index * i));
  return Uint8Array.from([HASH_LISTPACK, ...stored(latin1(`hash:${index}`)), ...compressed(listpack(items))]);
}

/** A list of nodes, so that parts are full between them. */
function listRecord(index: number): Uint8Array {
  const nodes = Array.from({ length: 4 }, (_, node) => {
    const items = Array.from({ length: NODE_ITEMS }, (_, i) => `item ${i} of node ${node} of ${index}`);
    return [2, ...compressed(listpack(items))];
  });
  return Uint8Array.from([QUICKLIST_2, ...stored(latin1(`list:${index}`)), nodes.length, ...nodes.flat()]);
}

function decode(chunks: Iterable<Uint8Array>, options: Partial<RdbDecoderOptions> = {}): RdbKey[] {
  const events: RdbKey[] = [];
  const decoder = new RdbDecoder({
    onEvent: (event) => event.event === "key" && events.push(event),
    ...options,
  });
  for (const chunk of chunks) decoder.write(chunk);
  decoder.end();
  return events;
}

/** All of an event that depends on how its value is stored. */
function shown(event: RdbKey): string {
  const { keyText, encoding, byteLength, part, last, count, value } = event as RdbKey & {
    byteLength: number;
  };
  return show({ keyText, encoding, byteLength, part, last, count, value });
}

const TEXTS = Array.from({ length: 150 }, (_, i) => (i % 5 === 0 ? monotone(i) : json(i)));
const STRINGS = rdbFile(11, ...TEXTS.map((text, i) => stringRecord(i, text)));
const MIXED = rdbFile(
  11,
  ...TEXTS.flatMap((text, i) => [stringRecord(i, text), hashRecord(i), listRecord(i)]),
);

describe("RdbDecoder with compressed values", () => {
  it("keeps each string's value, whatever was decompressed after it", () => {
    const events = decode([STRINGS]);
    expect(events.map(({ value }) => Buffer.from(value as Uint8Array).toString("latin1"))).toEqual(TEXTS);
    expect(new Set(events.map(({ encoding }) => encoding))).toEqual(new Set(["lzf"]));
  });

  it("tells of them what the long way tells, however the input is cut, detached too", () => {
    const long = decode([MIXED], { select: () => "data" }).map(shown);
    expect(decode([MIXED]).map(shown)).toEqual(long);
    expect(decode(cut(MIXED, [37, 1000, 3, 70_000])).map(shown)).toEqual(long);
    expect(decode([MIXED]).map((event) => shown(event.detach()))).toEqual(long);
  });

  it("is not confused by whoever reads values while it decodes", () => {
    const expected = decode([MIXED], { limits: { maxPartElements: NODE_ITEMS } }).map(shown);
    const seen: string[] = [];
    const early: RdbKey[] = [];
    decode([MIXED], {
      limits: { maxPartElements: NODE_ITEMS },
      onEvent(event) {
        if (event.event !== "key") return;
        // Decompresses others, and decodes something else, between the parts of a value.
        for (const one of early) void one.value;
        if (early.length < 6) early.push(event);
        if (early.length % 2 === 0) decode([STRINGS.subarray()], { checksum: "off" }).at(-1);
        seen.push(shown(event));
      },
    });
    expect(seen).toEqual(expected);
  }, 30_000);

  it("takes a chunk that is written again as what it is then", () => {
    const first = rdbFile(11, ...TEXTS.slice(0, 30).map((text, i) => stringRecord(i, text)));
    const second = first.slice();
    // Another digit in each: as long as the other, and other bytes in the kernels' memory.
    const at = Buffer.from(second).indexOf("name");
    second[at] = "N".charCodeAt(0);
    const chunk = first.slice();
    const count = (bytes: Uint8Array): unknown => {
      chunk.set(bytes);
      return decode([chunk], { checksum: "off" }).map((event) =>
        Buffer.from(event.value as Uint8Array).toString(),
      );
    };
    const wanted = decode([second], { checksum: "off" }).map((e) =>
      Buffer.from(e.value as Uint8Array).toString(),
    );
    expect(count(first)).toEqual(TEXTS.slice(0, 30));
    expect(count(second)).toEqual(wanted);
    expect(wanted).not.toEqual(TEXTS.slice(0, 30));
  });
});

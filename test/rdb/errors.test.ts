/** What an error tells, and that nothing decoded before it is lost. */
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { decodeDump, RdbDecoder, type RdbDecoderOptions, ReplicaError } from "../../src/rdb/mod.ts";
import { listpack, stored, streamNode } from "./packed_support.ts";
import { cut, dumpPayload, hex, keyRecord, latin1, rdbFile, showEvent } from "./support.ts";

interface Failed {
  readonly lines: readonly string[];
  readonly error: ReplicaError;
}

function fail(
  file: Uint8Array,
  options: Omit<RdbDecoderOptions, "onEvent"> = {},
  size = file.length,
): Failed {
  const lines: string[] = [];
  const decoder = new RdbDecoder({ ...options, onEvent: (event) => lines.push(showEvent(event)) });
  try {
    for (const chunk of cut(file, [size])) decoder.write(chunk);
    decoder.end();
  } catch (error) {
    if (error instanceof ReplicaError) return { lines, error };
    throw error;
  }
  throw new Error("no error");
}

const HEAD = 9;
const SELECT = hex("fe 05");
const FIRST = keyRecord("first", hex("00 0176"));
/** Offset of the key record after the db and the first key. */
const AT = HEAD + SELECT.length + FIRST.length;
const bytes = (count: number): Uint8Array => new Uint8Array(count).fill(0x61);

interface Case {
  readonly what: string;
  readonly body: Uint8Array;
  readonly code: string;
  /** Of the error, from the beginning of the key's record. */
  readonly at: number;
  readonly type: string;
  /** Elements that the events before the error hold. */
  readonly before: number;
  readonly options?: Omit<RdbDecoderOptions, "onEvent">;
}

const node = streamNode(
  ["f"],
  [0, 1, 2].map((n) => ({ ms: n, seq: 0, fields: [["f", "v"]] as const })),
);
const CASES: readonly Case[] = [
  {
    what: "a string with an unknown encoding",
    body: hex("00 c5"),
    code: "MALFORMED",
    at: 5,
    type: "string",
    before: 0,
  },
  {
    what: "a list that breaks at its third item",
    body: hex("01 04 0161 0162 c4"),
    code: "MALFORMED",
    at: 10,
    type: "list",
    before: 2,
  },
  {
    what: "a hash whose value is broken LZF",
    body: hex("04 02 0161 0162 0163 c3 02 04 2005"),
    code: "MALFORMED",
    at: 15,
    type: "hash",
    before: 1,
  },
  {
    what: "a zset with NaN",
    body: hex("05 02 0161 000000000000f03f 0162 000000000000f87f"),
    code: "MALFORMED",
    at: 18,
    type: "zset",
    before: 1,
  },
  {
    what: "a set listpack with a broken entry",
    body: concat([
      hex("14"),
      stored(listpack(["a", "b", "c"]).map((byte, index) => (index === 12 ? 9 : byte))),
    ]),
    code: "MALFORMED",
    at: 5,
    type: "set",
    before: 2,
  },
  {
    what: "a stream whose node breaks in its last entry",
    body: concat([
      hex("0f 01 10"),
      new Uint8Array(16),
      stored(node.map((byte, index) => (index === node.length - 3 ? 7 : byte))),
    ]),
    code: "MALFORMED",
    at: 23,
    type: "stream",
    before: 2,
  },
  {
    what: "a list with a quicklist container 3",
    body: concat([hex("12 02 01 0161 03")]),
    code: "MALFORMED",
    at: 9,
    type: "list",
    before: 1,
  },
  {
    what: "a module with an unknown item",
    body: hex("07 8185e965a2dca97800 09"),
    code: "MALFORMED",
    at: 14,
    type: "module",
    before: 0,
  },
  {
    what: "a module from before 4.0",
    body: hex("06 8185e965a2dca97800 02"),
    code: "UNSUPPORTED",
    at: 5,
    type: "module",
    before: 0,
  },
  {
    what: "an element above the limit",
    body: concat([hex("02 02 0161 4064"), bytes(100)]),
    code: "LIMIT",
    at: 8,
    type: "set",
    before: 1,
    options: { limits: { maxElementBytes: 50 } },
  },
  {
    what: "an input that ends in a value",
    body: hex("02 04 0161 0162 0a61"),
    code: "TRUNCATED",
    at: 12,
    type: "set",
    before: 2,
  },
];

describe("an error inside a value", () => {
  test.each(CASES)(
    "$what: $code with offset, db, key and type, and what was decoded before",
    ({ body, code, at, type, before, options }) => {
      const record = concat([body.subarray(0, 1), hex("03 6b6579"), body.subarray(1)]);
      const file = concat([latin1("REDIS0012"), SELECT, FIRST, record]);
      for (const size of [file.length, 1, 4]) {
        const { lines, error } = fail(file, options, size);
        expect(error).toMatchObject({ code, db: 5, type });
        expect(error.offset).toBe(AT + at);
        expect(Buffer.from(error.key!).toString()).toBe("key");
        expect(error.message).toMatch(/^Cannot decode value of key "key": [a-z]/);
        expect(error.message).toContain(`byte ${AT + at}`);
        expect(lines[1]).toContain('"key":"first"');
        const elements = lines
          .slice(2)
          .map((line) => JSON.parse(line) as { count: number; last: boolean })
          .reduce((sum, event) => sum + event.count, 0);
        expect(elements).toBe(before);
        for (const line of lines.slice(2)) expect(line).toContain('"last":false');
      }
    },
  );
});

const RECORDS: readonly (readonly [what: string, record: Uint8Array, code: string, at: number])[] = [
  ["an unknown type", hex("4d 0161"), "UNKNOWN_TYPE", 0],
  ["an unknown opcode", hex("f1"), "UNKNOWN_TYPE", 0],
  ["a db that no server has", hex("fe 81 0000000080000000"), "MALFORMED", 1],
  ["a slot beyond 16383", hex("f4 80 00004000 01 01"), "MALFORMED", 1],
  ["key metadata of 9 classes", hex("f3 09"), "MALFORMED", 1],
  ["a template without fields", hex("f2 01 00"), "MALFORMED", 1],
  ["a reference to a template that is not there", hex("20 0161 05"), "MALFORMED", 3],
  ["module aux without its time", hex("f7 8185e965a2dca97800 03"), "MALFORMED", 10],
];

describe("an error outside of values", () => {
  test.each(RECORDS)("%s", (_, record, code, at) => {
    const file = rdbFile(15, SELECT, FIRST, record);
    for (const size of [file.length, 1]) {
      const { lines, error } = fail(file, {}, size);
      expect(error).toMatchObject({ code, offset: AT + at });
      expect(lines).toHaveLength(2);
    }
  });
});

describe("limits", () => {
  const huge = hex("c3 80 00100000 80 04000000");

  test("a length that lies is refused or waited for, without memory for it", () => {
    for (const body of [concat([hex("14"), huge]), concat([hex("02 02"), huge]), concat([hex("00"), huge])]) {
      const file = concat([latin1("REDIS0012"), keyRecord("k", body), new Uint8Array(2000)]);
      const before = process.memoryUsage().arrayBuffers;
      const { error } = fail(file, {}, 100);
      expect(error.code).toBe("TRUNCATED");
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
    }
  });

  test("names, libraries and aux values are bounded too", () => {
    for (const record of [
      concat([hex("fa 0161 40c8"), bytes(200)]),
      concat([hex("f5 40c8"), bytes(200)]),
      concat([hex("f2 01 01 80 7fffffff")]),
    ]) {
      const file = rdbFile(15, record);
      expect(fail(file, { limits: { maxElementBytes: 100 } }).error.code).toBe("LIMIT");
    }
  });

  test("a module's value above its bound is told by a warning and its key comes without it", () => {
    const module = keyRecord("m", concat([hex("07 8185e965a2dca97800 05 40c8"), bytes(200), hex("00")]));
    const lines: string[] = [];
    const decoder = new RdbDecoder({
      limits: { maxModuleBytes: 100 },
      modules: { hellotype: (items) => [...items].length },
      onEvent: (event) => lines.push(showEvent(event)),
    });
    decoder.write(rdbFile(12, module, FIRST));
    decoder.end();
    expect(lines[1]).toContain('"code":"LIMIT"');
    expect(lines[2]).toContain('"name":"hellotype"');
    expect(lines[3]).toContain('"key":"first"');
  });
});

test("an error in a DUMP payload tells offset and type", () => {
  const payload = dumpPayload(12, hex("02 02 0161 c4"));
  expect(() => decodeDump(payload)).toThrow(
    expect.objectContaining({ code: "MALFORMED", offset: 4, type: "set" }),
  );
});

test("a module value of a million tiny items takes no more memory than its bytes", () => {
  const items = new Uint8Array(4_000_000).fill(2);
  const file = rdbFile(12, keyRecord("m", concat([hex("07 8185e965a2dca97800"), items, hex("00")])));
  const before = process.memoryUsage().arrayBuffers;
  const decoder = new RdbDecoder({
    modules: { hellotype: () => process.memoryUsage().arrayBuffers - before },
    onEvent(event) {
      if (event.event !== "key" || event.type !== "module") return;
      expect(event.value.decoded).toBeLessThan(40 << 20);
    },
  });
  decoder.write(file);
  decoder.end();
  expect(decoder.totals.keys).toBe(1);
});

describe("modules", () => {
  // RedisJSON, encoding version 3: one string of JSON text.
  const id = encodeModuleId("ReJSON-RL", 3);
  const json = keyRecord(
    "doc",
    concat([hex("07 81"), id, hex("05"), stored(Buffer.from('{"a":[1,2]}')), hex("00")]),
  );

  test("a parser decodes a module's items: RedisJSON", () => {
    const seen: unknown[] = [];
    const decoder = new RdbDecoder({
      modules: {
        "ReJSON-RL"(items, version) {
          if (version !== 3) throw new Error(`encoding version ${version}`);
          for (const item of items)
            if (item.type === "string") return JSON.parse(new TextDecoder().decode(item.value));
          throw new Error("no text");
        },
      },
      onEvent: (event) => event.event === "key" && seen.push(event.value),
    });
    for (const chunk of cut(rdbFile(12, json), [3])) decoder.write(chunk);
    decoder.end();
    expect(seen).toEqual([{ name: "ReJSON-RL", version: 3, decoded: { a: [1, 2] } }]);
  });

  test("items are read lazily: a parser may stop early", () => {
    const decoder = new RdbDecoder({
      modules: { "ReJSON-RL": (items) => items[Symbol.iterator]().next().done },
      onEvent: (event) => event.event === "key" && expect(event.value).toMatchObject({ decoded: false }),
    });
    decoder.write(rdbFile(12, json, json));
    decoder.end();
    expect(decoder.totals.keys).toBe(2);
  });

  test("key metadata after module aux is read from its beginning", () => {
    const aux = concat([hex("f7 81"), id, hex("02 01 02 05 00")]);
    const meta = hex("f3 01 10fdef6b 02 07 00");
    const file = rdbFile(14, aux, meta, FIRST);
    const lines: string[] = [];
    const decoder = new RdbDecoder({ onEvent: (event) => lines.push(showEvent(event)) });
    decoder.write(file);
    decoder.end();
    expect(lines[2]).toContain('"key":"first"');
  });
});

function encodeModuleId(name: string, version: number): Uint8Array {
  const set = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  let value = 0n;
  for (const letter of name) value = (value << 6n) | BigInt(set.indexOf(letter));
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, (value << 10n) | BigInt(version));
  return bytes;
}

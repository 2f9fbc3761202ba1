import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Block } from "../../cli/format/block.ts";
import { writeJsonBytes } from "../../cli/format/json.ts";
import { writeNdjson } from "../../cli/format/ndjson.ts";
import type { RedisEvent } from "../../src/events.ts";
import { bytes, commandEvent, keyEvent, linkEvent, STREAM } from "./made_events.ts";

function line(event: unknown, keysOnly = false): string {
  const block = new Block();
  writeNdjson(block, event as RedisEvent, { keysOnly });
  return new TextDecoder().decode(block.take());
}

/** [what, event, the line without its line end] */
const LINES: readonly (readonly [string, unknown, string])[] = [
  [
    "string with expiry and idle time",
    keyEvent({ type: "string", value: bytes("v"), expireAt: 1_700_000_000_000, idle: 5 }),
    '{"kind":"rdb","db":0,"key":"k","type":"string","encoding":"raw","value":"v","expireAt":1700000000000,"idle":5}',
  ],
  [
    "binary key and value, freq",
    keyEvent({ type: "string", db: 3, key: bytes([0xff, 0]), value: bytes([0x80]), freq: 0 }),
    '{"kind":"rdb","db":3,"key":{"base64":"/wA="},"type":"string","encoding":"raw","value":{"base64":"gA=="},"freq":0}',
  ],
  [
    "list",
    keyEvent({ type: "list", encoding: "listpack", value: [bytes("a"), bytes("é")] }),
    '{"kind":"rdb","db":0,"key":"k","type":"list","encoding":"listpack","value":["a","é"]}',
  ],
  [
    "set in a part that is not the last",
    keyEvent({ type: "set", value: [bytes("m")], part: 0, last: false }),
    '{"kind":"rdb","db":0,"key":"k","type":"set","encoding":"raw","value":["m"],"part":0}',
  ],
  [
    "set in its last part",
    keyEvent({ type: "set", value: [bytes("m")], part: 2, last: true }),
    '{"kind":"rdb","db":0,"key":"k","type":"set","encoding":"raw","value":["m"],"part":2,"last":true}',
  ],
  [
    "zset with every kind of score",
    keyEvent({
      type: "zset",
      value: [1.5, -0, 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].map(
        (score) => ({
          member: bytes("m"),
          score,
        }),
      ),
    }),
    '{"kind":"rdb","db":0,"key":"k","type":"zset","encoding":"raw","value":[["m",1.5],["m",-0],["m",1e+300],["m","inf"],["m","-inf"],["m","nan"]]}',
  ],
  [
    "hash with and without a field expiry",
    keyEvent({
      type: "hash",
      value: [
        { field: bytes("f"), value: bytes("v"), expireAt: undefined },
        { field: bytes("g"), value: bytes("w"), expireAt: 77 },
      ],
    }),
    '{"kind":"rdb","db":0,"key":"k","type":"hash","encoding":"raw","value":[["f","v"],["g","w",77]]}',
  ],
  [
    "array with an index beyond 2^53",
    keyEvent({
      type: "array",
      value: [
        { index: 1, value: bytes("a") },
        { index: 2n ** 60n, value: bytes("b") },
      ],
    }),
    '{"kind":"rdb","db":0,"key":"k","type":"array","encoding":"raw","value":[[1,"a"],["1152921504606846976","b"]]}',
  ],
  [
    "whole stream",
    keyEvent({ type: "stream", value: STREAM }),
    '{"kind":"rdb","db":0,"key":"k","type":"stream","encoding":"raw","value":{"lastId":"1-2","firstId":"1-1","maxDeletedId":"0-0",' +
      '"entriesAdded":"9007199254740992","length":2,"entries":[["1-1",[["f","v"]]],["1-2",[[{"base64":"/w=="},""]]]],' +
      '"groups":[{"name":"g","lastId":"1-1","pel":[["1-1",1700000000000,3]],"consumers":[{"name":"c","seenTime":5,"pel":["1-1"]}]}]}}',
  ],
  [
    "part of a stream",
    keyEvent({ type: "stream", last: false, value: { entries: [], info: undefined, groups: [] } }),
    '{"kind":"rdb","db":0,"key":"k","type":"stream","encoding":"raw","value":{"entries":[]},"part":0}',
  ],
  [
    "module at level raw",
    keyEvent({
      type: "module",
      value: { name: "ReJSON-RL", version: 3, decoded: undefined },
      raw: bytes("x"),
    }),
    '{"kind":"rdb","db":0,"key":"k","type":"module","encoding":"raw","value":{"name":"ReJSON-RL","version":3},"raw":{"base64":"eA=="}}',
  ],
  [
    "any other type at level raw",
    keyEvent({ type: "hash", value: [], raw: bytes("x") }),
    '{"kind":"rdb","db":0,"key":"k","type":"hash","encoding":"raw","raw":{"base64":"eA=="}}',
  ],
  [
    "snapshot begin",
    { kind: "rdb", event: "begin", version: 12, family: "redis" },
    '{"kind":"rdb","event":"begin","version":12,"family":"redis"}',
  ],
  [
    "snapshot end",
    { kind: "rdb", event: "end", keys: 3, checksum: "ok" },
    '{"kind":"rdb","event":"end","keys":3}',
  ],
  [
    "aux",
    { kind: "rdb", event: "aux", key: "redis-ver", value: bytes("8.0.1"), valueText: "8.0.1" },
    '{"kind":"rdb","type":"aux","key":"redis-ver","value":"8.0.1"}',
  ],
  [
    "function",
    { kind: "rdb", event: "function", code: bytes("#!lua name=l\n"), codeText: "#!lua name=l\n" },
    '{"kind":"rdb","type":"function","value":"#!lua name=l\\n"}',
  ],
  [
    "command",
    commandEvent(["SET", "k", "v"]),
    '{"kind":"aof","db":0,"offset":100,"command":["SET","k","v"]}',
  ],
  [
    "command in a transaction, from a shard",
    commandEvent(["DEL", "k"], { db: 2, tx: { startOffset: 1 }, shard: "10.0.0.1:7000" }),
    '{"kind":"aof","db":2,"offset":100,"command":["DEL","k"],"tx":true,"shard":"10.0.0.1:7000"}',
  ],
  [
    "command of a file",
    commandEvent(["DEL", "k"], { file: "a b.aof" }),
    '{"kind":"aof","db":0,"offset":100,"command":["DEL","k"],"file":"a b.aof"}',
  ],
  [
    "timestamp",
    { kind: "aof", event: "timestamp", at: 1_700_000_000_000, offset: 3, file: "x.aof" },
    '{"kind":"aof","event":"timestamp","at":1700000000000,"file":"x.aof"}',
  ],
  [
    "connecting",
    linkEvent({ event: "connecting", address: "h:1" }),
    '{"kind":"link","event":"connecting","address":"h:1"}',
  ],
  [
    "full resync",
    linkEvent({ event: "fullresync", replid: "ab", offset: 123 }),
    '{"kind":"link","event":"fullresync","replid":"ab","offset":123}',
  ],
  [
    "progress",
    linkEvent({ event: "progress", lag: 4, position: { replid: "ab", offset: 9, db: 1 } }),
    '{"kind":"link","event":"progress","position":{"replid":"ab","offset":9,"db":1},"lag":4}',
  ],
  [
    "warning without a place",
    linkEvent({ event: "warning", code: "CHECKSUM", at: undefined, message: 'a "b"' }),
    '{"kind":"link","event":"warning","code":"CHECKSUM","message":"a \\"b\\""}',
  ],
  [
    "reset",
    linkEvent({ event: "reset", reason: "backlog", lostFrom: 5, lostTo: undefined }),
    '{"kind":"link","event":"reset","reason":"backlog","lostFrom":5}',
  ],
  [
    "diff",
    linkEvent({ event: "diff", op: "vanished", db: 0, key: bytes([0xfe]), sure: true }),
    '{"kind":"link","event":"diff","op":"vanished","db":0,"key":{"base64":"/g=="},"sure":true}',
  ],
];

describe("writeNdjson", () => {
  test.each(LINES)("%s", (_, event, expected) => {
    const text = line(event);
    expect(text).toBe(`${expected}\n`);
    expect(() => JSON.parse(text)).not.toThrow();
  });

  test("leaves values out when only keys were read", () => {
    expect(line(keyEvent({ type: "list", value: [], encoding: "listpack" }), true)).toBe(
      '{"kind":"rdb","db":0,"key":"k","type":"list","encoding":"listpack"}\n',
    );
  });
});

describe("writeJsonBytes", () => {
  const written = (value: Uint8Array): string => {
    const block = new Block();
    writeJsonBytes(block, value);
    return new TextDecoder().decode(block.take());
  };

  test("any text comes back from JSON.parse as it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
        expect(JSON.parse(written(bytes(text)))).toBe(text);
      }),
    );
  });

  test("every single byte comes back, as text or as base64", () => {
    for (let byte = 0; byte < 256; byte++) {
      const parsed: unknown = JSON.parse(written(Uint8Array.of(byte)));
      expect(parsed).toEqual(
        byte < 0x80 ? String.fromCharCode(byte) : { base64: Buffer.from([byte]).toString("base64") },
      );
    }
  });

  test("any bytes come back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (value) => {
        const parsed = JSON.parse(written(value)) as string | { readonly base64: string };
        const back = typeof parsed === "string" ? Buffer.from(parsed) : Buffer.from(parsed.base64, "base64");
        expect(Uint8Array.from(back)).toEqual(value);
      }),
    );
  });

  test("surrogates written as UTF-8 are not text", () => {
    expect(written(bytes([0xed, 0xa0, 0x80]))).toBe('{"base64":"7aCA"}');
  });

  test("a line larger than the block makes it grow", () => {
    const value = bytes("x".repeat(300_000));
    expect(written(value)).toHaveLength(300_002);
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { RdbEvent, RdbKey } from "../../src/events.ts";
import { RdbDecoder, type RdbDecoderOptions, type RdbLevel } from "../../src/rdb/mod.ts";
import { KeyRebuilder } from "../../src/stream/key_rebuilder.ts";
import { show } from "./support.ts";

const FILES = ["redis-7.0", "redis-8.0", "valkey-9.1"];

function keysOf(file: Uint8Array, level: RdbLevel, size: number): RdbKey[] {
  const keys: RdbKey[] = [];
  const options: RdbDecoderOptions = {
    select: () => level,
    onEvent: (event) => event.event === "key" && event.last && keys.push(event),
  };
  const decoder = new RdbDecoder(options);
  for (let at = 0; at < file.length; at += size) decoder.write(file.subarray(at, at + size));
  decoder.end();
  return keys;
}

/** What stands before the value. */
function head({ db, key, type, expireAt, idle, freq, offset }: RdbKey): string {
  return show({ db, key, type, expireAt, idle, freq, offset });
}

describe("level key", () => {
  test.each(FILES)("tells the keys of %s as level data does, each once, without values", (name) => {
    const file = readFileSync(new URL(`../fixtures/rdb/${name}.rdb`, import.meta.url));
    const expected = keysOf(file, "data", file.length).map(head);
    expect(expected.length).toBeGreaterThan(100);
    for (const size of [1, 7, file.length]) {
      const keys = keysOf(file, "key", size);
      expect(keys.map(head)).toEqual(expected);
      for (const { part, count, raw, encoding, type, value } of keys) {
        expect({ part, count, raw }).toEqual({ part: 0, count: 0, raw: undefined });
        expect(encoding).not.toBe("lzf");
        if (type === "string" || type === "list" || type === "hash") expect(value).toHaveLength(0);
      }
    }
  });

  test("a value that is cut off is an error with the key's name, without an event for it", () => {
    const file = readFileSync(new URL("../fixtures/rdb/redis-8.0.rdb", import.meta.url));
    const events: RdbEvent[] = [];
    const decoder = new RdbDecoder({
      select: () => "key",
      onEvent: (event) => event.kind === "rdb" && events.push(event),
    });
    decoder.write(file.subarray(0, file.length >> 1));
    expect(() => decoder.end()).toThrow(/Cannot decode value of key/);
    expect(events.at(-1)).toMatchObject({ event: "key", last: true });
  });
});

test("a key without its value is not rebuilt as an empty one", () => {
  const file = readFileSync(new URL("../fixtures/rdb/redis-8.0.rdb", import.meta.url));
  const types = new Set<string>();
  for (const event of keysOf(file, "key", file.length)) {
    types.add(event.type);
    expect(() => [...new KeyRebuilder().take(event)]).toThrow(/without its value/);
  }
  expect(types).toContain("stream");
  expect(types).toContain("string");
});

import { describe, expect, test } from "vitest";
import { columnsOf, showBytes, showCount, showDuration, showSize, showTime } from "../../cli/format/show.ts";
import { textLine } from "../../cli/format/text.ts";
import type { RedisEvent } from "../../src/events.ts";
import { bytes, commandEvent, keyEvent, linkEvent, STREAM } from "./made_events.ts";

const ESC = String.fromCharCode(27);

describe("showBytes", () => {
  test.each([
    ["user:1", "user:1"],
    ["", '""'],
    ["two words", '"two words"'],
    ['say "hi"', '"say \\"hi\\""'],
    ["back\\slash", '"back\\\\slash"'],
    ["line\nend\t", '"line\\nend\\t"'],
    ["größe", "größe"],
    [`${ESC}[31mred`, '"\\x1b[31mred"'],
    ["\u009b31m", '"\\x9b31m"'],
    ["a\u202eb", '"a\\u202eb"'],
  ])("%j", (text, shown) => {
    expect(showBytes(bytes(text))).toBe(shown);
  });

  test("bytes that are no text", () => {
    expect(showBytes(bytes([0x41, 0xff, 0x00, 0x22]))).toBe('"A\\xff\\x00\\""');
  });

  test("looks at no more than the limit and cuts between characters", () => {
    expect(showBytes(bytes("abcdef"), 3)).toBe("abc…");
    expect(showBytes(bytes("aéé"), 4)).toBe("aé…");
    expect(showBytes(bytes("abc"), 3)).toBe("abc");
  });
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 KB"],
  [168_000_000, "168 MB"],
  [1_530_000, "1.5 MB"],
  [999_960, "1.0 MB"],
])("showSize %d", (size, shown) => {
  expect(showSize(size)).toBe(shown);
});

test.each([
  [0, "0"],
  [1234, "1,234"],
  [1_000_000, "1,000,000"],
  [12n ** 20n, "3,833,759,992,447,475,122,176"],
])("showCount %s", (count, shown) => {
  expect(showCount(count)).toBe(shown);
});

test.each([
  [400, "0 s"],
  [59_000, "59 s"],
  [200_000, "3 m 20 s"],
  [7_500_000, "2 h 5 m"],
  [90_000_000, "1 d 1 h"],
])("showDuration %d", (ms, shown) => {
  expect(showDuration(ms)).toBe(shown);
});

test("showTime gives dates, and numbers where dates end", () => {
  expect(showTime(1_700_000_000_250)).toBe("2023-11-14 22:13:20.250Z");
  expect(showTime(2 ** 60)).toBe(String(2 ** 60));
});

/** [what, event, line] */
const LINES: readonly (readonly [string, unknown, string])[] = [
  ["string", keyEvent({ type: "string", value: bytes("hello you") }), 'string  0  k  "hello you"'],
  [
    "hash in a part, that expires",
    keyEvent({
      type: "hash",
      db: 12,
      part: 1,
      last: false,
      expireAt: 1_700_000_000_250,
      value: [{ field: bytes("f"), value: bytes("v"), expireAt: undefined }],
    }),
    "hash   12  k  part 1  until 2023-11-14 22:13:20.250Z  (1) f=v",
  ],
  [
    "zset",
    keyEvent({ type: "zset", value: [{ member: bytes("m"), score: 1.5 }] }),
    "zset    0  k  (1) m=1.5",
  ],
  [
    "stream",
    keyEvent({ type: "stream", value: STREAM }),
    'stream  0  k  (2) group g last 1-2 1-1 f=v 1-2 "\\xff"="" ',
  ],
  ["raw", keyEvent({ type: "set", value: [], raw: bytes("abc") }), "set     0  k  3 bytes raw"],
  ["command", commandEvent(["set", "k", "a b"], { db: 1 }), '      100  1  set k "a b"'],
  ["transaction", commandEvent(["MULTI"], { tx: { startOffset: 1 } }), "      100  0  ┌ MULTI"],
  [
    "link",
    linkEvent({ event: "disconnected", code: "DISCONNECTED", message: `gone${ESC}[2J` }),
    "● disconnected: gone\\x1b[2J (DISCONNECTED)",
  ],
  ["begin", { kind: "rdb", event: "begin", version: 12, family: "redis" }, "snapshot begins  RDB 12, redis"],
  [
    "end",
    { kind: "rdb", event: "end", keys: 1200, checksum: "ok" },
    "snapshot ends  1,200 keys, checksum ok",
  ],
];

describe("textLine", () => {
  test.each(LINES)("%s", (_, event, line) => {
    expect(textLine(event as RedisEvent)).toBe(line);
  });

  test("never takes more columns than there are", () => {
    for (const [, event] of LINES) {
      for (let width = 1; width < 60; width++) {
        expect(columnsOf(textLine(event as RedisEvent, { width }))).toBeLessThanOrEqual(width);
      }
    }
    const wide = keyEvent({ type: "string", value: bytes("漢字".repeat(50)) });
    expect(columnsOf(textLine(wide, { width: 40 }))).toBeLessThanOrEqual(40);
  });

  test("reads no more elements than it shows", () => {
    let read = 0;
    const value = Array.from({ length: 1000 }, () => ({
      get member() {
        read++;
        return bytes("member");
      },
      score: 1,
    }));
    textLine(keyEvent({ type: "zset", value }), { width: 80 });
    expect(read).toBeLessThan(20);
  });
});

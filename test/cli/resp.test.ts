import { expect, test } from "vitest";
import { Block } from "../../cli/format/block.ts";
import { createRespWriter } from "../../cli/format/resp.ts";
import type { RedisEvent } from "../../src/events.ts";
import { bytes, commandEvent, keyEvent, linkEvent, STREAM } from "./made_events.ts";

/** The commands that are written, their arguments joined by spaces. */
function commands(...events: unknown[]): string[] {
  const write = createRespWriter();
  const block = new Block();
  for (const event of events) write(block, event as RedisEvent);
  const text = Buffer.from(block.take()).toString("latin1");
  const found: string[] = [];
  let at = 0;
  while (at < text.length) {
    const [header, argc] = /^\*(\d+)\r\n/.exec(text.slice(at))!;
    at += header.length;
    const args: string[] = [];
    for (let i = 0; i < Number(argc); i++) {
      const [lead, length] = /^\$(\d+)\r\n/.exec(text.slice(at))!;
      at += lead.length;
      args.push(text.slice(at, at + Number(length)));
      at += Number(length) + 2;
    }
    found.push(args.join(" "));
  }
  return found;
}

const item = (field: string, value: string, expireAt?: number): object => ({
  field: bytes(field),
  value: bytes(value),
  expireAt,
});

test.each([
  [
    "string that expires",
    keyEvent({ type: "string", value: bytes("v"), expireAt: 5 }),
    ["SET k v", "PEXPIREAT k 5"],
  ],
  ["list", keyEvent({ type: "list", value: [bytes("a"), bytes("b")] }), ["RPUSH k a b"]],
  [
    "zset",
    keyEvent({ type: "zset", value: [{ member: bytes("m"), score: Number.NEGATIVE_INFINITY }] }),
    ["ZADD k -inf m"],
  ],
  [
    "hash",
    keyEvent({ type: "hash", value: [item("f", "v"), item("g", "w", 77)] }),
    ["HSET k f v g w", "HPEXPIREAT k 77 FIELDS 1 g"],
  ],
  [
    "stream",
    keyEvent({ type: "stream", value: STREAM }),
    [
      "XADD k 1-1 f v",
      "XADD k 1-2 \xff ",
      "XSETID k 1-2 ENTRIESADDED 9007199254740992 MAXDELETEDID 0-0",
      "XGROUP CREATE k g 1-1",
      "XGROUP CREATECONSUMER k g c",
      "XCLAIM k g c 0 1-1 TIME 1700000000000 RETRYCOUNT 3 FORCE JUSTID",
    ],
  ],
  [
    "empty stream",
    keyEvent({
      type: "stream",
      value: {
        entries: [],
        groups: [],
        info: { length: 0, lastId: "5-0", firstId: "0-0", maxDeletedId: "5-0", entriesAdded: 1 },
      },
    }),
    ["XADD k MAXLEN 0 5-0 x x", "XSETID k 5-0 ENTRIESADDED 1 MAXDELETEDID 5-0"],
  ],
  ["function", { kind: "rdb", event: "function", code: bytes("#!lua") }, ["FUNCTION LOAD #!lua"]],
  ["link event", linkEvent({ event: "online", offset: 1 }), []],
])("%s", (_, event, expected) => {
  expect(commands(event)).toEqual(expected);
});

test("SELECT stands wherever the database changes", () => {
  expect(
    commands(
      keyEvent({ type: "string", value: bytes("v") }),
      keyEvent({ type: "string", db: 3, value: bytes("v") }),
      commandEvent(["DEL", "k"], { db: 3 }),
      commandEvent(["DEL", "k"], { db: 0 }),
    ),
  ).toEqual(["SET k v", "SELECT 3", "SET k v", "DEL k", "SELECT 0", "DEL k"]);
});

test("parts of a string are appended, and the expiry follows the last", () => {
  expect(
    commands(
      keyEvent({ type: "string", value: bytes("a"), last: false, expireAt: 9 }),
      keyEvent({ type: "string", value: bytes("b"), part: 1, expireAt: 9 }),
    ),
  ).toEqual(["SET k a", "APPEND k b", "PEXPIREAT k 9"]);
});

test("a long collection becomes several commands", () => {
  const value = Array.from({ length: 1200 }, (_, i) => bytes(String(i)));
  expect(commands(keyEvent({ type: "set", value })).map((text) => text.split(" ").length - 2)).toEqual([
    512, 512, 176,
  ]);
});

test("module values are a coded error", () => {
  expect(() => commands(keyEvent({ type: "module", value: { name: "x", version: 1 } }))).toThrow(
    expect.objectContaining({ code: "UNSUPPORTED" }),
  );
});

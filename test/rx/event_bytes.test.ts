import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../src/bytes/text.ts";
import { eventBytes } from "../../src/rx/event_bytes.ts";
import { aof, key, link, rdb } from "./events.ts";

const bytes = encodeUtf8;
const stream = {
  entries: [{ id: "1-0", fields: [[bytes("ab"), bytes("cde")]] }],
  info: undefined,
  groups: [
    {
      name: bytes("g"),
      pending: [{ id: "1-0", deliveredAt: 1, deliveries: 1 }],
      consumers: [{ name: bytes("c1"), pending: ["1-0"] }],
      nacked: [],
    },
  ],
};

describe("eventBytes", () => {
  it.each([
    ["text", "abc", 3],
    ["bytes", new Uint8Array(7), 7],
    ["what tells its size", { byteLength: 99 }, 99],
    ["a list", ["ab", new Uint8Array(3), ["d"]], 6],
    ["a number", 5, 0],
    ["nothing", undefined, 0],
    ["a command", aof("SET key value"), 11],
    ["a transaction", { kind: "aof", event: "transaction", commands: [aof("DEL a"), aof("DEL bc")] }, 9],
    ["a timestamp", { kind: "aof", event: "timestamp", at: 1 }, 0],
    ["a link event", link("lag", { lag: 5 }), 0],
    ["begin", rdb("begin"), 0],
    ["aux", rdb("aux", { key: "a", value: bytes("1234") }), 4],
    ["a function", rdb("function", { code: bytes("#!lua") }), 5],
    ["a string", key("key", "string", bytes("12345")), 8],
    ["a list value", key("k", "list", [bytes("ab"), bytes("c")]), 4],
    ["a set", key("k", "set", [bytes("ab")]), 3],
    ["a zset", key("k", "zset", [{ member: bytes("ab"), score: 1 }]), 11],
    ["a hash", key("k", "hash", [{ field: bytes("ab"), value: bytes("cde"), expireAt: undefined }]), 6],
    ["an array", key("k", "array", [{ index: 0, value: bytes("ab") }]), 11],
    ["a stream", key("s", "stream", stream), 1 + 16 + 5 + 1 + 32 + 2 + 16],
    ["a module value", key("k", "module", { name: "m", version: 1, decoded: undefined }), 1],
    ["a raw value", key("k", "hash", [], { raw: new Uint8Array(20) }), 21],
  ])("%s", (_, value, expected) => {
    expect(eventBytes(value)).toBe(expected);
  });
});

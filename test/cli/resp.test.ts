import { expect, test } from "vitest";
import { Block } from "../../cli/format/block.ts";
import { createRespWriter } from "../../cli/format/resp.ts";
import type { RedisEvent } from "../../src/events.ts";
import { bytes, commandEvent, keyEvent, linkEvent } from "./made_events.ts";

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

test("keys and functions become the commands that rebuild them", () => {
  expect(
    commands(
      { kind: "rdb", event: "function", code: bytes("#!lua") },
      keyEvent({ type: "string", value: bytes("v"), expireAt: 5 }),
      keyEvent({ type: "list", key: bytes("l"), value: [bytes("a"), bytes("b")] }),
    ),
  ).toEqual(["FUNCTION LOAD REPLACE #!lua", "SET k v PXAT 5", "RPUSH l a b"]);
});

test("payloads become RESTORE", () => {
  expect(commands(keyEvent({ type: "hash", value: [], raw: bytes("payload") }))).toEqual([
    "RESTORE k 0 payload REPLACE",
  ]);
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

test("events that are no data write nothing", () => {
  expect(commands(linkEvent({ event: "online", offset: 1 }))).toEqual([]);
});

test("module values are a coded error", () => {
  expect(() => commands(keyEvent({ type: "module", value: { name: "x", version: 1 } }))).toThrow(
    expect.objectContaining({ code: "UNSUPPORTED" }),
  );
});

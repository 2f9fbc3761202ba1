import { describe, expect, test } from "vitest";
import type { ReplicaError } from "../../src/errors.ts";
import { encodeCommand, RequestDecoder } from "../../src/resp/mod.ts";
import { bytesOf, cuttings, textOf } from "./support.ts";

const wire = (text: string) => bytesOf(text.replaceAll("¶", "\r\n"));

function decode(chunks: readonly Uint8Array[]) {
  const requests: string[][] = [];
  const decoder = new RequestDecoder({ onRequest: (args) => requests.push(args.map(textOf)) });
  try {
    for (const chunk of chunks) decoder.write(chunk);
    decoder.end();
  } catch (cause) {
    const { code, offset } = cause as ReplicaError;
    if (code === undefined) throw cause;
    return { requests, error: { code, offset } };
  }
  return { requests, error: undefined };
}

describe("RequestDecoder", () => {
  test("takes arrays, inline commands and what is empty, in any order and however it is cut", () => {
    const text = '*2¶$3¶GET¶$1¶k¶PING¶set k "a\\x00 b"\n¶  ¶*0¶*-1¶ECHO hi¶*1¶$4¶QUIT¶';
    for (const chunks of cuttings(wire(text))) {
      expect(decode(chunks)).toEqual({
        requests: [["GET", "k"], ["PING"], ["set", "k", "a\0 b"], ["ECHO", "hi"], ["QUIT"]],
        error: undefined,
      });
    }
  });

  const refused: readonly (readonly [why: string, text: string, code: string, offset: number])[] = [
    ["unbalanced quotes", 'PING¶SET "k¶', "MALFORMED", 6],
    ["text behind a closing quote", 'SET "k"v¶', "MALFORMED", 0],
    ["anything but bulk strings in an array", "PING¶*1¶+OK¶", "MALFORMED", 6],
    ["an array in an array", "*1¶*1¶$1¶a¶", "MALFORMED", 0],
    ["a null as an argument", "*1¶$-1¶", "MALFORMED", 0],
    ["a count with a sign", "PING¶*+1¶", "MALFORMED", 6],
    ["a length with a leading zero", "*1¶$04¶PING¶", "MALFORMED", 4],
    ["an end inside an array", "PING¶*1¶$4", "TRUNCATED", 12],
    ["an end inside a line", "PING¶PI", "TRUNCATED", 8],
  ];
  for (const [why, text, code, offset] of refused) {
    test(`refuses ${why}`, () => {
      for (const chunks of cuttings(wire(text))) expect(decode(chunks).error).toEqual({ code, offset });
    });
  }

  test("refuses a line without end", () => {
    const decoder = new RequestDecoder({ onRequest: () => {} });
    decoder.write(bytesOf("x".repeat(60_000)));
    expect(() => decoder.write(bytesOf("x".repeat(60_000)))).toThrow(
      expect.objectContaining({ code: "LIMIT" }),
    );
  });

  test("says the same error until reset", () => {
    const requests: string[][] = [];
    const decoder = new RequestDecoder({ onRequest: (args) => requests.push(args.map(textOf)) });
    expect(() => decoder.write(bytesOf('"\n'))).toThrow(expect.objectContaining({ code: "MALFORMED" }));
    expect(() => decoder.write(encodeCommand(["PING"]))).toThrow(
      expect.objectContaining({ code: "MALFORMED" }),
    );
    expect(() => decoder.end()).toThrow(expect.objectContaining({ code: "MALFORMED" }));
    decoder.reset();
    decoder.write(encodeCommand(["PING"]));
    decoder.end();
    expect(requests).toEqual([["PING"]]);
  });
});

import { describe, expect, test } from "vitest";
import { encodeCommand, encodeValue, type RespValue, respText } from "../../src/resp/mod.ts";
import { bytesOf, decode, textOf } from "./support.ts";

describe("encodeCommand", () => {
  test("writes an array of bulk strings", () => {
    expect(textOf(encodeCommand(["SET", "k", "v"]))).toBe("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n");
  });

  test("takes bytes as they are, text as UTF-8 and numbers in decimal", () => {
    const bytes = encodeCommand(["é", Uint8Array.of(0, 255, 13, 10), -7, 2n ** 63n, 1.5, ""]);
    expect(textOf(bytes)).toBe(
      "*6\r\n$2\r\n\xc3\xa9\r\n$4\r\n\x00\xff\r\n\r\n$2\r\n-7\r\n$19\r\n9223372036854775808\r\n$3\r\n1.5\r\n$0\r\n\r\n",
    );
  });

  test("writes counts and lengths of several digits", () => {
    const args = Array.from({ length: 1234 }, (_, i) => "x".repeat(i));
    const { values } = decode([encodeCommand(args)]);
    const [value] = values;
    if (value?.type !== "array") throw new Error("expected an array");
    expect(value.items.map(respText)).toEqual(args);
  });

  test("refuses a command without a name", () => {
    expect(() => encodeCommand([])).toThrow(RangeError);
  });
});

describe("encodeValue", () => {
  const bare = { attributes: undefined };
  const simple = (text: string): RespValue => ({ type: "simple", bytes: bytesOf(text), ...bare });

  test("writes a line break in no line", () => {
    expect(() => encodeValue(simple("a\r\n+b"))).toThrow(RangeError);
    expect(() => encodeValue({ type: "error", form: "simple", bytes: bytesOf("ERR\n"), ...bare })).toThrow(
      RangeError,
    );
  });

  test("refuses a verbatim format that is not three ASCII characters", () => {
    for (const format of ["", "text", "t\r\n", "tx\xe9"]) {
      expect(() => encodeValue({ type: "verbatim", format, bytes: bytesOf(""), ...bare })).toThrow(
        RangeError,
      );
    }
  });

  test("takes nesting of any depth", () => {
    let value = simple("in");
    for (let i = 0; i < 100_000; i++) value = { type: "array", items: [value], ...bare };
    expect(encodeValue(value).length).toBe(100_000 * 4 + 5);
  });
});

describe("respText", () => {
  test("gives text where there is one", () => {
    const { values } = decode([
      bytesOf("$2\r\n\xc3\xa9\r\n:-3\r\n#t\r\n,1.5\r\n(9\r\n=5\r\ntxt:a\r\n-ERR\r\n_\r\n*0\r\n"),
    ]);
    expect(values.map(respText)).toEqual(["é", "-3", "true", "1.5", "9", "a", "ERR", undefined, undefined]);
  });
});

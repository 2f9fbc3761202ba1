import { describe, expect, test } from "vitest";
import { RespDecoder, type RespValue } from "../../src/resp/mod.ts";
import { brief, bytesOf, cuttings, decode } from "./support.ts";

const big = "1234567999999999999999999999999999999";
const integer = (value: number | bigint) => ({ integer: value });
const double = (value: number) => ({ double: value });

/** The wire, CR LF written as ¶, and what it means. Most are what Redis 7.0.15 answers to DEBUG PROTOCOL. */
const vectors: readonly (readonly [wire: string, meaning: readonly unknown[]])[] = [
  // RESP2
  ["+OK¶", ["+OK"]],
  ["+¶", ["+"]],
  ["+binary \xff\x00¶", ["+binary \xff\x00"]],
  ["-ERR unknown command¶", ["-ERR unknown command"]],
  [":12345¶:0¶:-1¶", [integer(12345), integer(0), integer(-1)]],
  [":9007199254740991¶", [integer(Number.MAX_SAFE_INTEGER)]],
  [":9007199254740993¶", [integer(9007199254740993n)]],
  [":9223372036854775807¶", [integer(9223372036854775807n)]],
  [":-9223372036854775808¶", [integer(-9223372036854775808n)]],
  ["$11¶Hello World¶", ["$Hello World"]],
  ["$0¶¶", ["$"]],
  ["$5¶a¶\x00\xff¶", ["$a\r\n\x00\xff"]],
  ["$-1¶*-1¶", [{ null: "bulk" }, { null: "array" }]],
  ["*0¶", [{ array: [] }]],
  ["*3¶:0¶:1¶:2¶", [{ array: [integer(0), integer(1), integer(2)] }]],
  ["*6¶:0¶:0¶:1¶:1¶:2¶:0¶+OK¶", [{ array: [0, 0, 1, 1, 2, 0].map(integer) }, "+OK"]],
  [
    "*5¶:1¶:2¶+fine¶-MY bad¶$-1¶",
    [{ array: [integer(1), integer(2), "+fine", "-MY bad", { null: "bulk" }] }],
  ],
  ["*2¶*1¶*0¶*-1¶", [{ array: [{ array: [{ array: [] }] }, { null: "array" }] }]],
  // RESP3
  ["_¶", [{ null: "resp3" }]],
  ["#t¶#f¶", [{ boolean: true }, { boolean: false }]],
  [",3.25¶,1.5¶,3¶,1e+20¶,10¶,-0¶", [3.25, 1.5, 3, 1e20, 10, -0].map(double)],
  [",1E5¶,2.5e-3¶,-1.25e2¶,0.1¶", [1e5, 0.0025, -125, 0.1].map(double)],
  [",4.9406564584124654e-324¶,1.7976931348623157e+308¶", [Number.MIN_VALUE, Number.MAX_VALUE].map(double)],
  [",inf¶,-inf¶", [double(Infinity), double(-Infinity)]],
  [",nan¶,-nan¶,NAN¶,nan(0x1)¶", Array(4).fill(double(Number.NaN))],
  [`(${big}¶(-${big}¶(7¶`, [BigInt(big), -BigInt(big), 7n].map((value) => ({ "big-number": value }))],
  ["!22¶SYNTAX invalid¶syntax¶", ["!SYNTAX invalid\r\nsyntax"]],
  ["=29¶txt:This is a verbatim\nstring¶", ["=txt:This is a verbatim\nstring"]],
  ["=6¶mkd:hi¶=4¶a  :¶", ["=mkd:hi", "=a  :"]],
  [
    "%2¶:0¶#f¶:1¶#t¶",
    [
      {
        map: [
          [integer(0), { boolean: false }],
          [integer(1), { boolean: true }],
        ],
      },
    ],
  ],
  ["%0¶", [{ map: [] }]],
  [
    "%2¶*1¶:1¶+a¶*-1¶%1¶+k¶_¶",
    [
      {
        map: [
          [{ array: [integer(1)] }, "+a"],
          [{ null: "array" }, { map: [["+k", { null: "resp3" }]] }],
        ],
      },
    ],
  ],
  ["~3¶:0¶:1¶:1¶~0¶", [{ set: [integer(0), integer(1), integer(1)] }, { set: [] }]],
  [
    "|1¶$14¶key-popularity¶*2¶$7¶key:123¶:90¶$5¶reply¶",
    [{ about: [["$key-popularity", { array: ["$key:123", integer(90)] }]], value: "$reply" }],
  ],
  ["*2¶|1¶+a¶+b¶:1¶:2¶", [{ array: [{ about: [["+a", "+b"]], value: integer(1) }, integer(2)] }]],
  [
    "|1¶+a¶+b¶|0¶|1¶+a¶+c¶*1¶_¶",
    [
      {
        about: [
          ["+a", "+b"],
          ["+a", "+c"],
        ],
        value: { array: [{ null: "resp3" }] },
      },
    ],
  ],
  ["|0¶+x¶", ["+x"]],
  ["%1¶|1¶+a¶+b¶+k¶+v¶", [{ map: [[{ about: [["+a", "+b"]], value: "+k" }, "+v"]] }]],
  [
    "|1¶|1¶+in¶+side¶+a¶+b¶$?¶;1¶z¶;0¶",
    [{ about: [[{ about: [["+in", "+side"]], value: "+a" }, "+b"]], value: "$z" }],
  ],
  ["|1¶+a¶+b¶>1¶+p¶", [{ about: [["+a", "+b"]], value: { push: ["+p"] } }]],
  [">2¶$16¶server-cpu-usage¶:42¶$2¶ok¶", [{ push: ["$server-cpu-usage", integer(42)] }, "$ok"]],
  [">2¶$10¶invalidate¶*1¶$3¶foo¶", [{ push: ["$invalidate", { array: ["$foo"] }] }]],
  [">2¶$10¶invalidate¶_¶", [{ push: ["$invalidate", { null: "resp3" }] }]],
  // Streamed
  ["$?¶;4¶Hell¶;5¶o wor¶;1¶d¶;0¶", ["$Hello word"]],
  ["$?¶;0¶", ["$"]],
  ["*?¶:1¶$?¶;1¶a¶;0¶*?¶.¶.¶", [{ array: [integer(1), "$a", { array: [] }] }]],
  ["~?¶+a¶+b¶.¶", [{ set: ["+a", "+b"] }]],
  [
    "%?¶+a¶:1¶+b¶%?¶.¶.¶",
    [
      {
        map: [
          ["+a", integer(1)],
          ["+b", { map: [] }],
        ],
      },
    ],
  ],
];

const wire = (text: string) => bytesOf(text.replaceAll("¶", "\r\n"));

describe("RespDecoder", () => {
  for (const [text, meaning] of vectors) {
    test(`decodes ${JSON.stringify(text)} however it is cut`, () => {
      for (const chunks of cuttings(wire(text))) {
        const { values, error } = decode(chunks);
        expect(error).toBeUndefined();
        expect(values.map(brief)).toEqual(meaning);
      }
    });
  }

  test("hands out a string within one chunk as a view of it, and one that spans chunks as a copy", () => {
    const values: RespValue[] = [];
    const decoder = new RespDecoder({ onValue: (value) => values.push(value) });
    const chunk = wire("$5¶hello¶$5¶wor");
    decoder.write(chunk);
    decoder.write(wire("ld¶"));
    const [first, second] = values;
    if (first?.type !== "bulk" || second?.type !== "bulk") throw new Error("expected two strings");
    expect(first.bytes.buffer).toBe(chunk.buffer);
    expect(second.bytes.buffer).not.toBe(chunk.buffer);
    expect(second.bytes).toEqual(bytesOf("world"));
    expect(second.bytes.buffer.byteLength).toBe(5);
  });

  test("stops after a value when told so, with the index of what follows", () => {
    const seen: unknown[] = [];
    const decoder = new RespDecoder({
      onValue: (value) => {
        seen.push([brief(value), decoder.offset]);
        return seen.length !== 2;
      },
    });
    const chunk = wire("+a¶+FULLRESYNC¶\x00RDB+b¶");
    const at = decoder.write(chunk);
    expect(seen).toEqual([
      ["+a", 4],
      ["+FULLRESYNC", 17],
    ]);
    expect(at).toBe(17);
    expect(decoder.offset).toBe(17);
    expect(decoder.idle).toBe(true);
    expect(decoder.write(chunk, at + 4)).toBe(chunk.length);
    expect(seen).toHaveLength(3);
    expect(decoder.offset).toBe(21);
  });

  test("goes on behind a value whose handler threw", () => {
    const seen: unknown[] = [];
    const decoder = new RespDecoder({
      onValue: (value) => {
        seen.push(brief(value));
        if (seen.length === 1) throw new Error("from the handler");
      },
    });
    const chunk = wire("+a¶+b¶");
    expect(() => decoder.write(chunk)).toThrow("from the handler");
    decoder.write(chunk, decoder.offset);
    decoder.end();
    expect(seen).toEqual(["+a", "+b"]);
  });

  test("passes over bare LF between values only where that is allowed", () => {
    const { values, error } = decode([wire("\n\n+a¶\n")], { allowKeepAlive: true });
    expect(values.map(brief)).toEqual(["+a"]);
    expect(error).toBeUndefined();
    expect(decode([wire("\n+a¶")]).error).toEqual({ code: "MALFORMED", offset: 0 });
    expect(decode([wire("*1¶\n+a¶")], { allowKeepAlive: true }).error).toEqual({
      code: "MALFORMED",
      offset: 4,
    });
  });

  test("says the same error until reset, and then begins anew", () => {
    const values: RespValue[] = [];
    const decoder = new RespDecoder({ onValue: (value) => values.push(value) });
    const failure = (call: () => void): unknown => {
      try {
        call();
      } catch (error) {
        return error;
      }
      throw new Error("expected a failure");
    };
    const first = failure(() => decoder.write(wire("+ok¶*2¶+a¶?")));
    expect(first).toMatchObject({ code: "MALFORMED", offset: 13 });
    expect(failure(() => decoder.write(wire("+ok¶")))).toBe(first);
    expect(failure(() => decoder.end())).toBe(first);
    expect(values).toHaveLength(1);
    decoder.reset();
    decoder.write(wire("+again¶"));
    decoder.end();
    expect(decoder.offset).toBe(8);
    expect(values.map(brief)).toEqual(["+ok", "+again"]);
  });

  test("end() is content between values and nowhere else", () => {
    const bytes = wire("|1¶+a¶:1¶*2¶$3¶abc¶%?¶+k¶$?¶;2¶ab¶;0¶.¶");
    for (let at = 0; at <= bytes.length; at++) {
      const { error } = decode([bytes.slice(0, at)]);
      if (at === 0 || at === bytes.length) expect(error).toBeUndefined();
      else expect(error).toEqual({ code: "TRUNCATED", offset: at });
    }
  });
});

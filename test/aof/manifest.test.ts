import { describe, expect, test } from "vitest";
import { parseManifest } from "../../src/aof/manifest.ts";
import { partsOf } from "../../src/aof/parts.ts";
import { bytesOf } from "../resp/support.ts";

const parse = (...lines: readonly string[]) =>
  parseManifest(bytesOf(lines.map((line) => `${line}\n`).join("")));
const files = (entries: readonly { readonly file: string }[]) => entries.map(({ file }) => file);

describe("parseManifest", () => {
  test("reads what Redis 8.0.6 writes during a rewrite", () => {
    const manifest = parse(
      "file appendonly.aof.1.base.rdb seq 1 type b",
      "file appendonly.aof.1.incr.aof seq 1 type i startoffset 0",
      "file appendonly.aof.2.incr.aof seq 2 type i startoffset 5 endoffset 77",
    );
    expect(manifest).toEqual({
      base: {
        file: "appendonly.aof.1.base.rdb",
        seq: 1,
        type: "base",
        startOffset: undefined,
        endOffset: undefined,
      },
      increments: [
        { file: "appendonly.aof.1.incr.aof", seq: 1, type: "incr", startOffset: 0, endOffset: undefined },
        { file: "appendonly.aof.2.incr.aof", seq: 2, type: "incr", startOffset: 5, endOffset: 77 },
      ],
      history: [],
    });
  });

  test('takes quoted names, history and comments (Redis 8.0.6, appendfilename my aof"x.aof)', () => {
    const manifest = parse(
      "# a comment",
      String.raw`file "my aof\"x.aof.2.base.aof" seq 2 type b`,
      String.raw`file "my aof\"x.aof.1.incr.aof" seq 1 type h startoffset 0`,
      String.raw`file "my aof\"x.aof.1.base.aof" seq 1 type h`,
      String.raw`file "my aof\"x.aof.2.incr.aof" seq 2 type i startoffset 5`,
    );
    expect(manifest.base?.file).toBe('my aof"x.aof.2.base.aof');
    expect(files(manifest.increments)).toEqual(['my aof"x.aof.2.incr.aof']);
    expect(files(manifest.history)).toEqual(['my aof"x.aof.1.incr.aof', 'my aof"x.aof.1.base.aof']);
  });

  test("takes keys in any case and order, unknown keys, blanks around and CR LF", () => {
    const manifest = parse(
      "  SEQ 3 Type i later 7 FILE a.aof \t\r",
      "type h seq 9 file b",
      "TYPE base seq 1 file c",
    );
    expect(files(manifest.increments)).toEqual(["a.aof"]);
    expect(manifest.base?.file).toBe("c");
  });

  test("takes a name in UTF-8", () => {
    const line = new TextEncoder().encode("file größe.aof seq 1 type i\n");
    expect(files(parseManifest(line).increments)).toEqual(["größe.aof"]);
  });

  const line = (file: string) => `file ${file} seq 1 type i`;
  const refused: readonly (readonly [why: string, text: string, code: string, offset: number])[] = [
    ["an empty file", "", "MALFORMED", 0],
    ["a last line without end", `${line("a")}\n${line("b")}`, "MALFORMED", 20],
    ["an empty line", `${line("a")}\n\n`, "MALFORMED", 20],
    ["a line of blanks", "   \n", "MALFORMED", 0],
    ["too few pairs", "file a seq 1\n", "MALFORMED", 0],
    ["a key without value", "file a seq 1 type i x\n", "MALFORMED", 0],
    ["no file", "seq 1 type i later 3\n", "MALFORMED", 0],
    ["no seq", "file a type i later 3\n", "MALFORMED", 0],
    ["no type", "file a seq 1 later 3\n", "MALFORMED", 0],
    ["seq 0", "file a seq 0 type i\n", "MALFORMED", 0],
    ["a seq that is no number", "file a seq 1x type i\n", "MALFORMED", 0],
    ["a negative seq", "file a seq -1 type i\n", "MALFORMED", 0],
    ["a seq above 2^53", "file a seq 99999999999999999999 type i\n", "MALFORMED", 0],
    ["a negative offset", "file a seq 1 type i startoffset -1\n", "MALFORMED", 0],
    ["an unknown type", "file a seq 1 type x\n", "MALFORMED", 0],
    ["an empty type", 'file a seq 1 type ""\n', "MALFORMED", 0],
    ["two base files", "file a seq 1 type b\nfile b seq 2 type b\n", "MALFORMED", 20],
    ["increments out of order", "file a seq 2 type i\nfile b seq 1 type i\n", "MALFORMED", 20],
    ["an increment twice", "file a seq 2 type i\nfile b seq 2 type i\n", "MALFORMED", 20],
    ["open quotes", 'file "a seq 1 type i\n', "MALFORMED", 0],
    ["a line above 1024 bytes", `${line("x".repeat(1020))}\n`, "MALFORMED", 0],
    ["a comment above 1024 bytes", `#${"x".repeat(1030)}\n`, "MALFORMED", 0],
    ["a folder in a name", `${line("sub/a.aof")}\n`, "MALFORMED", 0],
    ["an absolute name", `${line("/etc/passwd")}\n`, "MALFORMED", 0],
    ["a name that climbs", `${line("../a.aof")}\n`, "MALFORMED", 0],
    ["the folder above", `${line("..")}\n`, "MALFORMED", 0],
    ["the folder itself", `${line(".")}\n`, "MALFORMED", 0],
    ["backslashes in a name", `${line('"a\\\\b"')}\n`, "MALFORMED", 0],
    ["NUL in a name", `${line('"a\\x00b"')}\n`, "MALFORMED", 0],
    ["an empty name", `${line('""')}\n`, "MALFORMED", 0],
    ["a name that is not UTF-8", `${line("\xff")}\n`, "UNSUPPORTED", 0],
  ];
  for (const [why, text, code, offset] of refused) {
    test(`refuses ${why}`, () => {
      expect(() => parseManifest(bytesOf(text))).toThrow(expect.objectContaining({ code, offset }));
    });
  }

  test("refuses more files than any server makes", () => {
    const lines = Array.from({ length: 10_001 }, (_, i) => `file f${i} seq ${i + 1} type i`);
    expect(() => parse(...lines)).toThrow(expect.objectContaining({ code: "LIMIT" }));
    expect(parse(...lines.slice(1)).increments).toHaveLength(10_000);
  });
});

describe("partsOf", () => {
  test("puts the base first, leaves history out and marks the last", () => {
    const manifest = parse(
      "file i1 seq 1 type i",
      "file h1 seq 1 type h",
      "file b1 seq 1 type b",
      "file i2 seq 2 type i",
    );
    expect(partsOf(manifest)).toEqual([
      { file: "b1", seq: 1, type: "base", last: false },
      { file: "i1", seq: 1, type: "incr", last: false },
      { file: "i2", seq: 2, type: "incr", last: true },
    ]);
    expect(partsOf(parse("file h1 seq 1 type h"))).toEqual([]);
  });
});

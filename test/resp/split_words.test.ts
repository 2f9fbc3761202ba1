import { expect, test } from "vitest";
import { splitWords } from "../../src/resp/mod.ts";
import { bytesOf, textOf } from "./support.ts";

const cases: readonly (readonly [line: string, words: readonly string[] | undefined])[] = [
  ["", []],
  ["  \t ", []],
  ["PING", ["PING"]],
  ["  SET  k\tv \r\n", ["SET", "k", "v"]],
  ['"a b" c', ["a b", "c"]],
  ['""', [""]],
  ["''", [""]],
  [String.raw`"\n\r\t\b\a\\\"\x41\xfF\q"`, ['\n\r\t\b\x07\\"A\xffq']],
  [String.raw`"\xg1\x4"`, ["xg1x4"]],
  [String.raw`'it\'s' 'a\n\\b' 'c\\ '`, ["it's", "a\\n\\\\b", "c\\\\ "]],
  ['pre"quoted"', ["prequoted"]],
  ['"quoted"post', undefined],
  ["'quoted'post", undefined],
  ['"a"\x0bb', ["a", "b"]],
  ["a\x0bb", ["a\x0bb"]],
  ['"open', undefined],
  ["'open", undefined],
  ['"open\\', undefined],
  ['"open\\"', undefined],
  ["a\x00b", ["a"]],
  ['"a\x00b"', undefined],
  ["\xff \xfe", ["\xff", "\xfe"]],
  [
    String.raw`file "my aof\"x.aof.1.base.aof" seq 1 type b`,
    ["file", 'my aof"x.aof.1.base.aof', "seq", "1", "type", "b"],
  ],
];

for (const [line, words] of cases) {
  test(`splitWords ${JSON.stringify(line)}`, () => {
    expect(splitWords(bytesOf(line))?.map(textOf)).toEqual(words);
  });
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileGlob } from "../../src/bytes/mod.ts";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

const cases: [pattern: string, matches: string[], others: string[]][] = [
  ["*", ["", "a", "anything"], []],
  ["", [""], ["a"]],
  ["user:*", ["user:", "user:1"], ["user", "users:1", "xuser:1"]],
  ["*:end", [":end", "a:end", ":end:end"], ["end", ":end "]],
  ["a*b*c", ["abc", "aXbYc", "abcbc"], ["ab", "acb", "abcd"]],
  ["a**b", ["ab", "axb"], ["a"]],
  ["h?llo", ["hello", "hallo"], ["hllo", "heello"]],
  ["?", ["a"], ["", "ab"]],
  ["h[ae]llo", ["hello", "hallo"], ["hillo"]],
  ["h[^e]llo", ["hallo"], ["hello", "hllo"]],
  ["h[a-c]llo", ["hallo", "hbllo", "hcllo"], ["hdllo"]],
  ["h[c-a]llo", ["hallo", "hbllo"], ["hdllo"]],
  ["[a-]]", ["a", "]", "^", "_"], ["b", "a]"]],
  ["[\\]]x", ["]x"], ["\\x"]],
  ["[\\", ["\\"], ["[", ""]],
  ["[ab", ["a", "b"], ["c", "["]],
  ["[]a", [], ["a", "]", "]a"]],
  ["[^]a", ["xa"], ["a"]],
  ["\\*", ["*"], ["a", "\\*"]],
  ["\\", ["\\"], [""]],
  ["a\\", ["a\\"], ["a"]],
  ["[!a]", ["!", "a"], ["b"]],
  ["Key", ["Key"], ["key", "KEY"]],
  ["{a,b}", ["{a,b}"], ["a"]],
];

/** The rule told recursively over the pattern's own text; exponential, so for short patterns only. */
function naive(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  const head = pattern[0]!;
  if (head === "*") {
    for (let i = 0; i <= text.length; i++) if (naive(pattern.slice(1), text.slice(i))) return true;
    return false;
  }
  if (text === "") return false;
  if (head === "?") return naive(pattern.slice(1), text.slice(1));
  if (head === "\\" && pattern.length > 1)
    return pattern[1] === text[0] && naive(pattern.slice(2), text.slice(1));
  if (head !== "[") return head === text[0] && naive(pattern.slice(1), text.slice(1));
  let rest = pattern.slice(1);
  const negated = rest.startsWith("^");
  if (negated) rest = rest.slice(1);
  let found = false;
  while (rest !== "" && !rest.startsWith("]")) {
    if (rest.length >= 2 && rest[0] === "\\") {
      found ||= rest[1] === text[0];
      rest = rest.slice(2);
    } else if (rest.length >= 3 && rest[1] === "-") {
      const [low, high] = [rest[0]!, rest[2]!].sort();
      found ||= text[0]! >= low! && text[0]! <= high!;
      rest = rest.slice(3);
    } else {
      found ||= rest[0] === text[0];
      rest = rest.slice(1);
    }
  }
  return found !== negated && naive(rest.slice(1), text.slice(1));
}

describe("compileGlob", () => {
  it.each(cases)("%j", (pattern, matches, others) => {
    const glob = compileGlob(pattern);
    for (const text of matches) expect([text, glob(ascii(text))]).toEqual([text, true]);
    for (const text of others) expect([text, glob(ascii(text))]).toEqual([text, false]);
  });

  it("agrees with a naive twin, on ranges of larger arrays too", () => {
    const pattern = fc.array(fc.constantFrom("*", "?", "[", "]", "^", "-", "\\", "a", "b", "c"), {
      maxLength: 9,
    });
    const subject = fc.array(fc.constantFrom("a", "b", "c", "]", "-", "\\", "^"), { maxLength: 7 });
    fc.assert(
      fc.property(pattern, subject, (p, s) => {
        const text = s.join("");
        const matches = naive(p.join(""), text);
        expect(compileGlob(p.join(""))(ascii(text))).toBe(matches);
        expect(compileGlob(p.join(""))(ascii(`<${text}>`), 1, text.length + 1)).toBe(matches);
      }),
      { numRuns: 3000 },
    );
  });

  it("compares bytes as bytes", () => {
    expect(compileGlob("*é*")(ascii("caféx"))).toBe(true);
    expect(compileGlob("?")(ascii("é"))).toBe(false);
    expect(compileGlob(Uint8Array.of(0x5b, 0x00, 0x2d, 0xff, 0x5d))(Uint8Array.of(0xfe))).toBe(true);
    expect(compileGlob(Uint8Array.of(0xff, 0x2a))(Uint8Array.of(0xff, 0x00))).toBe(true);
  });

  it("takes no exponential time over many stars", () => {
    const glob = compileGlob(`${"*a".repeat(200)}b`);
    expect(glob(new Uint8Array(20_000).fill(0x61))).toBe(false);
  });
});

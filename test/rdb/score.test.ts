import { describe, expect, it } from "vitest";
import { scoreOf } from "../../src/rdb/values/score.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** The same numbers for every run. */
function* randomBits(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    yield state >>> 0;
  }
}

/** Every score is judged against the language's own reading of the text. */
function expectSame(text: string): void {
  const expected = Number(text);
  const found = scoreOf(bytes(text));
  if (!Object.is(found, expected)) expect(`${text} → ${found}`).toBe(`${text} → ${expected}`);
}

describe("scoreOf", () => {
  it("reads doubles as servers print them, with 17 digits and with as few as needed", () => {
    const random = randomBits(1);
    const next = (): number => random.next().value as number;
    for (let i = 0; i < 200_000; i++) {
      const value = (next() / 2 ** 32 + next()) * 10 ** ((next() % 24) - 12) * (next() & 1 ? -1 : 1);
      expectSame(String(value));
      expectSame(value.toPrecision(17));
      expectSame(value.toPrecision(17).replace(/\.?0+$/, ""));
    }
  });

  it("reads any digits, however close to the middle between two doubles", () => {
    const random = randomBits(2);
    const next = (): number => random.next().value as number;
    for (let i = 0; i < 200_000; i++) {
      const digits = `${next()}${next()}`.slice(0, 1 + (next() % 20));
      const point = next() % (digits.length + 1);
      expectSame(`${digits.slice(0, point)}.${digits.slice(point)}`);
    }
    for (let i = 0; i < 100_000; i++) {
      // A double of 54 to 63 bits and the integers around the middle to its neighbour.
      const shift = 1n + BigInt(next() % 10);
      const middle =
        (((1n << 52n) | (BigInt(next()) << 20n) | BigInt(next() & 0xfffff)) << shift) + (1n << (shift - 1n));
      for (const near of [middle - 1n, middle, middle + 1n]) {
        expectSame(String(near));
        // The same value with places behind the point, as far as 19 digits go.
        const places = 19 - String(near).length;
        if (places > 0) expectSame(`${near}.${"0".repeat(places)}`);
      }
    }
    for (const power of [2 ** -1, 2 ** -4, 2 ** -10, 2 ** -14]) {
      for (let i = 1; i < 2000; i += 2) expectSame((1 + i * power * 2 ** -38).toFixed(18));
    }
  });

  it.each([
    "0",
    "-0",
    "0.0",
    "-0.000",
    "1.",
    ".5",
    "00012.50",
    "1e5",
    "-1.5E-7",
    "123456789012345678901234567890",
    "1e400",
  ])("reads %s", (text) => expectSame(text));

  it.each([
    ["inf", Number.POSITIVE_INFINITY],
    ["+inf", Number.POSITIVE_INFINITY],
    ["-inf", Number.NEGATIVE_INFINITY],
    ["-INF", Number.NEGATIVE_INFINITY],
  ])("reads %s", (text, value) => expect(scoreOf(bytes(text))).toBe(value));

  it("reads a range of a larger array", () => {
    expect(scoreOf(bytes("x-12.25y"), 1, 7)).toBe(-12.25);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  concat,
  copy,
  endsWith,
  equals,
  includesNeedle,
  indexOfNeedle,
  lastIndexOfNeedle,
  repeat,
  startsWith,
} from "../../src/bytes/mod.ts";

const of = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
/** Few different bytes, so that partial matches are common. */
const few = fc.uint8Array({ max: 2, maxLength: 24 });
const source = of(0, 1, 2, 1, 2, 1, 2, 3);

describe("concat", () => {
  it("joins in order, also nothing", () => {
    expect(concat([of(0, 1, 2), of(), of(3)])).toEqual(of(0, 1, 2, 3));
    expect(concat([])).toEqual(of());
  });
  it("gives memory of its own, also for one part", () => {
    const part = of(1, 2);
    const joined = concat([part]);
    part[0] = 9;
    expect(joined).toEqual(of(1, 2));
  });
});

describe("copy", () => {
  it.each([
    { name: "whole", from: of(9, 8, 7), offset: undefined, count: 3, target: of(9, 8, 7, 0, 0) },
    { name: "at an offset, cut off", from: of(9, 8, 7), offset: 3, count: 2, target: of(0, 0, 0, 9, 8) },
    {
      name: "at a negative offset, taken as 0",
      from: of(9),
      offset: -4,
      count: 1,
      target: of(9, 0, 0, 0, 0),
    },
    { name: "beyond the end", from: of(9), offset: 8, count: 0, target: of(0, 0, 0, 0, 0) },
  ])("$name", ({ from, offset, count, target }) => {
    const result = new Uint8Array(5);
    expect(copy(from, result, offset)).toBe(count);
    expect(result).toEqual(target);
  });
});

describe("startsWith, endsWith, equals", () => {
  it("know prefixes and suffixes, the empty and the whole included", () => {
    expect(startsWith(source, of(0, 1, 2))).toBe(true);
    expect(startsWith(source, of(1))).toBe(false);
    expect(startsWith(source, of())).toBe(true);
    expect(startsWith(of(0), of(0, 1))).toBe(false);
    expect(endsWith(source, of(1, 2, 3))).toBe(true);
    expect(endsWith(source, of(1, 2))).toBe(false);
    expect(endsWith(source, of())).toBe(true);
    expect(endsWith(of(3), of(2, 3))).toBe(false);
    expect(startsWith(source, source) && endsWith(source, source)).toBe(true);
  });
  it("agree with comparing text", () => {
    fc.assert(
      fc.property(few, few, (a, b) => {
        const [x, y] = [a.join(), b.join()];
        expect(equals(a, b)).toBe(x === y);
        expect(startsWith(a, b)).toBe(a.subarray(0, b.length).join() === y && a.length >= b.length);
        expect(endsWith(a, b)).toBe(a.length >= b.length && a.subarray(a.length - b.length).join() === y);
      }),
    );
  });
});

describe("indexOfNeedle, lastIndexOfNeedle, includesNeedle", () => {
  it.each([
    [of(1, 2), undefined, 1],
    [of(1, 2), 2, 3],
    [of(1, 2), 6, -1],
    [of(1, 2), -4, 5],
    [of(1, 2), -100, 1],
    [of(5, 0), undefined, -1],
    [of(3), undefined, 7],
    [of(3), 8, -1],
    [of(3), 80, -1],
    [of(), undefined, -1],
    [source, undefined, 0],
    [concat([source, of(0)]), undefined, -1],
  ])("first of %o from %s is %i", (needle, start, index) => {
    expect(indexOfNeedle(source, needle, start)).toBe(index);
    expect(includesNeedle(source, needle, start)).toBe(index !== -1);
  });

  it.each([
    [of(1, 2), undefined, 5],
    [of(1, 2), 2, 1],
    [of(1, 2), 5, 3],
    [of(1, 2), 6, 5],
    [of(1, 2), 600, 5],
    [of(1, 2), -1, -1],
    [of(0), 0, 0],
    [of(0, 1), 0, -1],
    [of(5, 0), undefined, -1],
    [of(), undefined, -1],
    [source, undefined, 0],
  ])("last of %o up to %s is %i", (needle, start, index) => {
    expect(lastIndexOfNeedle(source, needle, start)).toBe(index);
  });

  it("agree with searching in text", () => {
    fc.assert(
      fc.property(few, few, fc.integer({ min: 0, max: 26 }), (haystack, part, start) => {
        const needle = part.subarray(0, 4);
        fc.pre(needle.length > 0);
        const [text, word] = [String.fromCharCode(...haystack), String.fromCharCode(...needle)];
        expect(indexOfNeedle(haystack, needle, start)).toBe(text.indexOf(word, start));
        const lastBegin = Math.min(start, haystack.length - 1) - needle.length + 1;
        expect(lastIndexOfNeedle(haystack, needle, start)).toBe(
          lastBegin < 0 ? -1 : text.lastIndexOf(word, lastBegin),
        );
      }),
    );
  });
});

describe("repeat", () => {
  it("repeats", () => {
    expect(repeat(of(0, 1, 2), 3)).toEqual(of(0, 1, 2, 0, 1, 2, 0, 1, 2));
    expect(repeat(of(7), 5)).toEqual(of(7, 7, 7, 7, 7));
    expect(repeat(of(7), 0)).toEqual(of());
    expect(repeat(of(), 1000)).toEqual(of());
  });
  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses %s", (count) => {
    expect(() => repeat(of(1), count)).toThrow(RangeError);
  });
});

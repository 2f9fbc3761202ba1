import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decimalLength,
  formatDecimal,
  int64DecimalLength,
  parseInteger,
  readInt64,
  readUint32,
  readUint64,
  writeDecimal,
  writeInt64Decimal,
} from "../../src/bytes/integer.ts";

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const simplest = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) && BigInt(Number(value)) === value ? Number(value) : value;

/** Each power of ten and of two with its neighbours, both signs, within 64 bits. */
const corners: bigint[] = [];
for (const base of [2n, 10n]) {
  for (let power = 1n; power <= 2n ** 64n; power *= base) {
    for (const delta of [-1n, 0n, 1n]) corners.push(power + delta, -(power + delta));
  }
}
const signed = (value: bigint): boolean => value >= -(2n ** 63n) && value < 2n ** 63n;

describe("parseInteger", () => {
  it.each([
    "",
    "-",
    "+1",
    "-0",
    "00",
    "01",
    "-01",
    " 1",
    "1 ",
    "1.0",
    "1e3",
    "0x1",
    "12a",
    "123456789012345x",
    "/",
    ":",
  ])("refuses %j", (wrong) => expect(parseInteger(ascii(wrong))).toBeUndefined());
  it.each(["18446744073709551616", "-9223372036854775809", "99999999999999999999", "123456789012345678901"])(
    "refuses %s, out of range",
    (wrong) => expect(parseInteger(ascii(wrong))).toBeUndefined(),
  );
  it("reads every corner exactly", () => {
    for (const value of corners) {
      if (value < -(2n ** 63n) || value >= 2n ** 64n) continue;
      expect(parseInteger(ascii(`x${value}y`), 1, String(value).length + 1)).toBe(simplest(value));
    }
  });
  it("agrees with a naive twin on near-numbers", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-0-9a]{0,21}$/), (candidate) => {
        const canonical = /^(0|-?[1-9][0-9]*)$/.test(candidate);
        const value = canonical ? BigInt(candidate) : 0n;
        const inRange = canonical && value >= -(2n ** 63n) && value < 2n ** 64n;
        expect(parseInteger(ascii(candidate))).toBe(inRange ? simplest(value) : undefined);
      }),
    );
  });
});

describe("64-bit fields", () => {
  const bytes = new Uint8Array(11);
  const view = new DataView(bytes.buffer);
  const check = (value: bigint): void => {
    view.setBigInt64(3, value, true);
    expect(readInt64(bytes, 3)).toBe(simplest(view.getBigInt64(3, true)));
    expect(readUint64(bytes, 3)).toBe(simplest(view.getBigUint64(3, true)));
    expect(readUint32(bytes, 3)).toBe(view.getUint32(3, true));
    const expected = view.getBigInt64(3, true).toString();
    expect(int64DecimalLength(bytes, 3)).toBe(expected.length);
    const output = new Uint8Array(24);
    const end = writeInt64Decimal(bytes, 3, output, 2);
    expect(text(output.subarray(2, end))).toBe(expected);
  };
  it("are read and printed exactly at every corner", () => {
    for (const value of corners) check(BigInt.asIntN(64, value));
  });
  it("are read and printed exactly anywhere", () => {
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), check));
  });
});

describe("decimal text of numbers", () => {
  const check = (value: number): void => {
    const output = new Uint8Array(20);
    expect(decimalLength(value)).toBe(String(value).length);
    expect(text(output.subarray(1, writeDecimal(value, output, 1)))).toBe(String(value));
    expect(text(formatDecimal(value))).toBe(String(value));
  };
  it("is right at every corner", () => {
    for (const value of corners) if (Number.isSafeInteger(Number(value))) check(Number(value));
    for (const value of corners) if (signed(value)) expect(text(formatDecimal(value))).toBe(String(value));
  });
  it("is right anywhere", () => {
    fc.assert(fc.property(fc.maxSafeInteger(), check));
  });
});

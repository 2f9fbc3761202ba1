import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Crc64, crc16, crc64Hex, keySlot } from "../../src/bytes/mod.ts";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The definition, bit by bit. */
function naive64(bytes: Uint8Array): string {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
  }
  return crc.toString(16).padStart(16, "0");
}

function naive16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
  }
  return crc;
}

describe("Crc64", () => {
  it("gives the check value", () => {
    const crc = new Crc64();
    crc.update(ascii("123456789"));
    expect(crc.toString()).toBe("e9c6d914c4b8d9ca");
    expect(crc.high).toBe(0xe9c6d914);
    expect(crc.low).toBe(0xc4b8d9ca);
    const stored = new Uint8Array(9);
    crc.writeTo(stored, 1);
    expect(Buffer.from(stored).toString("hex")).toBe("00cad9b8c414d9c6e9");
    expect(crc.matches(stored, 1)).toBe(true);
    stored[8] = 0;
    expect(crc.matches(stored, 1)).toBe(false);
    crc.reset();
    expect(crc.toString()).toBe("0000000000000000");
  });

  it.each([
    ["A1", "00000a00", "5d9b5c400f7fa2da"],
    ["A17", "00c139305000", "52be23b60dae6f4d"],
    ["B1", "00c309406401 6161e0570001 61610a00", "e8a3b507b06df271"],
  ])("verifies the server's payload %s", (_name, body, footer) => {
    const crc = new Crc64();
    crc.update(Buffer.from(body.replaceAll(" ", ""), "hex"));
    expect(crc.matches(Buffer.from(footer, "hex"), 0)).toBe(true);
  });

  it("agrees with the definition, whatever the cuts and offsets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.array(fc.nat(80), { maxLength: 4 }), (bytes, cuts) => {
        const crc = new Crc64();
        let at = 0;
        for (const cut of [
          ...cuts.map((c) => Math.min(c, bytes.length)).sort((a, b) => a - b),
          bytes.length,
        ]) {
          crc.update(bytes, at, cut);
          at = cut;
        }
        expect(crc.toString()).toBe(naive64(bytes));
        expect(crc64Hex(bytes)).toBe(naive64(bytes));
      }),
    );
  });
});

describe("crc16", () => {
  it("gives the check value and agrees with the definition", () => {
    expect(crc16(ascii("123456789"))).toBe(0x31c3);
    fc.assert(fc.property(fc.uint8Array(), (bytes) => crc16(bytes) === naive16(bytes)));
  });
});

describe("keySlot", () => {
  it.each([
    ["foo", 12182],
    ["", 0],
    ["{user1000}.following", 3443],
    ["user1000", 3443],
    ["a{user1000}b{other}", 3443],
    ["foo{}{bar}", 8363],
    ["{", naive16(ascii("{")) & 16383],
    ["{}", naive16(ascii("{}")) & 16383],
    ["}{a", naive16(ascii("}{a")) & 16383],
    ["foo{{bar}}zap", naive16(ascii("{bar")) & 16383],
  ])("of %j is %i", (key, slot) => {
    expect(keySlot(ascii(key))).toBe(slot);
  });
});

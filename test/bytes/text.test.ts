import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SHORT_ASCII } from "../../src/bytes/short_ascii.ts";
import { base64, encodeUtf8, fromBase64, isUtf8, latin1, utf8 } from "../../src/bytes/text.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

function strictly(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Bytes near the edges of UTF-8's table, where the rules differ. */
const edges = [
  0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
  0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
];

describe("utf8", () => {
  it("decodes every length of ASCII around the short form's limit", () => {
    for (let length = 0; length <= SHORT_ASCII + 4; length++) {
      const text = "abcdefghijklmnopqrstuvwxyz".slice(0, length);
      expect(utf8(encodeUtf8(`<${text}>`), 1, 1 + length)).toBe(text);
    }
  });
  it("decodes as the host does: wrong bytes to U+FFFD, byte order mark kept", () => {
    expect(utf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
    expect(utf8(Uint8Array.of(0x61, 0xff, 0x62))).toBe("a\ufffdb");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), fc.nat(40), (bytes, a, b) => {
        const start = Math.min(a, b, bytes.length);
        const end = Math.min(Math.max(a, b), bytes.length);
        expect(utf8(bytes, start, end)).toBe(lenient.decode(bytes.subarray(start, end)));
      }),
    );
  });
  it("gives text back that encodeUtf8 encoded", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => utf8(encodeUtf8(text)) === text));
  });
});

describe("isUtf8", () => {
  it("agrees with a strict decoder on every pair and on triples and quads of edge bytes", () => {
    for (let a = 0x80; a < 256; a++) {
      expect(isUtf8(Uint8Array.of(a))).toBe(false);
      for (const b of edges) expect(isUtf8(Uint8Array.of(a, b))).toBe(strictly(Uint8Array.of(a, b)));
    }
    const bytes = new Uint8Array(4);
    let wrong = 0;
    for (const a of edges) {
      for (const b of edges) {
        for (const c of edges) {
          bytes.set([a, b, c, 0x80]);
          if (isUtf8(bytes) !== strictly(bytes)) wrong++;
          if (isUtf8(bytes, 0, 3) !== strictly(bytes.subarray(0, 3))) wrong++;
        }
      }
    }
    expect(wrong).toBe(0);
  });
  it("means that text survives", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        expect(isUtf8(bytes)).toBe(strictly(bytes));
        if (isUtf8(bytes)) expect(encodeUtf8(utf8(bytes))).toEqual(bytes);
      }),
    );
  });
});

describe("latin1", () => {
  it("maps each byte to the character of its number, whatever the length", () => {
    const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i & 255);
    expect(latin1(bytes)).toBe(Buffer.from(bytes).toString("latin1"));
    expect(latin1(bytes, 128, 160)).toBe(Buffer.from(bytes.subarray(128, 160)).toString("latin1"));
    expect(latin1(bytes, 5, 5)).toBe("");
  });
});

describe("base64", () => {
  it("encodes as everybody does, and back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(base64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
        expect(fromBase64(base64(bytes))).toEqual(bytes);
      }),
    );
    const long = Uint8Array.from({ length: 20_001 }, (_, i) => (i * 31) & 255);
    expect(base64(long, 1)).toBe(Buffer.from(long.subarray(1)).toString("base64"));
  });
  it("refuses other characters", () => {
    expect(() => fromBase64("ab-d")).toThrow(TypeError);
  });
});

import { describe, expect, test } from "vitest";
import { ByteReader, UNDERFLOW } from "../../src/rdb/byte_reader.ts";
import { Random } from "../support/random.ts";

/** Reads units of these sizes, each byte by byte and then committed, the way the decoder drives a reader. */
function readUnits(
  chunks: readonly Uint8Array[],
  units: readonly number[],
): { units: Uint8Array[]; attempts: number } {
  const r = new ByteReader();
  const found: Uint8Array[] = [];
  let attempts = 0;
  for (const chunk of chunks) {
    if (!r.push(chunk)) continue;
    for (;;) {
      try {
        while (found.length < units.length) {
          attempts++;
          const size = units[found.length]!;
          const { buf, pos } = r;
          for (let i = 0; i < size; i++) r.u8();
          const bytes = buf.subarray(pos, pos + size);
          expect(r.offset).toBe(r.base + r.pos);
          r.commit();
          found.push(bytes);
        }
        break;
      } catch (error) {
        if (error !== UNDERFLOW) throw error;
        if (!r.refill()) break;
      }
    }
  }
  return { units: found, attempts };
}

describe("ByteReader", () => {
  test("gives every unit contiguously, however chunks are cut, and never changes what it gave", () => {
    const random = new Random(3);
    for (let round = 0; round < 300; round++) {
      const units = Array.from({ length: random.int(1, 20) }, () =>
        random.oneIn(5) ? random.int(0, 300) : random.int(0, 9),
      );
      const total = units.reduce((sum, size) => sum + size, 0);
      const bytes = Uint8Array.from(random.bytes(total));
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < total; ) {
        const size = random.int(1, random.pick([2, 10, 100]));
        chunks.push(bytes.slice(at, at + size));
        at += size;
      }
      const read = readUnits(chunks, units);
      expect(Buffer.concat(read.units).equals(bytes)).toBe(true);
      expect(read.units.map((unit) => unit.length)).toEqual(total === 0 ? [] : units);
    }
  });

  test("reads a unit that asks byte by byte anew only a few times more than there are chunks", () => {
    const bytes = new Uint8Array(100_000).fill(7);
    const chunks = Array.from({ length: 10 }, (_, i) => bytes.slice(i * 10_000, (i + 1) * 10_000));
    expect(readUnits(chunks, [100_000]).attempts).toBeLessThan(40);
  });

  test("copies nothing that lies within one chunk", () => {
    const chunk = new Uint8Array(64);
    const { units } = readUnits([chunk], [10, 20, 34]);
    for (const unit of units) expect(unit.buffer).toBe(chunk.buffer);
  });

  test("gathers a unit of known size in one buffer, and reserves a lying size only as bytes come", () => {
    const r = new ByteReader();
    r.push(new Uint8Array(10));
    expect(() => r.require(2 ** 40)).toThrow();
    expect(r.refill()).toBe(false);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 20; i++) expect(r.push(new Uint8Array(1000))).toBe(false);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
  });

  test("tells offsets, and what it consumed of the chunk", () => {
    const r = new ByteReader();
    r.push(Uint8Array.of(1, 2, 3));
    expect(r.u8()).toBe(1);
    r.commit();
    expect(() => r.u32le()).toThrow();
    expect(r.refill()).toBe(false);
    expect(r.push(Uint8Array.of(0, 0, 9, 8))).toBe(true);
    expect(r.offset).toBe(1);
    expect(r.u32le()).toBe(0x0302);
    r.commit();
    expect(r.consumed).toBe(2);
    expect(r.chunkOffset).toBe(3);
    expect(r.u8()).toBe(9);
    r.reset();
    expect(r.offset).toBe(0);
    expect(() => r.u8()).toThrow();
  });

  test("shows each committed byte to its tap once, in order", () => {
    const r = new ByteReader();
    const seen: number[] = [];
    r.tap = { bytes: (buf, start, end) => seen.push(...buf.subarray(start, end)) };
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
    for (let at = 0; at < 100; at += 7) {
      if (!r.push(bytes.slice(at, at + 7))) continue;
      for (;;) {
        try {
          for (;;) {
            r.require(3);
            r.pos += 3;
            r.commit();
          }
        } catch {
          if (!r.refill()) break;
        }
      }
    }
    expect(seen).toEqual([...bytes.subarray(0, 99)]);
  });
});

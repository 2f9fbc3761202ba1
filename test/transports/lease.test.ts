import { expect, test } from "vitest";
import { Lease, READ_SIZE } from "../../transports/shared/lease.ts";

/** One read of a socket that gives `length` bytes, all `byte`; like Node, it asks for the next buffer at once. */
function read(lease: Lease, length: number, byte: number): Uint8Array {
  lease.buffer.fill(byte, 0, length);
  const chunk = lease.take(length);
  lease.buffer;
  return chunk;
}

const holds = (chunk: Uint8Array, length: number, byte: number): void => {
  expect(chunk.length).toBe(length);
  expect(chunk.every((each) => each === byte)).toBe(true);
};

test.each([
  ["small", () => 100],
  ["large", () => READ_SIZE],
  ["all sizes", (i: number) => (i % 2 === 0 ? 100 : READ_SIZE / 2) + i],
])("Lease never writes to a chunk that was kept: %s", (_what, sizeOf) => {
  const lease = new Lease();
  const chunks = Array.from({ length: 20 }, (_, i) => read(lease, sizeOf(i), i));
  for (const [i, chunk] of chunks.entries()) holds(chunk, sizeOf(i), i);
});

test("Lease copies small chunks out until eight in a row came back, then uses two buffers for all", () => {
  const lease = new Lease();
  const memory = new Set<ArrayBufferLike>();
  for (let i = 0; i < 100; i++) {
    const chunk = read(lease, 1000, i);
    holds(chunk, 1000, i);
    if (i < 8) expect(chunk.buffer.byteLength).toBe(1000);
    else memory.add(chunk.buffer);
    lease.give(chunk);
  }
  expect(memory.size).toBe(2);
});

test("Lease leaves a chunk alone that was kept among many that came back, and pins no other for it", () => {
  const lease = new Lease();
  for (let i = 0; i < 20; i++) lease.give(read(lease, 1000, i));
  const kept = [read(lease, 1000, 1), read(lease, 1000, 2), read(lease, 1000, 3)];
  for (let i = 0; i < 20; i++) lease.give(read(lease, READ_SIZE, 9));
  for (const [i, chunk] of kept.entries()) holds(chunk, 1000, i + 1);
  expect(kept.map((chunk) => chunk.buffer.byteLength)).toEqual([READ_SIZE, 1000, 1000]);
});

test("Lease takes back nothing but the chunk handed out last, and that once", () => {
  const lease = new Lease();
  const first = read(lease, READ_SIZE, 1);
  const second = read(lease, READ_SIZE, 2);
  lease.give(first);
  lease.give(second);
  lease.give(second);
  const third = read(lease, READ_SIZE, 3);
  const fourth = read(lease, READ_SIZE, 4);
  holds(first, READ_SIZE, 1);
  holds(third, READ_SIZE, 3);
  holds(fourth, READ_SIZE, 4);
});

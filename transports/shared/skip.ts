import type { ByteReader } from "./file_chunks.ts";

/** The same bytes without the first `count`, for sources that cannot be sought. */
export function skip(reader: ByteReader, count: number): ByteReader {
  let left = count;
  return {
    path: reader.path,
    size: reader.size,
    allocate: reader.allocate,
    async read(into) {
      while (left > 0) {
        const length = await reader.read(into.subarray(0, Math.min(left, into.length)));
        if (length === 0) return 0;
        left -= length;
      }
      return reader.read(into);
    },
    close: () => reader.close(),
  };
}

import { type FileHandle, open } from "node:fs/promises";
import { ReplicaError } from "../../src/errors.ts";
import type { ByteFile, OpenFile, OpenFileOptions } from "../../src/transport.ts";

/** Large enough that a read costs nothing beside decoding it, small enough to stay in the cache. */
const CHUNK_SIZE = 512 * 1024;

/**
 * Opens a file, or standard input for the path `-`, to be read in chunks; the next one is read when it is asked for.
 *
 * Throws `ReplicaError` `FILE` with the path when the file cannot be opened or read.
 */
export const openFile: OpenFile = async (path, options = {}) => {
  if (path === "-") return { size: undefined, chunks: standardInput(), close: async () => {} };
  const handle = await open(path, "r").catch((cause: Error) => fail("open", path, cause));
  try {
    const stat = await handle.stat();
    if (stat.isDirectory())
      throw new ReplicaError("FILE", `Cannot open ${path}: it is a directory`, { file: path });
    const size = stat.isFile() ? stat.size : undefined;
    return {
      size,
      chunks: readChunks(handle, path, options),
      close: () => handle.close(),
    } satisfies ByteFile;
  } catch (error) {
    await handle.close();
    throw error;
  }
};

async function* readChunks(
  handle: FileHandle,
  path: string,
  { chunkSize = CHUNK_SIZE, reuseBuffers = false, start = 0 }: OpenFileOptions,
): AsyncGenerator<Uint8Array, void> {
  let buffer = new Uint8Array(chunkSize);
  let position = start;
  for (;;) {
    const { bytesRead } = await handle
      .read(buffer, 0, chunkSize, position)
      .catch((cause: Error) => fail("read", path, cause));
    if (bytesRead === 0) return;
    position += bytesRead;
    // A short chunk must not keep the rest of a long buffer alive.
    if (bytesRead === chunkSize) yield buffer;
    else yield reuseBuffers ? buffer.subarray(0, bytesRead) : buffer.slice(0, bytesRead);
    if (!reuseBuffers) buffer = new Uint8Array(chunkSize);
  }
}

async function* standardInput(): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>)
    yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function fail(doing: string, path: string, cause: Error & { readonly code?: string }): never {
  throw new ReplicaError("FILE", `Cannot ${doing} ${path}: ${cause.code ?? cause.message}`, {
    file: path,
    cause,
  });
}

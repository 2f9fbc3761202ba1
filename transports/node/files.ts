import { fstatSync } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import type { ByteFile, ListFolder, OpenFile, OpenFileOptions } from "../../src/transport.ts";
import { type ByteReader, FileChunks, fileFailure, isNoFolder, readPlan } from "../shared/file_chunks.ts";
import { skip } from "../shared/skip.ts";
import { FileReads, readByPool } from "./file_reads.ts";

const STDIN = 0;

/**
 * Opens a file for reading as a stream of chunks, or standard input when the path is `-`. Chunks are 256 KiB unless told
 * otherwise, shorter from pipes: what is there is handed out at once. `start` skips bytes where a file cannot be sought.
 *
 * Rejects with `ReplicaError` `FILE` (which bears the path), and with RangeError for options that are no sizes.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { openFile } from "rxreplica/node";
 *
 * const folder = await mkdtemp(join(tmpdir(), "example-"));
 * await writeFile(join(folder, "digits"), "0123456789");
 * const file = await openFile(join(folder, "digits"), { start: 7 });
 * let text = "";
 * for await (const chunk of file.chunks) text += new TextDecoder().decode(chunk);
 * await rm(folder, { recursive: true });
 * if (file.size !== 10 || text !== "789") throw new Error("unexpected");
 * ```
 */
export const openFile: OpenFile = async (path: string, options?: OpenFileOptions): Promise<ByteFile> => {
  const plan = readPlan(options);
  if (path === "-") return openStdin(options);
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    const stat = await handle.stat();
    if (stat.isDirectory()) throw Object.assign(new Error("is a directory"), { code: "EISDIR" });
    return new FileChunks(fileReader(handle, path, stat.isFile() ? stat.size : undefined, plan.start), plan);
  } catch (cause) {
    await handle?.close();
    throw fileFailure("open", path, cause);
  }
};

/**
 * Names the entries of a folder in order, without their path; `undefined` when the path is no folder or does not exist.
 *
 * Rejects with `ReplicaError` `FILE`.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { listFolder } from "rxreplica/node";
 *
 * const folder = await mkdtemp(join(tmpdir(), "example-"));
 * await writeFile(join(folder, "appendonly.aof.manifest"), "");
 * const names = await listFolder(folder);
 * const none = await listFolder(join(folder, "appendonly.aof.manifest"));
 * await rm(folder, { recursive: true });
 * if (names?.join() !== "appendonly.aof.manifest" || none !== undefined) throw new Error("unexpected");
 * ```
 */
export const listFolder: ListFolder = async (path: string): Promise<readonly string[] | undefined> => {
  try {
    return (await readdir(path)).sort();
  } catch (cause) {
    if (isNoFolder(cause)) return undefined;
    throw fileFailure("read", path, cause);
  }
};

function fileReader(handle: FileHandle, path: string, size: number | undefined, start: number): ByteReader {
  // `position` moves with every read; a pipe has none (null: at the current place).
  let position = size === undefined ? null : start;
  let reading: Promise<unknown> = Promise.resolve();
  const reads = new FileReads();
  const reader: ByteReader = {
    path,
    size,
    allocate,
    async read(into) {
      // A pipe may have nothing to give for long.
      const read =
        position === null ? readByPool(handle.fd, into, position) : reads.read(handle.fd, into, position);
      reading = read.catch(() => {});
      const length = await read;
      if (position !== null) position += length;
      return length;
    },
    async close() {
      // The number must not be another file's while a read of it is under way.
      await reading;
      await handle.close();
    },
  };
  return size === undefined ? skip(reader, start) : reader;
}

/** Memory that the read fills: zeros would be written over. */
function allocate(size: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(size);
  return new Uint8Array(buffer, byteOffset, size);
}

function openStdin(options: OpenFileOptions | undefined): ByteFile {
  const plan = readPlan(options);
  const stat = fstatSync(STDIN);
  // A file is read where the shell left its offset; the stream would do it in pieces of 64 KiB.
  const reader = stat.isFile() ? stdinFile(stat.size) : stdinStream();
  return new FileChunks(skip(reader, plan.start), plan);
}

function stdinFile(size: number): ByteReader {
  const reads = new FileReads();
  return {
    path: "-",
    size,
    allocate,
    read: (into) => reads.read(STDIN, into, null),
    close: async () => {},
  };
}

/** A pipe or terminal may be non-blocking, where plain reads fail with EAGAIN: the stream knows how to wait. */
function stdinStream(): ByteReader {
  const chunks = process.stdin[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let rest: Uint8Array = new Uint8Array(0);
  return {
    path: "-",
    size: undefined,
    async read(into) {
      if (rest.length === 0) {
        const next = await chunks.next();
        if (next.done === true) return 0;
        rest = next.value;
      }
      const part = rest.subarray(0, into.length);
      into.set(part);
      rest = rest.subarray(part.length);
      return part.length;
    },
    close: async () => {
      process.stdin.destroy();
    },
  };
}

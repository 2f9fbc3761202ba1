import type { ByteFile, ListFolder, OpenFile, OpenFileOptions } from "../../src/transport.ts";
import { type ByteReader, FileChunks, fileFailure, isNoFolder, readPlan } from "../shared/file_chunks.ts";
import { skip } from "../shared/skip.ts";
import { type DenoFile, deno } from "./runtime.ts";

/**
 * Opens a file for reading as a stream of chunks, or standard input when the path is `-`; needs `--allow-read`. Chunks are
 * 256 KiB unless told otherwise, shorter from pipes: what is there is handed out at once. `start` skips bytes where a file
 * cannot be sought.
 *
 * Rejects with `ReplicaError` `FILE` (which bears the path), `NO_RUNTIME` elsewhere than in Deno, and RangeError for options
 * that are no sizes.
 *
 * @example
 * ```ts no-run
 * import { writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { openFile } from "rxreplica/deno";
 *
 * const path = `${tmpdir()}/example-${process.pid}.rdb`;
 * await writeFile(path, "REDIS0009");
 * const file = await openFile(path, { chunkSize: 262_144 });
 * let bytes = 0;
 * for await (const chunk of file.chunks) bytes += chunk.length;
 * if (bytes !== file.size) throw new Error("unexpected");
 * ```
 */
export const openFile: OpenFile = async (path: string, options?: OpenFileOptions): Promise<ByteFile> => {
  const plan = readPlan(options);
  if (path === "-") return new FileChunks(skip(stdinReader(), plan.start), plan);
  const runtime = deno();
  let file: DenoFile | undefined;
  try {
    file = await runtime.open(path, { read: true });
    const { isDirectory, isFile, size } = await file.stat();
    if (isDirectory) throw Object.assign(new Error("is a directory"), { code: "EISDIR" });
    if (isFile && plan.start > 0) await file.seek(plan.start, runtime.SeekMode.Start);
    const reader = fileReader(file, path, isFile ? size : undefined);
    return new FileChunks(isFile ? reader : skip(reader, plan.start), plan);
  } catch (cause) {
    file?.close();
    throw fileFailure("open", path, cause);
  }
};

/**
 * Names the entries of a folder in order, without their path; `undefined` when the path is no folder or does not exist;
 * needs `--allow-read`.
 *
 * Rejects with `ReplicaError`: `FILE`, `NO_RUNTIME` elsewhere than in Deno.
 *
 * @example
 * ```ts no-run
 * import { listFolder } from "rxreplica/deno";
 *
 * const names = await listFolder("/etc");
 * if (!names?.includes("hosts")) throw new Error("unexpected");
 * ```
 */
export const listFolder: ListFolder = async (path: string): Promise<readonly string[] | undefined> => {
  const runtime = deno();
  try {
    const names: string[] = [];
    for await (const { name } of runtime.readDir(path)) names.push(name);
    return names.sort();
  } catch (cause) {
    if (isNoFolder(cause)) return undefined;
    throw fileFailure("read", path, cause);
  }
};

function fileReader(file: DenoFile, path: string, size: number | undefined): ByteReader {
  return {
    path,
    size,
    read: async (into) => (await file.read(into)) ?? 0,
    close: async () => file.close(),
  };
}

function stdinReader(): ByteReader {
  const { stdin } = deno();
  return {
    path: "-",
    size: undefined,
    read: async (into) => (await stdin.read(into)) ?? 0,
    close: async () => stdin.close(),
  };
}

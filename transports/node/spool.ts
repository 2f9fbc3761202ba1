import { type FileHandle, open, rm } from "node:fs/promises";
import type { OpenSpool, SpoolFile } from "../../src/transport.ts";
import { fileFailure } from "../shared/file_chunks.ts";

/**
 * Makes an empty file for a spool, readable by its owner only; closing removes it. Everything rejects with `ReplicaError`
 * `FILE`.
 *
 * @example
 * ```ts
 * import { mkdtemp, readdir, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { openSpool } from "rxreplica/node";
 *
 * const folder = await mkdtemp(join(tmpdir(), "example-"));
 * const file = await openSpool(join(folder, "spool"));
 * await file.write(Uint8Array.of(1, 2, 3), 1000);
 * const bytes = await file.read(1001, 10);
 * await file.close();
 * const left = await readdir(folder);
 * await rm(folder, { recursive: true });
 * if (bytes.join() !== "2,3" || left.length !== 0) throw new Error("unexpected");
 * ```
 */
export const openSpool: OpenSpool = async (path: string): Promise<SpoolFile> => {
  try {
    return new NodeSpool(path, await open(path, "w+", 0o600));
  } catch (cause) {
    throw fileFailure("open", path, cause);
  }
};

class NodeSpool implements SpoolFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #closing: Promise<void> | undefined;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const rest = bytes.subarray(done);
        done += (await this.#handle.write(rest, 0, rest.length, at + done)).bytesWritten;
      }
    } catch (cause) {
      throw fileFailure("write", this.#path, cause);
    }
  }

  async read(at: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    try {
      let done = 0;
      while (done < length) {
        const { bytesRead } = await this.#handle.read(bytes, done, length - done, at + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    } catch (cause) {
      throw fileFailure("read", this.#path, cause);
    }
  }

  async truncate(length: number): Promise<void> {
    try {
      await this.#handle.truncate(length);
    } catch (cause) {
      throw fileFailure("write", this.#path, cause);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#remove();
    return this.#closing;
  }

  async #remove(): Promise<void> {
    await this.#handle.close();
    await rm(this.#path, { force: true });
  }
}

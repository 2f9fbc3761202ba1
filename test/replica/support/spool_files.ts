import { open, rm } from "node:fs/promises";
import type { SpoolFile } from "../../../src/transport.ts";

/** A spool file in memory, whose writes can be held back or made to fail. */
export class MemorySpoolFile implements SpoolFile {
  #bytes = new Uint8Array(0);
  /** Greatest size it had. */
  size = 0;
  /** Size it has. */
  get length(): number {
    return this.#bytes.length;
  }

  closed = false;
  failWrites: Error | undefined = undefined;
  failReads: Error | undefined = undefined;
  /** Writes and reads wait for this. */
  gate: Promise<void> = Promise.resolve();

  async write(bytes: Uint8Array, at: number): Promise<void> {
    await this.gate;
    if (this.failWrites !== undefined) throw this.failWrites;
    const end = at + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(end);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, at);
    this.size = Math.max(this.size, this.#bytes.length);
  }

  async read(at: number, length: number): Promise<Uint8Array> {
    await this.gate;
    if (this.failReads !== undefined) throw this.failReads;
    return this.#bytes.slice(at, at + length);
  }

  async truncate(length: number): Promise<void> {
    this.#bytes = this.#bytes.slice(0, length);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** A spool file on disk. */
export async function openSpoolFile(path: string): Promise<SpoolFile> {
  const file = await open(path, "w+");
  return {
    write: async (bytes, at) => {
      await file.write(bytes, 0, bytes.length, at);
    },
    read: async (at, length) => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, at);
      return bytes.subarray(0, bytesRead);
    },
    close: async () => {
      await file.close();
      await rm(path, { force: true });
    },
  };
}

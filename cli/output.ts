import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { ReplicaError } from "../src/errors.ts";
import { Block } from "./format/block.ts";
import { RUNTIME } from "./runtime.ts";

/** A block this full is written before more goes into it. */
const FULL = 96 * 1024;

/**
 * Standard output as a sequence of blocks. The next block is filled while the one before is written; more than that does not
 * queue up, so that a slow reader holds the source back.
 */
export class Output {
  readonly block: Block = new Block();
  readonly #stream: Writable = openStdout();
  #writing: Promise<void> = Promise.resolve();
  #closed = false;
  #failure: ReplicaError | undefined = undefined;

  constructor() {
    // Failures are told to the callback of the write.
    this.#stream.on("error", () => {});
  }

  /** The reader has gone (`| head`): nothing more can be written, and that is no error. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether `flush` is due. */
  get full(): boolean {
    return this.block.length >= FULL;
  }

  /**
   * Begins to write what the block holds once the write before is done; resolves when it has begun. Throws `ReplicaError`
   * (`FILE`) if an earlier write failed.
   */
  async flush(): Promise<void> {
    if (this.block.length === 0) return;
    const bytes = this.block.take();
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#closed) this.#writing = this.#write(bytes);
  }

  /** Writes everything and waits for it. */
  async drain(): Promise<void> {
    await this.flush();
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#stream.write(bytes, (error) => {
        if (error) this.#fail(error);
        resolve();
      });
    });
  }

  #fail(error: Error & { readonly code?: string }): void {
    this.#closed = true;
    if (error.code === "EPIPE") return;
    this.#failure = new ReplicaError("FILE", `Cannot write output: ${error.code ?? error.message}`, {
      cause: error,
    });
  }
}

/**
 * A stream whose writes wait beside the event loop. Deno's `process.stdout` stops the whole loop on a full pipe, and with
 * it the acknowledgements that keep a replica link up; its sockets do not.
 */
function openStdout(): Writable {
  if (RUNTIME !== "deno") return process.stdout;
  const stat = fstatSync(1);
  return stat.isFIFO() || stat.isSocket()
    ? new Socket({ fd: 1, readable: false, writable: true })
    : process.stdout;
}

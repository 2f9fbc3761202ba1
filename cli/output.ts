import { write } from "node:fs";
import { ReplicaError } from "../src/errors.ts";
import { Block } from "./format/block.ts";

/** A block this full is written before more goes into it. */
const FULL = 96 * 1024;
/** How long to wait before trying a full non-blocking pipe again. */
const RETRY_MS = 5;

/**
 * A file descriptor that blocks of lines are written to in order. `process.stdout` writes to pipes synchronously: a slow
 * reader would stop the whole event loop, and with it the acknowledgements that keep a replica link up. Here a write waits in
 * the thread pool while the loop goes on.
 */
export class Output {
  readonly block: Block = new Block();
  readonly #fd: number;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;
  #failure: ReplicaError | undefined = undefined;

  constructor(fd = 1) {
    this.#fd = fd;
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
   * Begins to write what the block holds once the write before is done; resolves when it has begun, so that the next block
   * is filled meanwhile. Throws `ReplicaError` (`FILE`) if an earlier write failed.
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

  async #write(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      try {
        at += await writeOnce(this.#fd, bytes, at);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === "EAGAIN") {
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
          continue;
        }
        this.#closed = true;
        if (code !== "EPIPE") {
          this.#failure = new ReplicaError("FILE", `Cannot write output: ${code ?? String(error)}`, {
            cause: error,
          });
        }
        return;
      }
    }
  }
}

function writeOnce(fd: number, bytes: Uint8Array, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, at, bytes.length - at, null, (error, written) =>
      error ? reject(error) : resolve(written),
    );
  });
}

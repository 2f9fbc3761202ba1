import type { OpenSpool, SpoolFile } from "../../src/transport.ts";
import { fileFailure } from "../shared/file_chunks.ts";
import { type DenoFile, deno } from "./runtime.ts";

/**
 * Makes an empty file for a spool, readable by its owner only; closing removes it. Needs `--allow-read` and `--allow-write`.
 * Everything rejects with `ReplicaError` `FILE` (`NO_RUNTIME` elsewhere than in Deno).
 *
 * @example
 * ```ts no-run
 * import { openSpool } from "rxreplica/deno";
 *
 * const file = await openSpool("/var/tmp/rxreplica.spool");
 * await file.write(Uint8Array.of(1, 2, 3), 1000);
 * if ((await file.read(1001, 10)).join() !== "2,3") throw new Error("unexpected");
 * await file.close();
 * ```
 */
export const openSpool: OpenSpool = async (path: string): Promise<SpoolFile> => {
  const runtime = deno();
  const options = { read: true, write: true, create: true, truncate: true, mode: 0o600 };
  try {
    return new DenoSpool(path, await runtime.open(path, options));
  } catch (cause) {
    throw fileFailure("open", path, cause);
  }
};

/** A Deno file has one place for reading and writing: everything goes in turn. */
class DenoSpool implements SpoolFile {
  readonly #path: string;
  readonly #file: DenoFile;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(path: string, file: DenoFile) {
    this.#path = path;
    this.#file = file;
  }

  write(bytes: Uint8Array, at: number): Promise<void> {
    return this.#inTurn("write", async () => {
      await this.#file.seek(at, deno().SeekMode.Start);
      for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(await this.#file.write(rest));
    });
  }

  read(at: number, length: number): Promise<Uint8Array> {
    return this.#inTurn("read", async () => {
      await this.#file.seek(at, deno().SeekMode.Start);
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const count = await this.#file.read(bytes.subarray(done));
        if (count === null) break;
        done += count;
      }
      return bytes.subarray(0, done);
    });
  }

  truncate(length: number): Promise<void> {
    return this.#inTurn("write", () => this.#file.truncate(length));
  }

  close(): Promise<void> {
    this.#closing ??= this.#inTurn("write", async () => {
      this.#file.close();
      await deno().remove(this.#path);
    });
    return this.#closing;
  }

  #inTurn<T>(action: "read" | "write", work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work).catch((cause: unknown) => {
      throw fileFailure(action, this.#path, cause);
    });
    this.#last = done.catch(() => {});
    return done;
  }
}

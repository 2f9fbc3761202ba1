import { ReplicaError } from "../../src/errors.ts";
import type { ByteFile, OpenFileOptions } from "../../src/transport.ts";

const DONE: IteratorResult<Uint8Array> = { done: true, value: undefined };

/** One read fills this much of a file unless told otherwise: as quick as more, and the events of a chunk live together. */
const CHUNK_SIZE = 262_144;

/** Options with their defaults. */
export interface ReadPlan {
  readonly chunkSize: number;
  readonly reuseBuffers: boolean;
  readonly start: number;
}

/** Checks the options of `open`. Throws RangeError. */
export function readPlan({ chunkSize, reuseBuffers, start }: OpenFileOptions = {}): ReadPlan {
  const plan = { chunkSize: chunkSize ?? CHUNK_SIZE, reuseBuffers: reuseBuffers ?? false, start: start ?? 0 };
  if (!Number.isInteger(plan.chunkSize) || plan.chunkSize < 1) {
    throw new RangeError(`Cannot open a file: chunkSize must be 1 byte or more, got ${plan.chunkSize}`);
  }
  if (!Number.isSafeInteger(plan.start) || plan.start < 0) {
    throw new RangeError(`Cannot open a file: start must be a byte offset, got ${plan.start}`);
  }
  return plan;
}

/** Where the bytes come from. */
export interface ByteReader {
  /** How errors name it. */
  readonly path: string;
  readonly size: number | undefined;
  /** Makes memory for one read, which may hold anything before. Default: zeros. */
  readonly allocate?: ((size: number) => Uint8Array) | undefined;
  /** Reads at the current place; 0 at the end. */
  read(into: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** An error of the file system as what it means to a reader of files. */
export function fileFailure(action: "open" | "read" | "write", path: string, cause: unknown): ReplicaError {
  const code = (cause as { code?: unknown } | null)?.code;
  const known = typeof code === "string" ? REASONS[code] : undefined;
  const reason = known ?? (cause instanceof Error ? cause.message : String(cause));
  return new ReplicaError("FILE", `Cannot ${action} ${path}: ${reason}`, { file: path, cause });
}

/** The path is no folder, or there is nothing of that name. */
export function isNoFolder(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | null)?.code;
  return code === "ENOENT" || code === "ENOTDIR";
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "it is a directory",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EMFILE: "too many open files",
  ENOSPC: "no space left on the device",
  EIO: "input/output error",
};

/**
 * Reads chunk after chunk, each when it is asked for: the kernel reads ahead by itself, and reading ahead here was measured
 * to gain nothing.
 */
export class FileChunks implements ByteFile {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly #reader: ByteReader;
  readonly #plan: ReadPlan;
  /** The buffer of an earlier read, free to be filled. */
  #spare: Uint8Array | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(reader: ByteReader, plan: ReadPlan) {
    this.#reader = reader;
    this.#plan = plan;
    const iterator: AsyncIterator<Uint8Array> = {
      next: () => {
        const next = this.#turn.then(() => this.#next());
        this.#turn = next.catch(() => {});
        return next;
      },
      return: async () => {
        await this.close();
        return DONE;
      },
    };
    this.chunks = { [Symbol.asyncIterator]: () => iterator };
  }

  get size(): number | undefined {
    return this.#reader.size;
  }

  close(): Promise<void> {
    this.#closing ??= this.#reader.close();
    return this.#closing;
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#closing !== undefined) return DONE;
    const { chunkSize, reuseBuffers } = this.#plan;
    const buffer = this.#spare ?? this.#reader.allocate?.(chunkSize) ?? new Uint8Array(chunkSize);
    this.#spare = undefined;
    let length: number;
    try {
      length = await this.#reader.read(buffer);
    } catch (cause) {
      if (this.#closing !== undefined) return DONE;
      await this.close().catch(() => {});
      throw fileFailure("read", this.#reader.path, cause);
    }
    if (this.#closing !== undefined) return DONE;
    if (length === 0) {
      await this.close();
      return DONE;
    }
    if (reuseBuffers) this.#spare = buffer;
    else if (length < chunkSize / 2) {
      // A pipe gives little at a time: a kept chunk must not pin a mostly empty buffer.
      this.#spare = buffer;
      return { done: false, value: buffer.slice(0, length) };
    }
    return { done: false, value: buffer.subarray(0, length) };
  }
}

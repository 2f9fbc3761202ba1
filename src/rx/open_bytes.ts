import { ReplicaError } from "../errors.ts";
import type { ByteSource, OpenFile, OpenFileOptions, ReadableStreamLike } from "../transport.ts";

/** Bytes that are being read. */
export interface OpenBytes {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Size in all where it can be told. */
  readonly size: number | undefined;
  /** The path, when it is a file. */
  readonly file: string | undefined;
  close(): Promise<void>;
}

/**
 * Opens what users give as input: a path (with `open` of a runtime), bytes, chunks, a web stream or a blob. A web stream is
 * canceled when reading stops early.
 *
 * Throws `ReplicaError` `NO_RUNTIME` for a path without `open`, `TypeError` for anything else.
 */
export async function openBytes(
  source: string | ByteSource,
  open: OpenFile | undefined,
  options: OpenFileOptions = {},
): Promise<OpenBytes> {
  if (typeof source === "string") {
    if (open === undefined)
      throw new ReplicaError(
        "NO_RUNTIME",
        "Cannot open a path: this entry knows no runtime; use rxreplica/node, /deno or /bun, or give the option open",
      );
    const file = await open(source, options);
    return { chunks: file.chunks, size: file.size, file: source, close: () => file.close() };
  }
  if (source instanceof Uint8Array)
    return { chunks: single(source), size: source.length, file: undefined, close: async () => {} };
  if ("stream" in source && typeof source.stream === "function")
    return { ...fromStream(source.stream()), size: source.size };
  // Before the iterable that web streams are in some runtimes: a reader can be told to stop while it waits.
  if ("getReader" in source && typeof source.getReader === "function") return fromStream(source);
  if (Symbol.asyncIterator in source)
    return { chunks: source, size: undefined, file: undefined, close: async () => {} };
  throw new TypeError(
    "Cannot read this source: give a path, bytes, a blob, a web stream or an async iterable of bytes",
  );
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield plain(bytes);
}

function fromStream(stream: ReadableStreamLike): OpenBytes {
  const reader = stream.getReader();
  let ended = false;
  // Ends a read that is pending, too.
  const close = async (): Promise<void> => {
    if (ended) return;
    ended = true;
    await reader.cancel();
    reader.releaseLock();
  };
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) {
          if (!ended) reader.releaseLock();
          ended = true;
          return;
        }
        if (value !== undefined) yield plain(value);
      }
    } finally {
      await close();
    }
  }
  return { chunks: chunks(), size: undefined, file: undefined, close };
}

/** Subclasses such as a Node `Buffer` slice differently; what leaves here is a plain array over the same memory. */
function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Host and port, or the path of a Unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/** TLS settings, the same in all runtimes. PEM text, not file names. */
export interface TlsOptions {
  /** Authorities to trust instead of the system's, PEM text. */
  readonly ca?: string | readonly string[] | undefined;
  /** Client certificate chain, PEM text (mTLS). */
  readonly cert?: string | undefined;
  /** Private key of the client certificate, PEM text. */
  readonly key?: string | undefined;
  /** What an encrypted `key` is encrypted with. */
  readonly passphrase?: string | undefined;
  /** Name to ask for (SNI) and to verify instead of the host. */
  readonly serverName?: string | undefined;
  /** `true` turns verification of the server's certificate off. An explicit choice; default `false`. */
  readonly insecure?: boolean | undefined;
}

/** How a connection is made. */
export interface ConnectOptions {
  /** TLS from the first byte; `undefined` is plain. */
  readonly tls?: TlsOptions | undefined;
  /** Give up connecting (TLS handshake included) after this many ms. */
  readonly connectTimeout?: number | undefined;
  /** Aborts the attempt. */
  readonly signal?: AbortSignalLike | undefined;
}

/** The part of `AbortSignal` that is used here. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * One byte connection. `chunks` may be iterated once; while nobody asks for the next chunk the socket is paused, so that
 * the consumer's pace reaches the sender.
 */
export interface Transport {
  /** Plain `Uint8Array`s, never written again after they were handed out, unless they are given back by `release`. Ends when the peer ends; throws `ReplicaError`. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /**
   * Whether the last chunk was all that had arrived when it was read (a short read), so that bytes of later chunks arrived
   * later. `undefined` or `false`: not known. Makes the arrival times of a busy link narrow.
   */
  readonly drained?: boolean | undefined;
  /**
   * Gives back the chunk handed out last, of which its reader keeps no view: its memory may be filled anew. For a reader that
   * keeps little of what it reads, that spares an allocation a chunk.
   */
  release?(chunk: Uint8Array): void;
  /** Resolves when the runtime accepted the bytes. Rejects with code `closed` after `close()`. */
  write(bytes: Uint8Array): Promise<void>;
  /** Idempotent. Ends `chunks`; pending writes reject with code `closed`. */
  close(): Promise<void>;
}

/** Opens a connection; rejects with `ReplicaError` (`CONNECT`, `TIMEOUT`). */
export type Connect = (address: Address, options: ConnectOptions) => Promise<Transport>;

/** Time and timers, injected so that nothing in the core reads a clock. */
export interface Clock {
  /** Unix time in ms. */
  now(): number;
  /** Calls back once after `ms`; the returned function cancels it. */
  setTimer(ms: number, callback: () => void): () => void;
}

/** Opens a file for reading as a stream of chunks; rejects with `ReplicaError` (`FILE`). */
export type OpenFile = (path: string, options?: OpenFileOptions) => Promise<ByteFile>;

/** Names in a folder; `undefined` when the path is no folder or does not exist. Rejects with `ReplicaError` (`FILE`). */
export type ListFolder = (path: string) => Promise<readonly string[] | undefined>;

/** How a file is read. */
export interface OpenFileOptions {
  /** Bytes a read asks for at most. Default 256 KiB. */
  readonly chunkSize?: number | undefined;
  /** Buffers may be written again once the next chunk was asked for. Only for readers that keep nothing. Default `false`. */
  readonly reuseBuffers?: boolean | undefined;
  /** First byte to read. Default 0. */
  readonly start?: number | undefined;
}

/** An open file. */
export interface ByteFile {
  /** Size in bytes when opened; `undefined` where it cannot be told (a pipe). */
  readonly size: number | undefined;
  /** The chunks from the start on; ends at the end of the file. */
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** A file that holds bytes for a while, at any offset. Only the process that made it uses it. */
export interface SpoolFile {
  /** Writes all the bytes from byte `at` on; the file grows as needed. */
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** Reads `length` bytes from byte `at` on into memory of their own; fewer only where the file ends. */
  read(at: number, length: number): Promise<Uint8Array>;
  /** Makes the file `length` bytes long, which is less than it was: gives disk space back. Without it the space is kept. */
  truncate?(length: number): Promise<void>;
  /** Closes the file and removes it. */
  close(): Promise<void>;
}

/** Makes an empty file for a spool; one that is there is emptied. Rejects with `ReplicaError` (`FILE`). */
export type OpenSpool = (path: string) => Promise<SpoolFile>;

/** The part of a web `ReadableStream` that is used here. */
export interface ReadableStreamLike {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
    releaseLock(): void;
  };
}

/** The part of a `Blob` that is used here. */
export interface BlobLike {
  readonly size: number;
  stream(): ReadableStreamLike;
}

/** Where bytes can be read from: bytes, chunks, a web stream or a blob. */
export type ByteSource = Uint8Array | AsyncIterable<Uint8Array> | ReadableStreamLike | BlobLike;

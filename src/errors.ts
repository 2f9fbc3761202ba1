/**
 * Why something from the wire, a file or a socket could not be used. One word each, so that code can branch on it.
 *
 * Input bytes (decoders, files):
 * - `TRUNCATED`: the input ended inside an element.
 * - `MALFORMED`: the bytes break the format.
 * - `NOT_RDB`: the input does not begin with an RDB magic.
 * - `CHECKSUM`: the CRC64 at the end does not match the bytes before it.
 * - `UNKNOWN_TYPE`: a value type or opcode that this version does not know; nothing after it can be trusted.
 * - `UNSUPPORTED`: a known construct that cannot be decoded (pre-release module values, compressed envelopes, …).
 * - `LIMIT`: a length, count or depth is above the limit set for it.
 * - `MODULE`: a module parser given by the user threw.
 * - `FILE`: a file could not be opened, read or written.
 *
 * The link (transport and replication protocol):
 * - `CONNECT`: no connection could be made. `TIMEOUT`: a connect, handshake or idle time-out passed.
 * - `DISCONNECTED`: the peer closed or reset the connection. `closed`: this side closed the transport before.
 * - `PROTOCOL`: the peer did not speak RESP or the replication protocol.
 * - `NOAUTH`, `WRONGPASS`, `NOPERM`: credentials missing, wrong, or without the permission needed.
 * - `LOADING`, `NOMASTERLINK`, `MASTERDOWN`, `BUSY`: the server cannot serve now; worth a retry.
 * - `UNKNOWN_COMMAND`: the server does not know a command that is needed (a proxy or a cloud service, often).
 * - `SERVER`: any other error reply.
 * - `OVERRUN`: the primary cut a consumer that stayed too slow.
 * - `HISTORY`: the stream cannot be continued without a hole and the options forbid a new full resync.
 *
 * Use:
 * - `NO_RUNTIME`: the runtime-agnostic entry was given a path or URL without `connect`, `open` or `clock`.
 * - `CONFIG`: the server's settings do not allow what was asked; the message names the remedy.
 */
export type ErrorCode =
  | "TRUNCATED"
  | "MALFORMED"
  | "NOT_RDB"
  | "CHECKSUM"
  | "UNKNOWN_TYPE"
  | "UNSUPPORTED"
  | "LIMIT"
  | "MODULE"
  | "FILE"
  | "CONNECT"
  | "TIMEOUT"
  | "DISCONNECTED"
  | "closed"
  | "PROTOCOL"
  | "NOAUTH"
  | "WRONGPASS"
  | "NOPERM"
  | "LOADING"
  | "NOMASTERLINK"
  | "MASTERDOWN"
  | "BUSY"
  | "UNKNOWN_COMMAND"
  | "SERVER"
  | "OVERRUN"
  | "HISTORY"
  | "NO_RUNTIME"
  | "CONFIG";

/** Where an error happened, as far as it is known. */
export interface ErrorPlace {
  /** Byte offset in the input (file, RDB payload) or replication offset, 0-based. */
  readonly offset?: number | undefined;
  /** Database index. */
  readonly db?: number | undefined;
  /** The key whose value was being decoded. */
  readonly key?: Uint8Array | undefined;
  /** The value type's name, or its number when it has no name. */
  readonly type?: string | undefined;
  /** The file being read. */
  readonly file?: string | undefined;
  /** The error that this one was made from. */
  readonly cause?: unknown;
}

/**
 * The one error class for everything that comes from the wire, a file or a socket. Wrong arguments are `TypeError` or
 * `RangeError` instead. Messages never contain passwords.
 *
 * @example
 * ```ts
 * import { ReplicaError } from "rxreplica";
 *
 * const error = new ReplicaError("MALFORMED", "Cannot read length: lead byte 0x82", { offset: 9 });
 * if (error.code !== "MALFORMED" || error.offset !== 9) throw new Error("unexpected");
 * ```
 */
export class ReplicaError extends Error {
  override readonly name: string = "ReplicaError";
  readonly code: ErrorCode;
  readonly offset: number | undefined;
  readonly db: number | undefined;
  readonly key: Uint8Array | undefined;
  readonly type: string | undefined;
  readonly file: string | undefined;

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.code = code;
    this.offset = place.offset;
    this.db = place.db;
    this.key = place.key;
    this.type = place.type;
    this.file = place.file;
  }
}

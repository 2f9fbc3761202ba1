import { ReplicaError } from "../errors.ts";
import type { ProtocolPhase } from "./phase.ts";

/** How far a connection had come when something happened to it. */
export interface LinkProgress {
  readonly phase: ProtocolPhase;
  /** Whether the peer had said anything. */
  readonly heard: boolean;
  /** Replication offset of everything processed. */
  readonly offset: number;
  /** The snapshot under way: bytes read, and in all where known. */
  readonly snapshot: { readonly read: number; readonly total: number | undefined } | undefined;
}

/** What a connection that is gone means. Servers close without a word, for many reasons. */
export function cutError({ phase, heard, offset, snapshot }: LinkProgress, cause: unknown): ReplicaError {
  const cut = (message: string, at?: number): ReplicaError =>
    new ReplicaError("DISCONNECTED", message, { offset: at, cause });
  switch (phase) {
    case "payload": {
      const { read, total } = snapshot!;
      const of = total === undefined ? "" : ` of ${total}`;
      return cut(`Cannot read the snapshot: the connection was cut at byte ${read}${of}`, read);
    }
    case "preparing":
      return cut("Cannot read the snapshot: the connection was cut before it began", 0);
    case "stream":
      return cut(`The connection to the primary was cut at offset ${offset}`, offset);
    case "sync":
      return cut(
        "Cannot begin replication: the connection was cut before PSYNC was answered (an ACL change, a client limit, a failed fork)",
      );
    default:
      return heard
        ? cut("Cannot begin replication: the connection was cut in the handshake")
        : cut(
            "Cannot begin replication: the peer closed the connection without a word (a port that wants TLS or a client certificate, or no Redis server?)",
          );
  }
}

/** What it means that nothing came for `ms`. */
export function silenceError({ phase, heard, offset, snapshot }: LinkProgress, ms: number): ReplicaError {
  if (phase === "payload" || phase === "stream") {
    const at = phase === "payload" ? snapshot?.read : offset;
    return new ReplicaError("TIMEOUT", `The primary sent nothing for ${ms} ms`, { offset: at });
  }
  return new ReplicaError(
    "TIMEOUT",
    heard
      ? `Cannot begin replication: the server fell silent for ${ms} ms`
      : `Cannot begin replication: the peer did not answer PING within ${ms} ms (no Redis server, or one whose port speaks no TLS?)`,
  );
}

/** The history has a hole, and the options do not allow one. */
export function holeError(reason: string, offset: number | undefined): ReplicaError {
  return new ReplicaError(
    "HISTORY",
    `Cannot continue the stream without a hole: the primary offers only a full resync (${reason})`,
    { offset },
  );
}

/** The primary cut the link `times` times in a row because its reader was too slow. `limit`: its setting, if known. */
export function overrunError(
  times: number,
  limit: string | undefined,
  offset: number | undefined,
): ReplicaError {
  const often = times === 1 ? "" : ` ${times} times in a row`;
  const setting = limit ?? "unless set otherwise 256 MB, or 64 MB for 60 s";
  return new ReplicaError(
    "OVERRUN",
    `Cannot keep up: the primary cut the link${often} while events were taken too slowly (client-output-buffer-limit replica: ${setting}); take events faster, raise that limit or use a spool`,
    { offset },
  );
}

/** The link was called away, whatever the server still sends. */
export function movedOn(offset: number | undefined): ReplicaError {
  return new ReplicaError("DISCONNECTED", "Left the server: another one is to be attached to", { offset });
}

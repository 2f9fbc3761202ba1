import { ReplicaError } from "../../src/errors.ts";
import type { TargetReply } from "../../src/rx/target_client.ts";

/**
 * The connection to the target is gone, or was never made: `CONNECT`, `DISCONNECTED`, and `LOADING` for a target that is there
 * and cannot serve now. What of the commands on their way was applied is not known.
 */
export class TargetLost extends ReplicaError {}

/** What servers answer while they cannot serve, or when their place has gone to another. */
const AWAY = /^(?:LOADING|MASTERDOWN|CLUSTERDOWN|READONLY)\b/;

export function connectError(cause: unknown): TargetLost {
  return new TargetLost("CONNECT", `Cannot connect to the target: ${messageOf(cause)}`, { cause });
}

export function lostError(cause: unknown): TargetLost {
  if (cause instanceof TargetLost) return cause;
  const message = `Cannot go on: the connection to the target was lost: ${messageOf(cause)}`;
  return new TargetLost("DISCONNECTED", message, { cause });
}

/** The replies, unless one says that the target is away: no fault of the command that it answers. */
export function present(replies: readonly TargetReply[]): readonly TargetReply[] {
  for (const reply of replies) {
    if (!(reply instanceof Error) || !AWAY.test(reply.message)) continue;
    const code = reply.message.startsWith("LOADING") ? "LOADING" : "DISCONNECTED";
    throw new TargetLost(code, `Cannot go on: the target answers "${reply.message}"`, { cause: reply });
  }
  return replies;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

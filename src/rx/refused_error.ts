import { utf8 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import type { Position } from "../events.ts";
import type { TargetCommand } from "./target_batch.ts";

/** The error for a command that cannot be applied: what it was, the answer, and how far everything before is applied. */
export function refusedError(
  { name, args, db, source }: TargetCommand,
  reply: Error,
  place: Position | undefined,
): ReplicaError {
  const offset = source.kind === "aof" ? source.offset : undefined;
  const at = offset === undefined ? "" : ` at offset ${offset}`;
  const applied = place === undefined ? "" : `; applied up to ${place.replid}:${place.offset}`;
  const key = source.kind === "rdb" ? source.key : args[1];
  const about = { offset, db, key, cause: reply };
  if (reply instanceof ReplicaError) {
    return new ReplicaError(reply.code, `${reply.message}${at}${applied}`, about);
  }
  const shown = key === undefined ? "" : ` ${utf8(key, 0, Math.min(key.length, 80))}`;
  const message = `Cannot apply ${name}${shown}${at}: the target answered "${reply.message}"${applied}`;
  return new ReplicaError("SERVER", message, about);
}

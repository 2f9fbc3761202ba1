/** What the commands of a cluster's shards are for a target that holds all shards. */
import { latin1 } from "../bytes/text.ts";
import { wholeSlots } from "../commands/keys.ts";
import { ReplicaError } from "../errors.ts";
import type { AofCommand } from "../events.ts";
import { type Arguments, word } from "../stream/rebuild_arguments.ts";

const REPLACE: Uint8Array = word("REPLACE");

/** Whether a command is the affair of its shard alone: it forgets slots that another shard has now. */
export function isShardsOwn({ name }: AofCommand): boolean {
  return name === "TRIMSLOTS";
}

/** Throws `HISTORY` for a command that empties its shard: which keys of a target are that shard's is not known there. */
export function refuseEmptying(command: AofCommand): void {
  const { name, shard, offset } = command;
  if (name !== "FLUSHALL" && name !== "FLUSHDB" && wholeSlots(command) === undefined) return;
  throw new ReplicaError(
    "HISTORY",
    `Cannot apply ${name} of the shard ${shard} alone: which keys of the target are that shard's is not known; begin anew`,
    { offset },
  );
}

/**
 * The command that does in a target what `args` did in a shard. A key on its way to another shard may still be there in the
 * target, and what belongs to no slot comes from every shard.
 */
export function asOfShard(name: string, args: Arguments): Arguments {
  if (name === "RESTORE-ASKING") {
    const options = args.slice(4).filter((arg) => !isWord(arg, "REPLACE"));
    return [word("RESTORE"), ...args.slice(1, 4), REPLACE, ...options];
  }
  if (name !== "FUNCTION") return args;
  if (isWord(args[1], "LOAD") && !isWord(args[2], "REPLACE")) {
    return [args[0]!, args[1]!, REPLACE, ...args.slice(2)];
  }
  if (isWord(args[1], "RESTORE")) return [...args.slice(0, 3), REPLACE];
  return args;
}

/** Whether a refusal says no more than that another shard's command of the same kind has come before. */
export function wasDoneBefore(name: string, args: Arguments, reply: Error): boolean {
  return name === "FUNCTION" && isWord(args[1], "DELETE") && /not found/i.test(reply.message);
}

function isWord(arg: Uint8Array | undefined, name: string): boolean {
  return arg !== undefined && arg.length === name.length && latin1(arg).toUpperCase() === name;
}

import { latin1 } from "../bytes/text.ts";
import type { Arguments } from "./rebuild_arguments.ts";

/**
 * Commands that change nothing more when a run of the stream is applied a second time from the same place: they set what they
 * name to what they say, whatever was there.
 */
const SETTING: ReadonlySet<string> = new Set(
  (
    "SET SETEX PSETEX MSET SETRANGE SETBIT DEL UNLINK PERSIST PEXPIREAT EXPIREAT SADD SREM HSET HMSET HDEL HSETEX " +
    "HPEXPIREAT HEXPIREAT HPERSIST ZREM GEOADD PFADD PFMERGE PFCOUNT XACK XDEL XSETID XCLAIM FLUSHALL FLUSHDB " +
    "PUBLISH SPUBLISH MULTI EXEC ARSET ARMSET ARDEL"
  ).split(" "),
);

/** Whether a command may be applied once more without harm. In doubt it may not. */
export function isIdempotent(name: string, args: Arguments): boolean {
  if (SETTING.has(name)) return true;
  if (name === "ZADD") return !args.slice(2, 7).some((arg) => isWord(arg, "INCR"));
  if (name === "RESTORE") return args.slice(4).some((arg) => isWord(arg, "REPLACE"));
  if (name === "FUNCTION") return isWord(args[1], "LOAD") && isWord(args[2], "REPLACE");
  return name === "XGROUP" && isWord(args[1], "SETID");
}

function isWord(arg: Uint8Array | undefined, word: string): boolean {
  return arg !== undefined && arg.length === word.length && latin1(arg).toUpperCase() === word;
}

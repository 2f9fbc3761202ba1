import type { ArrivalInterval, RdbKey } from "../events.ts";
import type { Arguments } from "./rebuild_arguments.ts";

/** A command that rebuilds something of a snapshot: a key or part of one, or a function library. */
export interface RebuildCommand {
  readonly kind: "rdb";
  readonly event: "command";
  /** Database to run it in; `undefined` for what belongs to none, such as functions. */
  readonly db: number | undefined;
  /** Upper case. */
  readonly name: string;
  /** The whole command, name first. */
  readonly args: readonly Uint8Array[];
  /** The key it rebuilds; `undefined` for a function library. */
  readonly key: Uint8Array | undefined;
  /** Unix ms when that key expires. */
  readonly expireAt: RdbKey["expireAt"];
  /** None inside a snapshot. */
  readonly position: undefined;
  readonly receivedAt: ArrivalInterval | undefined;
  readonly shard: string | undefined;
}

/** Wraps a command made of a key event. */
export function keyCommand(event: RdbKey, name: string, args: Arguments): RebuildCommand {
  const { db, key, expireAt, receivedAt, shard } = event;
  return {
    kind: "rdb",
    event: "command",
    db,
    name,
    args,
    key,
    expireAt,
    position: undefined,
    receivedAt,
    shard,
  };
}

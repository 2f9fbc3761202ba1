import { latin1 } from "../bytes/text.ts";
import type { CommandTable } from "../commands/types.ts";
import type { RedisEvent } from "../events.ts";

/** What is asked of a command table to find keys. */
export type KeyTable = Pick<CommandTable, "keysOfCommand">;

/** Told each key of an event and the db it lives in. */
export type EventKeyVisitor = (key: Uint8Array, db: number) => void;

/**
 * Visits the keys of an event; `false` for one that has none or whose keys cannot be told, which then were not all visited.
 */
export function visitKeys(event: RedisEvent, table: KeyTable, visit: EventKeyVisitor): boolean {
  if (event.kind === "rdb" && event.event === "key") {
    visit(event.key, event.db);
    return true;
  }
  if (event.kind !== "aof" || event.event !== "command") return false;
  let any = false;
  const told = table.keysOfCommand(event, (index, db) => {
    any = true;
    visit(event.arg(index)!, db ?? event.db);
    return false;
  });
  return told !== undefined && any;
}

/** One string for a key in its db and shard: every byte of the key is one character. */
export function identityOf(key: Uint8Array, db: number, shard: string | undefined): string {
  return `${db} ${shard ?? ""} ${latin1(key)}`;
}

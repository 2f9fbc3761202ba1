import type { RedisEvent } from "../../src/events.ts";
import { encodeCommand } from "../../src/resp/encoder.ts";
import type { Block } from "./block.ts";
import { keyCommands } from "./key_commands.ts";

/**
 * Makes a writer of events as commands, ready for `redis-cli --pipe`: the snapshot as the commands that rebuild it, the
 * live commands as they came, a SELECT wherever the database changes. Events that are no data write nothing.
 */
export function createRespWriter(): (block: Block, event: RedisEvent) => void {
  let selected = 0;
  const select = (block: Block, db: number): void => {
    if (db === selected) return;
    selected = db;
    block.raw(encodeCommand(["SELECT", String(db)]));
  };
  return (block, event) => {
    if (event.kind === "aof" && event.event === "command") {
      // Inside MULTI a SELECT would be queued like any command: harmless, and needed where the transaction changes db.
      select(block, event.db);
      block.raw(encodeCommand(event.args));
    } else if (event.kind === "rdb" && event.event === "key") {
      select(block, event.db);
      for (const command of keyCommands(event)) block.raw(encodeCommand(command));
    } else if (event.kind === "rdb" && event.event === "function") {
      block.raw(encodeCommand(["FUNCTION", "LOAD", event.code]));
    }
  };
}

import type { RedisEvent } from "../../src/events.ts";
import { encodeCommand } from "../../src/resp/encoder.ts";
import { KeyRebuilder } from "../../src/stream/key_rebuilder.ts";
import type { Block } from "./block.ts";

/**
 * Makes a writer of events as commands, ready for `redis-cli --pipe`: the snapshot as the commands that rebuild it in an
 * empty server, the live commands as they came, a SELECT wherever the database changes. Events that are no data write nothing.
 */
export function createRespWriter(): (block: Block, event: RedisEvent) => void {
  const rebuilder = new KeyRebuilder();
  let selected = 0;
  const select = (block: Block, db: number): void => {
    if (db === selected) return;
    selected = db;
    block.raw(encodeCommand(["SELECT", db]));
  };
  return (block, event) => {
    if (event.kind === "aof") {
      if (event.event !== "command") return;
      // Inside MULTI a SELECT is queued like any command: harmless, and needed where a transaction changes its database.
      select(block, event.db);
      block.raw(encodeCommand(event.args));
    } else if (event.kind === "rdb") {
      if (event.event === "key") {
        for (const args of rebuilder.take(event)) {
          select(block, event.db);
          block.raw(encodeCommand(args));
        }
      } else if (event.event === "function") {
        block.raw(encodeCommand(["FUNCTION", "LOAD", "REPLACE", event.code]));
      }
    } else if (event.event === "fullresync" || event.event === "reset") rebuilder.reset();
  };
}

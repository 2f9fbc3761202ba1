import { commandInfo } from "../commands/keys.ts";
import { type PlainReply, rowsOfServer } from "../commands/server_rows.ts";
import type { CommandRows } from "../commands/types.ts";
import { type RespValue, respText } from "../resp/value.ts";
import type { Connection } from "./connection.ts";

/**
 * Asks a server for the commands that the built-in table does not know, those of its modules above all, as rows for
 * `createCommandTable`. Commands whose keys the server cannot tell by rule are not among them.
 */
export async function fetchCommandRows(connection: Connection): Promise<CommandRows> {
  const reply = await connection.request(["COMMAND"]);
  return rowsOfServer(plainReply(reply), (name) => commandInfo(name) !== undefined);
}

/** A reply in JavaScript's own words. It is no deeper than the decoder lets it be. */
export function plainReply(value: RespValue): PlainReply {
  switch (value.type) {
    case "integer":
      return Number(value.value);
    case "array":
    case "set":
    case "push":
      return value.items.map(plainReply);
    case "map":
      return new Map(value.entries.map(([name, field]) => [plainReply(name), plainReply(field)]));
    default:
      return respText(value) ?? null;
  }
}

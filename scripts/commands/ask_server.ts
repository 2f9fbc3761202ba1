/** Asks a real server, started for it, what commands it has. */
import { Connection, hello } from "../../src/client/mod.ts";
import { type RespValue, respText } from "../../src/resp/mod.ts";
import { type ServerKind, startServer } from "../../test/servers/mod.ts";
import { connect } from "../../transports/node/connect.ts";
import type { Plain, ServerAnswers } from "./server_rows.ts";

/** The answers of one kind of server, such as `redis-8.0`. */
export async function askServer(kind: ServerKind): Promise<ServerAnswers> {
  const server = await startServer({ kind });
  try {
    const connection = new Connection(await connect({ host: server.host, port: server.port }, {}));
    try {
      await hello(connection, { protocol: 3 });
      return {
        family: server.family,
        line: kind.slice(server.family.length + 1),
        commands: plain(await connection.request(["COMMAND"])),
        docs: plain(await connection.request(["COMMAND", "DOCS"])),
      };
    } finally {
      await connection.close();
    }
  } finally {
    await server.stop();
  }
}

/** A reply in JavaScript's own words. Replies of COMMAND are no deeper than the decoder's limit. */
function plain(value: RespValue): Plain {
  switch (value.type) {
    case "null":
      return null;
    case "integer":
      return Number(value.value);
    case "array":
    case "set":
      return value.items.map(plain);
    case "map":
      return new Map(value.entries.map(([name, field]) => [plain(name), plain(field)]));
    default:
      return respText(value) ?? null;
  }
}

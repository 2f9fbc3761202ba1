/** Asks a real server, started for it, what commands it has. */
import { plainReply } from "../../src/client/command_rows.ts";
import { Connection, hello } from "../../src/client/mod.ts";
import { type ServerKind, startServer } from "../../test/servers/mod.ts";
import { connect } from "../../transports/node/connect.ts";
import type { ServerAnswers } from "./server_rows.ts";

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
        commands: plainReply(await connection.request(["COMMAND"])),
        docs: plainReply(await connection.request(["COMMAND", "DOCS"])),
      };
    } finally {
      await connection.close();
    }
  } finally {
    await server.stop();
  }
}

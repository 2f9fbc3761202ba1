import { createClient } from "redis";
import type { TargetClient } from "../../src/rx/target_client.ts";
import { BYTES, buffers, settled } from "./reply_types.ts";
import type { TargetAccess } from "./target.ts";
import { connectError, lostError, present } from "./target_lost.ts";

/** One connection to one server. */
export interface SingleClient extends TargetClient {
  close(): void;
}

/**
 * Connects to a server. The client does not make a lost connection anew: what of the commands on their way was applied is not
 * known, and the mirror has to find out where to go on. Everything rejects with `TargetLost`.
 */
export async function connectSingle({ url, username, password, tls }: TargetAccess): Promise<SingleClient> {
  const client = createClient({
    url,
    RESP: 2,
    disableClientInfo: true,
    disableOfflineQueue: true,
    name: "rxreplica-mirror",
    socket: { reconnectStrategy: false, connectTimeout: 10_000, noDelay: true, ...tls },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
  // Commands in flight reject by themselves.
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (cause) {
    throw connectError(cause);
  }
  return {
    async send(commands) {
      try {
        return present(
          await Promise.all(commands.map((args) => settled(client.sendCommand(buffers(args), BYTES)))),
        );
      } catch (cause) {
        throw lostError(cause);
      }
    },
    close: () => client.destroy(),
  };
}

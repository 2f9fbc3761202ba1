import { createClient } from "redis";
import { ReplicaError } from "../../src/errors.ts";
import type { TargetClient } from "../../src/rx/target_client.ts";
import { BYTES, buffers, settled } from "./reply_types.ts";
import type { TargetAccess } from "./target.ts";

/** One connection to one server. */
export interface SingleClient extends TargetClient {
  close(): void;
}

/**
 * Connects to a server. The connection is not made anew when it is lost: what of the commands on their way was applied would
 * not be known.
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
        return await Promise.all(commands.map((args) => settled(client.sendCommand(buffers(args), BYTES))));
      } catch (cause) {
        throw lostError(cause);
      }
    },
    close: () => client.destroy(),
  };
}

export function connectError(cause: unknown): ReplicaError {
  return new ReplicaError("CONNECT", `Cannot connect to the target: ${messageOf(cause)}`, { cause });
}

export function lostError(cause: unknown): ReplicaError {
  return new ReplicaError(
    "DISCONNECTED",
    `Cannot go on: the connection to the target was lost: ${messageOf(cause)}`,
    {
      cause,
    },
  );
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

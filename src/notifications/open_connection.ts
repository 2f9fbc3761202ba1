import { Connection, type ConnectionOptions } from "../client/connection.ts";
import { authenticate, type Credentials, hello } from "../client/hello.ts";
import { ReplicaError } from "../errors.ts";
import type { Address, Clock, Connect, TlsOptions } from "../transport.ts";

/** What it takes to open connections to a server or a cluster. */
export interface Access {
  readonly connect: Connect;
  readonly clock: Clock;
  readonly tls: TlsOptions | undefined;
  readonly credentials: Credentials | undefined;
  /** RESP version to ask for; 2 where the server does not know better. */
  readonly protocol: 2 | 3;
  /** ms. */
  readonly connectTimeout: number;
}

/** Opens a connection and says who we are, in RESP3 if the server knows it. */
export async function openConnection(
  access: Access,
  address: Address,
  options: ConnectionOptions = {},
): Promise<Connection> {
  const { tls, connectTimeout, credentials, protocol } = access;
  const connection = new Connection(await access.connect(address, { tls, connectTimeout }), options);
  try {
    if (protocol === 3 && (await greet(connection, credentials))) return connection;
    if (credentials !== undefined) await authenticate(connection, credentials);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Whether the server took RESP3. */
async function greet(connection: Connection, credentials: Credentials | undefined): Promise<boolean> {
  try {
    await hello(connection, { protocol: 3, credentials });
    return true;
  } catch (error) {
    // Before Redis 6 there is no HELLO; some proxies refuse it or its version.
    const old =
      error instanceof ReplicaError &&
      (error.code === "UNKNOWN_COMMAND" || (error.code === "SERVER" && /NOPROTO|HELLO/i.test(error.message)));
    if (!old) throw error;
    return false;
  }
}

import { ReplicaError } from "../errors.ts";
import type { CommandArgument } from "../resp/encoder.ts";
import type { Connection } from "./connection.ts";
import { parseInfo } from "./info.ts";
import { fieldsOf, numberOf, textOf } from "./reply.ts";

/** Who the connection is; without a user name the server's default user. */
export interface Credentials {
  readonly user?: string | undefined;
  readonly password: string;
}

export interface HelloOptions {
  /** RESP version to speak from now on. Default: stay with the present one. */
  readonly protocol?: 2 | 3 | undefined;
  readonly credentials?: Credentials | undefined;
}

/** What a server says of itself. */
export interface ServerIdentity {
  /** `redis`, `valkey`, or what else the server calls itself. */
  readonly server: string;
  readonly version: string;
  readonly mode: "standalone" | "cluster" | "sentinel" | string;
  /** `sentinel` for a Sentinel. */
  readonly role: "master" | "replica" | "sentinel" | string;
  /** RESP version in use after the reply. */
  readonly protocol: number;
}

/** Greets the server with HELLO (Redis 6 and newer): RESP version, credentials, and who it is. */
export async function hello(connection: Connection, options: HelloOptions = {}): Promise<ServerIdentity> {
  const { protocol = connection.protocol, credentials } = options;
  // Redis 6.0 wants the protocol version, and AUTH a user name.
  const args: CommandArgument[] = ["HELLO", protocol];
  if (credentials !== undefined) args.push("AUTH", credentials.user ?? "default", credentials.password);
  const reply = await connection.request(args, {
    doing: "greet the server with HELLO",
    secrets: secretsOf(credentials),
  });
  connection.protocol = protocol;
  const fields = fieldsOf(reply, "HELLO");
  const mode = textOf(fields.get("mode"), "HELLO");
  return {
    server: textOf(fields.get("server"), "HELLO"),
    version: textOf(fields.get("version"), "HELLO"),
    mode,
    // Sentinels do not tell a role.
    role: fields.has("role") ? textOf(fields.get("role"), "HELLO") : mode,
    protocol: numberOf(fields.get("proto"), "HELLO"),
  };
}

/** Says who the connection is with AUTH, which every version knows. Rejects with `WRONGPASS` for wrong credentials. */
export async function authenticate(connection: Connection, credentials: Credentials): Promise<void> {
  const { user, password } = credentials;
  const args = user === undefined ? ["AUTH", password] : ["AUTH", user, password];
  await connection.request(args, { doing: "authenticate", secrets: secretsOf(credentials) });
}

/** Who the server is, also where it does not know HELLO (Redis 5 and older, some proxies): then as INFO tells it. */
export async function identify(connection: Connection): Promise<ServerIdentity> {
  try {
    return await hello(connection);
  } catch (error) {
    if (!(error instanceof ReplicaError) || error.code !== "UNKNOWN_COMMAND") throw error;
  }
  const text = textOf(await connection.request(["INFO"]), "INFO");
  const { server = {}, replication = {} } = parseInfo(text);
  return {
    server: server.valkey_version === undefined ? "redis" : "valkey",
    version: server.valkey_version ?? server.redis_version ?? "",
    mode: server.redis_mode ?? "standalone",
    role: replication.role === "slave" ? "replica" : (replication.role ?? ""),
    protocol: 2,
  };
}

function secretsOf(credentials: Credentials | undefined): readonly string[] {
  return credentials === undefined ? [] : [credentials.password];
}

import type { RespValue } from "../resp/value.ts";
import type { Connection } from "./connection.ts";
import { listOf, numberOf, textOf, unexpected } from "./reply.ts";

/** A replica as its primary lists it. */
export interface RoleReplica {
  readonly host: string;
  /** 0 when it has not said on which port it listens. */
  readonly port: number;
  /** The last offset it acknowledged. */
  readonly offset: number;
}

/** What a server is in replication. */
export type Role =
  | { readonly role: "primary"; readonly offset: number; readonly replicas: readonly RoleReplica[] }
  | {
      readonly role: "replica";
      readonly host: string;
      readonly port: number;
      /** `connected` is the only one with a link that works. */
      readonly state: "connect" | "connecting" | "sync" | "connected" | string;
      /** −1 before the first sync. */
      readonly offset: number;
    }
  | { readonly role: "sentinel"; readonly masters: readonly string[] };

/** Asks a server for its role with ROLE. */
export async function askRole(connection: Connection): Promise<Role> {
  return parseRole(await connection.request(["ROLE"]));
}

/** Takes the reply to ROLE apart; throws `PROTOCOL` for anything else. */
export function parseRole(reply: RespValue): Role {
  const [kind, ...rest] = listOf(reply, "ROLE");
  switch (textOf(kind, "ROLE")) {
    case "master":
      return {
        role: "primary",
        offset: numberOf(rest[0], "ROLE"),
        replicas: listOf(rest[1], "ROLE").map((replica) => {
          const [host, port, offset] = listOf(replica, "ROLE");
          return {
            host: textOf(host, "ROLE"),
            port: numberOf(port, "ROLE"),
            offset: numberOf(offset, "ROLE"),
          };
        }),
      };
    case "slave":
      return {
        role: "replica",
        host: textOf(rest[0], "ROLE"),
        port: numberOf(rest[1], "ROLE"),
        state: textOf(rest[2], "ROLE"),
        offset: numberOf(rest[3], "ROLE"),
      };
    case "sentinel":
      return { role: "sentinel", masters: listOf(rest[0], "ROLE").map((name) => textOf(name, "ROLE")) };
  }
  throw unexpected(kind, "ROLE");
}

/** Which servers the tests know, and where Debian has them. */

export type ServerFamily = "redis" | "valkey";

/** Names of the servers that tests run against: family and the version line that Debian carries. */
export const SERVER_KINDS = ["redis-7.0", "redis-8.0", "valkey-9.1"] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

export interface KindInfo {
  readonly family: ServerFamily;
  /** `major.minor` that the name promises. */
  readonly line: string;
  /** Debian suite that carries it. */
  readonly suite: string;
  readonly packages: readonly string[];
}

export const KINDS: Readonly<Record<ServerKind, KindInfo>> = {
  "redis-7.0": {
    family: "redis",
    line: "7.0",
    suite: "bookworm",
    packages: ["redis-server", "redis-tools", "redis-sentinel"],
  },
  "redis-8.0": {
    family: "redis",
    line: "8.0",
    suite: "trixie",
    packages: ["redis-server", "redis-tools", "redis-sentinel"],
  },
  "valkey-9.1": {
    family: "valkey",
    line: "9.1",
    suite: "forky",
    packages: ["valkey-server", "valkey-tools", "valkey-sentinel"],
  },
};

/** Programs that come with a server; the name without its family, as in `redis-cli` and `valkey-cli`. */
export const TOOLS = ["server", "cli", "check-rdb", "check-aof", "benchmark", "sentinel"] as const;
export type Tool = (typeof TOOLS)[number];

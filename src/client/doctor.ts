import { utf8 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { identify, type ServerIdentity } from "./hello.ts";
import { type Info, type InfoFields, parseInfo } from "./info.ts";
import { providerOf } from "./providers.ts";
import { fieldsOf, textOf } from "./reply.ts";
import { serverErrorCode } from "./server_error.ts";

/** How much a finding matters: it works, it works with a catch, it will not work. */
export type FindingLevel = "ok" | "warning" | "problem";

/** One thing that was looked at. */
export interface Finding {
  readonly level: FindingLevel;
  /** What was looked at, in one word: `server`, `role`, `permissions`, `backlog`, … */
  readonly topic: string;
  /** What was found, in one sentence. */
  readonly message: string;
  /** What to change, and how; only with a catch or a problem. */
  readonly remedy?: string | undefined;
}

/** What is known about the way to the server. */
export interface DoctorOptions {
  /** Host that was connected to, to recognise hosted services by. */
  readonly host?: string | undefined;
  /** The server is examined as one shard of its cluster, beside the others. Default `false`. */
  readonly ofCluster?: boolean | undefined;
}

/** Bytes that a live link needs to survive a short cut; the default of Valkey and the usual advice. */
const COMFORTABLE_BACKLOG = 10 << 20;
const MIB = 1 << 20;

/**
 * Looks at a server the way a replica would use it, over an authenticated connection, and says what will work, what will not
 * and what to change. It reads only. What the user may not ask becomes a finding, not an error.
 *
 * Rejects with what the connection rejects with.
 */
export async function examineServer(connection: Connection, options: DoctorOptions = {}): Promise<Finding[]> {
  const identity = await identify(connection);
  const info = await readInfo(connection);
  const provider = providerOf(options.host ?? "", info ?? {});
  const findings: Finding[] = [judgeServer(identity, provider)];
  if (identity.mode === "sentinel" || identity.role === "sentinel") return findings;
  findings.push(await judgePermissions(connection, provider));
  if (info === undefined)
    findings.push({
      level: "warning",
      topic: "info",
      message: "this user may not run INFO: role, backlog and replicas stay unknown",
      remedy: "ACL SETUSER <user> +info",
    });
  else findings.push(...judgeReplication(info.replication ?? {}));
  findings.push(...(await judgeSettings(connection)));
  if (identity.mode === "cluster" && options.ofCluster !== true)
    findings.push({
      level: "warning",
      topic: "cluster",
      message: "this server is one shard of a cluster: a link to it carries its own slots only",
      remedy: "attach to every shard: redis-cluster://host:port",
    });
  return findings;
}

async function readInfo(connection: Connection): Promise<Info | undefined> {
  const reply = await connection.exchange(["INFO"]);
  return reply.type === "error" ? undefined : parseInfo(textOf(reply, "INFO"));
}

function judgeServer(identity: ServerIdentity, provider: string | undefined): Finding {
  const { server, version, mode } = identity;
  const name = `${server} ${version}, ${mode}${provider === undefined ? "" : `, ${provider}`}`;
  if (mode === "sentinel")
    return {
      level: "problem",
      topic: "server",
      message: `${name}: a Sentinel has no data`,
      remedy: "name what it watches: redis-sentinel://host:port/NAME",
    };
  if (server === "redis" && Number.parseFloat(version) < 2.8)
    return {
      level: "problem",
      topic: "server",
      message: `${name}: PSYNC came with Redis 2.8`,
      remedy: "update the server",
    };
  return { level: "ok", topic: "server", message: name };
}

/** PSYNC cannot be tried without starting a sync, so its permission is asked for. */
async function judgePermissions(connection: Connection, provider: string | undefined): Promise<Finding> {
  const topic = "permissions";
  const known = await connection.exchange(["COMMAND", "INFO", "psync", "replconf"]);
  if (known.type === "array" && known.items.some((item) => item.type === "null" || emptyList(item)))
    return {
      level: "problem",
      topic,
      message: `the server has no PSYNC${provider === undefined ? ", like many hosted services" : `: ${provider} does not offer it`}`,
      remedy: "attach to a server that you run, or take keyspace notifications instead: rxreplica notify",
    };
  const who = await connection.exchange(["ACL", "WHOAMI"]);
  if (who.type === "error") return withoutAcl(utf8(who.bytes), provider);
  const user = textOf(who, "ACL WHOAMI");
  const missing: string[] = [];
  for (const args of [
    ["psync", "?", "-1"],
    ["replconf", "ack", "0"],
  ]) {
    const reply = await connection.exchange(["ACL", "DRYRUN", user, ...args]);
    if (reply.type === "error")
      return {
        level: "warning",
        topic,
        message: `cannot tell what user ${user} may do (ACL DRYRUN needs Redis 7 and +acl|dryrun)`,
        remedy: `make sure of: ACL SETUSER ${user} +psync +replconf`,
      };
    if (textOf(reply, "ACL DRYRUN") !== "OK") missing.push(`+${args[0]}`);
  }
  if (missing.length === 0) return { level: "ok", topic, message: `user ${user} may run PSYNC and REPLCONF` };
  return {
    level: missing.includes("+psync") ? "problem" : "warning",
    topic,
    message: `user ${user} may not run ${missing.map((one) => one.slice(1).toUpperCase()).join(" and ")}`,
    remedy: `ACL SETUSER ${user} ${missing.join(" ")}`,
  };
}

function emptyList(item: { readonly type: string; readonly items?: readonly unknown[] }): boolean {
  return item.type === "array" && item.items?.length === 0;
}

function withoutAcl(text: string, provider: string | undefined): Finding {
  const code = serverErrorCode(text);
  if (code === "NOPERM")
    return {
      level: "warning",
      topic: "permissions",
      message: "this user may not ask for its own permissions",
      remedy: "make sure of: ACL SETUSER <user> +psync +replconf",
    };
  if (code === "UNKNOWN_COMMAND" && provider === undefined)
    return { level: "ok", topic: "permissions", message: "the server has no ACLs: the password decides" };
  return {
    level: "warning",
    topic: "permissions",
    message: `cannot tell whether PSYNC is allowed${provider === undefined ? "" : ` by ${provider}`}`,
  };
}

function judgeReplication(fields: InfoFields): Finding[] {
  const findings: Finding[] = [];
  if (fields.role === "slave") {
    const up = fields.master_link_status === "up";
    findings.push({
      level: up ? "ok" : "problem",
      topic: "role",
      message: up
        ? `a replica of ${fields.master_host}:${fields.master_port}: its stream is the primary's, a hop later`
        : `a replica without its primary (${fields.master_host}:${fields.master_port}): PSYNC is refused until the link is up`,
      remedy: up ? undefined : "wait, or attach to the primary",
    });
  } else {
    const replicas = Number(fields.connected_slaves ?? 0);
    findings.push({ level: "ok", topic: "role", message: `primary with ${replicas} replicas` });
  }
  const size = Number(fields.repl_backlog_size ?? 0);
  if (fields.repl_backlog_active === "0")
    findings.push({
      level: "warning",
      topic: "backlog",
      message: `no backlog yet: the first attach gets a full resync, and the replication id changes (${showBytes(size)} once active)`,
    });
  findings.push(
    size < COMFORTABLE_BACKLOG
      ? {
          level: "warning",
          topic: "backlog",
          message: `the backlog keeps ${showBytes(size)} of the stream: a longer cut means a full resync`,
          remedy: "CONFIG SET repl-backlog-size 64mb, or what you write in the longest cut to survive",
        }
      : { level: "ok", topic: "backlog", message: `the backlog keeps ${showBytes(size)} of the stream` },
  );
  return findings;
}

async function judgeSettings(connection: Connection): Promise<Finding[]> {
  const findings: Finding[] = [];
  const settings = new Map<string, string>();
  for (const name of [
    "client-output-buffer-limit",
    "repl-diskless-sync",
    "repl-diskless-sync-delay",
    "repl-timeout",
    "notify-keyspace-events",
  ]) {
    const reply = await connection.exchange(["CONFIG", "GET", name]);
    if (reply.type === "error") {
      const code = serverErrorCode(utf8(reply.bytes));
      return [
        {
          level: "warning",
          topic: "settings",
          message:
            code === "NOPERM"
              ? "this user may not read the settings: output buffer limit, diskless sync and notifications stay unknown"
              : "the server does not show its settings, like many hosted services",
          remedy: code === "NOPERM" ? "ACL SETUSER <user> +config|get" : undefined,
        },
      ];
    }
    for (const [key, value] of fieldsOf(reply, "CONFIG GET")) settings.set(key, textOf(value, "CONFIG GET"));
  }
  findings.push(judgeOutputBuffer(settings.get("client-output-buffer-limit") ?? ""));
  const diskless = settings.get("repl-diskless-sync") === "yes";
  const delay = settings.get("repl-diskless-sync-delay") ?? "0";
  findings.push({
    level: "ok",
    topic: "sync",
    message: diskless
      ? `snapshots go straight to the socket, ${delay} s after they are asked for (repl-diskless-sync-delay)`
      : "snapshots are written to the server's disk first (repl-diskless-sync no)",
  });
  const timeout = Number(settings.get("repl-timeout") ?? 60);
  findings.push({
    level: timeout < 10 ? "warning" : "ok",
    topic: "timeout",
    message: `a replica is dropped after ${timeout} s without a word; rxreplica acknowledges every second`,
    remedy: timeout < 10 ? "CONFIG SET repl-timeout 60" : undefined,
  });
  const flags = settings.get("notify-keyspace-events") ?? "";
  findings.push({
    level: flags === "" ? "warning" : "ok",
    topic: "notifications",
    message:
      flags === ""
        ? "keyspace notifications are off; those derived from the stream need no setting"
        : `keyspace notifications are on: ${flags}`,
    remedy:
      flags === ""
        ? "for `rxreplica notify` without --derive: CONFIG SET notify-keyspace-events KEA"
        : undefined,
  });
  findings.push({
    level: "ok",
    topic: "manners",
    message:
      "the link is listed as a replica with port 0: Sentinel shows it as down and never promotes it, but FAILOVER without TO may choose it, so name a target there",
  });
  return findings;
}

function judgeOutputBuffer(setting: string): Finding {
  const match = /(?:^| )(?:slave|replica) (\d+) (\d+) (\d+)/.exec(setting);
  const topic = "output-buffer";
  if (match === null)
    return { level: "warning", topic, message: "the output buffer limit of replicas is unknown" };
  const [hard, soft, seconds] = match.slice(1).map(Number) as [number, number, number];
  if (hard === 0 && soft === 0)
    return {
      level: "warning",
      topic,
      message: "the output buffer of replicas has no limit: a stalled reader grows the server's memory",
    };
  const parts = [
    hard > 0 ? `${showBytes(hard)} at once` : undefined,
    soft > 0 ? `${showBytes(soft)} for ${seconds} s` : undefined,
  ].filter((part) => part !== undefined);
  const low = Math.min(hard || Number.POSITIVE_INFINITY, soft || Number.POSITIVE_INFINITY) < 32 * MIB;
  return {
    level: low ? "warning" : "ok",
    topic,
    message: `a reader that falls behind by ${parts.join(" or ")} is cut`,
    remedy: low ? 'CONFIG SET client-output-buffer-limit "replica 256mb 64mb 60"' : undefined,
  };
}

function showBytes(bytes: number): string {
  return bytes >= MIB ? `${Math.round(bytes / MIB)} MiB` : `${Math.round(bytes / 1024)} KiB`;
}

/** The error that a set of findings amounts to, for programs that must stop; `undefined` when there is no problem. */
export function problemOf(findings: readonly Finding[]): ReplicaError | undefined {
  const problem = findings.find(({ level }) => level === "problem");
  if (problem === undefined) return undefined;
  const remedy = problem.remedy === undefined ? "" : `; ${problem.remedy}`;
  return new ReplicaError("CONFIG", `Cannot replicate: ${problem.message}${remedy}`);
}

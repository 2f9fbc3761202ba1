import type { Connection } from "../../src/client/connection.ts";
import type { Finding } from "../../src/client/doctor.ts";
import { parseMasterAddress } from "../../src/client/sentinel.ts";
import { ReplicaError } from "../../src/errors.ts";
import { askServer, type ServerAccess } from "../../src/replica/ask_server.ts";
import { ClusterTopology } from "../../src/replica/cluster_topology.ts";
import {
  addressText,
  type ClusterSource,
  type HostPort,
  type SentinelSource,
  type Source,
} from "../../src/replica/url.ts";
import type { Address } from "../../src/transport.ts";

/** The servers that a link to a source would attach to, and what was found on the way to them. */
export interface FoundServers {
  readonly findings: readonly Finding[];
  readonly servers: readonly Address[];
}

/** Finds the servers to examine: the one of the URL, the primary that Sentinels name, or every primary of a cluster. */
export async function findServers(
  source: Source,
  access: ServerAccess,
  sentinels: ServerAccess,
): Promise<FoundServers> {
  if (source.kind === "server") return { findings: [], servers: [source.address] };
  return source.kind === "cluster" ? await findShards(source, access) : await askSentinels(source, sentinels);
}

async function findShards({ nodes }: ClusterSource, access: ServerAccess): Promise<FoundServers> {
  const topology = new ClusterTopology(access, nodes, []);
  const { added } = await topology.refresh();
  const findings: Finding[] = [
    { level: "ok", topic: "cluster", message: `${added.length} shards, a link to the primary of each` },
  ];
  const servers: Address[] = [];
  for (const { name, primary } of added) {
    if (primary !== undefined) servers.push(primary);
    else
      findings.push({
        level: "problem",
        topic: "cluster",
        message: `the shard ${name} has no primary that works`,
        remedy: "wait for its failover, or start the primary",
      });
  }
  return { findings, servers };
}

/** Any Sentinel will do, so one that is silent is no problem; that all of the URL agree is worth knowing. */
async function askSentinels({ nodes, name }: SentinelSource, access: ServerAccess): Promise<FoundServers> {
  const named = new Map<string, HostPort>();
  const findings: Finding[] = [];
  const answers = await Promise.all(
    nodes.map((node) => askServer(access, node, (sentinel) => masterOf(sentinel, name)).catch(asError)),
  );
  for (const [i, answer] of answers.entries()) {
    const where = addressText(nodes[i]!);
    if (answer instanceof ReplicaError) {
      findings.push(warning(`the Sentinel at ${where} is of no help: ${answer.message} (${answer.code})`));
    } else if (answer === undefined) findings.push(warning(`the Sentinel at ${where} knows no "${name}"`));
    else {
      named.set(addressText(answer), answer);
      findings.push({
        level: "ok",
        topic: "sentinel",
        message: `the Sentinel at ${where} names ${addressText(answer)} as "${name}"`,
      });
    }
  }
  if (named.size > 1) findings.push(warning("they do not agree: the one with the later epoch is followed"));
  if (named.size === 0) {
    findings.push({ level: "problem", topic: "sentinel", message: `no Sentinel names a primary "${name}"` });
  }
  return { findings, servers: [...named.values()] };
}

async function masterOf(sentinel: Connection, name: string): Promise<HostPort | undefined> {
  return parseMasterAddress(await sentinel.request(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name]));
}

function asError(error: unknown): ReplicaError {
  if (error instanceof ReplicaError) return error;
  throw error;
}

function warning(message: string): Finding {
  return { level: "warning", topic: "sentinel", message };
}

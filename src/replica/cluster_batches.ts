import type { Position } from "../events.ts";
import { ClusterSession, type ClusterSessionOptions } from "./cluster_session.ts";
import { ASK_TIMEOUT, checkPosition, type ReplicaOptions, resolveSource, resolveSpool } from "./options.ts";
import type { SpoolSettings } from "./spooled_session.ts";
import type { ClusterSource } from "./url.ts";

/**
 * Checks options for a cluster and returns what begins a session with them.
 *
 * @throws TypeError, RangeError or ReplicaError `NO_RUNTIME` like `resolveSource`.
 */
export function prepareCluster(source: ClusterSource, options: ReplicaOptions): () => ClusterSession {
  if (options.shard !== undefined) {
    throw new TypeError("Cannot attach: the shards of a cluster have names of their own");
  }
  const link = resolveSource(source, options);
  const { connect, clock, tls, protocol } = link;
  const { username, password } = protocol;
  const settings: ClusterSessionOptions = {
    link,
    nodes: source.nodes,
    access: { connect, clock, tls, username, password, timeout: ASK_TIMEOUT },
    preferReplica: options.preferReplica ?? false,
    positions: positionsOf(options.position),
    spool: resolveSpool(options) && ((shard) => spoolOf(options, shard)),
  };
  return () => new ClusterSession(settings);
}

function positionsOf(position: Position | undefined): Record<string, Position> {
  if (position === undefined) return {};
  if (position.shards === undefined) {
    throw new TypeError("Cannot attach: the position is that of a single server, it names no shards");
  }
  const shards = Object.entries(position.shards);
  return Object.fromEntries(shards.map(([name, own]) => [name, checkPosition(own)]));
}

/** Each shard has a file of its own, named after it. */
function spoolOf(options: ReplicaOptions, shard: string): SpoolSettings {
  const { overrun } = options;
  if (typeof overrun !== "object" || typeof overrun.spool !== "string") return resolveSpool(options)!;
  const spool = `${overrun.spool}.${shard.replace(/[^\w.-]/g, "_")}`;
  return resolveSpool({ ...options, overrun: { ...overrun, spool } })!;
}

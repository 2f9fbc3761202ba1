/** The nodes of a cluster and the slots they serve, as three commands of three generations tell them. */
import type { RespValue } from "../resp/value.ts";
import { fieldsOf, listOf, numberOf, textOf, unexpected } from "./reply.ts";

/** An inclusive range of slots. */
export interface Slots {
  readonly start: number;
  readonly end: number;
}

export interface ClusterNode {
  /** 40 hex digits; empty where an old server does not tell. */
  readonly id: string;
  /** Where to connect: a host name where the cluster prefers names, else the address. */
  readonly host: string;
  /** 0 when the node has none: no plain port (`port`) or no TLS port (`tlsPort`), or the command does not tell. */
  readonly port: number;
  readonly tlsPort: number;
  readonly role: "primary" | "replica";
  /** `false`: failed, loading, or not reached by the node that was asked. */
  readonly healthy: boolean;
  /** Replication offset; `undefined` where the command does not tell. */
  readonly offset: number | undefined;
}

/** A primary with its replicas. */
export interface ClusterShard {
  readonly slots: readonly Slots[];
  readonly nodes: readonly ClusterNode[];
}

/** `CLUSTER SHARDS` (Redis 7 and newer). `asked`: the host that was asked, for nodes that do not name theirs. */
export function parseClusterShards(reply: RespValue, asked: string): ClusterShard[] {
  const what = "CLUSTER SHARDS";
  return listOf(reply, what).map((shard) => {
    const fields = fieldsOf(shard, what);
    const bounds = listOf(fields.get("slots"), what);
    const slots: Slots[] = [];
    for (let i = 0; i + 1 < bounds.length; i += 2) {
      slots.push({ start: numberOf(bounds[i], what), end: numberOf(bounds[i + 1], what) });
    }
    const nodes = listOf(fields.get("nodes"), what).map((node): ClusterNode => {
      const field = fieldsOf(node, what);
      const port = (name: string) => (field.has(name) ? numberOf(field.get(name), what) : 0);
      return {
        id: textOf(field.get("id"), what),
        host: hostOf(field.get("endpoint"), what) || hostOf(field.get("ip"), what) || asked,
        port: port("port"),
        tlsPort: port("tls-port"),
        role: textOf(field.get("role"), what) === "master" ? "primary" : "replica",
        healthy: textOf(field.get("health"), what) === "online",
        offset: field.has("replication-offset") ? numberOf(field.get("replication-offset"), what) : undefined,
      };
    });
    return { slots, nodes };
  });
}

/** `CLUSTER SLOTS` (Redis 3 and newer): slots of one primary are joined. Ports are of the kind that was asked over. */
export function parseClusterSlots(reply: RespValue, asked: string): ClusterShard[] {
  const what = "CLUSTER SLOTS";
  const shards = new Map<string, { slots: Slots[]; nodes: ClusterNode[] }>();
  for (const range of listOf(reply, what)) {
    const [start, end, ...nodes] = listOf(range, what);
    const parsed = nodes.map((node, index): ClusterNode => {
      const [host, port, id] = listOf(node, what);
      return {
        id: id === undefined ? "" : textOf(id, what),
        host: hostOf(host, what) || asked,
        port: numberOf(port, what),
        tlsPort: 0,
        role: index === 0 ? "primary" : "replica",
        healthy: true,
        offset: undefined,
      };
    });
    const primary = parsed[0];
    if (primary === undefined) throw unexpected(range, what);
    const key = `${primary.id} ${primary.host} ${primary.port}`;
    const shard = shards.get(key) ?? { slots: [], nodes: parsed };
    shards.set(key, shard);
    shard.slots.push({ start: numberOf(start, what), end: numberOf(end, what) });
  }
  return [...shards.values()];
}

/** A line of `CLUSTER NODES`. */
export interface ClusterNodeLine extends ClusterNode {
  /** Configuration epoch: the higher of two claims to a slot wins. */
  readonly epoch: number;
  /** `myself`, `master`, `slave`, `fail?`, `fail`, `handshake`, `noaddr`, … */
  readonly flags: readonly string[];
  /** Of a replica: its primary's id. */
  readonly primaryId: string | undefined;
  readonly slots: readonly Slots[];
  /** Slots on their way to (`migrating`) or from (`importing`) another node. */
  readonly moving: readonly { readonly slot: number; readonly to?: string; readonly from?: string }[];
}

/**
 * `CLUSTER NODES`: `id ip:port@cport[,hostname] flags primary ping pong epoch link slot…`, one node a line. Lines that
 * cannot be read are left out.
 */
export function parseClusterNodes(reply: RespValue, asked: string): ClusterNodeLine[] {
  const nodes: ClusterNodeLine[] = [];
  for (const line of textOf(reply, "CLUSTER NODES").split("\n")) {
    const node = parseNodeLine(line, asked);
    if (node !== undefined) nodes.push(node);
  }
  return nodes;
}

function parseNodeLine(line: string, asked: string): ClusterNodeLine | undefined {
  const [id, place, flagText, primary, , , epoch, link, ...ranges] = line.trim().split(" ");
  // The address may be of IPv6; Redis 3 has no @cport.
  const address = /^(.*):(\d+)(?:@\d+)?(?:,([^,]*))?/.exec(place ?? "");
  if (id === undefined || address === null || link === undefined || flagText === undefined) return undefined;
  const flags = flagText.split(",");
  const slots: Slots[] = [];
  const moving: { slot: number; to?: string; from?: string }[] = [];
  for (const range of ranges) {
    const [, start, end, way, other] = /^\[?(\d+)(?:-(\d+))?(?:-([<>])-(\w+)\])?$/.exec(range) ?? [];
    if (start === undefined) continue;
    if (way === undefined) slots.push({ start: Number(start), end: Number(end ?? start) });
    else
      moving.push(way === ">" ? { slot: Number(start), to: other! } : { slot: Number(start), from: other! });
  }
  return {
    id,
    host: address[3] || address[1] || asked,
    port: Number(address[2]),
    tlsPort: 0,
    role: flags.includes("master") ? "primary" : "replica",
    healthy: link === "connected" && !flags.some((flag) => /^(fail\??|handshake|noaddr)$/.test(flag)),
    offset: undefined,
    epoch: Number(epoch),
    flags,
    primaryId: primary === "-" ? undefined : primary,
    slots,
    moving,
  };
}

/** A host, empty where the server does not know it: nulls, empty strings, `?`. */
function hostOf(value: RespValue | undefined, what: string): string {
  if (value === undefined || value.type === "null") return "";
  const host = textOf(value, what);
  return host === "?" ? "" : host;
}

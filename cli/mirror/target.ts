import type { ServerSource, Source } from "../../src/replica/url.ts";
import { parseSourceUrl } from "../../src/replica/url.ts";
import { asUsage, UsageError } from "../errors.ts";
import { type ClusterClient, connectCluster } from "./cluster_client.ts";
import { connectSingle, type SingleClient } from "./single_client.ts";

export type MirrorClient = SingleClient | ClusterClient;

/** How to reach a target. */
export interface TargetAccess {
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Options of `tls.connect`; empty for a plain connection. */
  readonly tls: Readonly<Record<string, unknown>>;
}

/** PEM texts and choices, as `tls.connect` names them. */
export interface TargetTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly insecure?: boolean | undefined;
}

/** Takes the URL of a target apart; a server or a cluster. */
export function parseTarget(url: string): Exclude<Source, { kind: "sentinel" }> {
  const source = asUsage(() => parseSourceUrl(url));
  if (source.kind === "sentinel") throw new UsageError("Cannot mirror to Sentinels: name the server");
  if (source.kind === "server" && source.db !== undefined && source.db !== 0) {
    throw new UsageError(`Cannot mirror into database ${source.db} by the URL: use --db-map`);
  }
  return source;
}

/** Connects to a target. */
export async function connectTarget(
  target: Exclude<Source, { kind: "sentinel" }>,
  tls: TargetTls,
): Promise<MirrorClient> {
  const { username, password } = target;
  const access = { username, password, tls: target.tls ? tlsOptions(tls) : {} };
  if (target.kind === "server") return await connectSingle({ ...access, url: serverUrl(target) });
  const scheme = target.tls ? "rediss" : "redis";
  const seeds = target.nodes.map(({ host, port }) => `${scheme}://${hostText(host)}:${port}`);
  return await connectCluster(seeds, { ...access, url: seeds[0]! });
}

function tlsOptions({ ca, cert, key, passphrase, insecure }: TargetTls): Readonly<Record<string, unknown>> {
  return {
    tls: true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
  };
}

function serverUrl({ address, tls }: ServerSource): string {
  if ("path" in address) return `unix://${address.path}`;
  return `${tls ? "rediss" : "redis"}://${hostText(address.host)}:${address.port}`;
}

function hostText(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

import type { ReplicaOptions, SentinelAccess } from "../../src/replica/options.ts";
import { replicaBatches } from "../../src/replica/replica_batches.ts";
import { parseSourceUrl, type Source } from "../../src/replica/url.ts";
import type { TlsOptions } from "../../src/transport.ts";
import { clock } from "../../transports/shared/clock.ts";
import { asUsage, UsageError } from "../errors.ts";
import type { EventSource } from "../event_source.ts";
import type { ServerAccess, SourceOptions } from "../options.ts";
import { readPem } from "../pem.ts";
import { loadConnect } from "../runtime.ts";
import type { Modes } from "./open_source.ts";
import { filterOf, levelOf, WHOLE_VALUES } from "./selection.ts";
import { SnapshotProgress } from "./snapshot_progress.ts";

/** A server's snapshot and stream through the replica link. */
export async function openServer(
  url: string,
  options: SourceOptions,
  modes: Modes,
  signal: AbortSignal,
): Promise<EventSource> {
  const source = parseServer(url);
  const tls = await readTls(source, options);
  const { snapshot, stream, position } = modes;
  const progress = new SnapshotProgress();
  const replica: ReplicaOptions = {
    ...WHOLE_VALUES,
    snapshot,
    stream,
    position,
    level: levelOf(modes),
    ...filterOf(options, source.kind === "server" ? source.db : undefined),
    connect: await loadConnect(),
    clock,
    signal,
    tls,
    username: options.user,
    password: source.password ?? process.env.REDISCLI_AUTH,
    ...(source.kind === "sentinel" && { sentinel: sentinelAccess(options) }),
    onStatus: (status) => progress.see(status),
  };
  const batches = asUsage(() => replicaBatches(withoutDb(url, source), replica));
  return { batches, snapshot: () => progress.sum };
}

/** Sentinels have users of their own. */
export function sentinelAccess({ sentinelUser }: ServerAccess): SentinelAccess {
  return { username: sentinelUser, password: process.env.SENTINELCLI_AUTH };
}

/** Takes a server's URL apart; a wrong one is wrong usage. */
export function parseServer(url: string): Source {
  return asUsage(() => parseSourceUrl(url));
}

/** A link carries all databases; the one named in the URL has become a filter. */
function withoutDb(url: string, source: Source): string {
  return source.kind !== "server" || source.db === undefined ? url : url.replace(/\/\d+$/, "");
}

/** The TLS settings that files and the URL make together; `undefined` for a plain connection. */
export async function readTls(source: Source, options: ServerAccess): Promise<TlsOptions | undefined> {
  const { ca, cert, key, insecure } = options;
  const given = ca !== undefined || cert !== undefined || key !== undefined || insecure === true;
  if (!source.tls) {
    if (given)
      throw new UsageError(
        "Cannot use TLS options with a plain connection: the URL must begin with rediss://",
      );
    return undefined;
  }
  if ((cert === undefined) !== (key === undefined)) throw new UsageError("--cert and --key belong together");
  const passphrase = key === undefined ? undefined : process.env.RXREPLICA_KEY_PASSPHRASE;
  return { ca: await readPem(ca), cert: await readPem(cert), key: await readPem(key), passphrase, insecure };
}

import { ReplicaError } from "../errors.ts";
import type { Position } from "../events.ts";
import { compileFilter, type FilterOptions } from "../stream/filter.ts";
import type { AbortSignalLike, Clock, Connect, OpenSpool, SpoolFile, TlsOptions } from "../transport.ts";
import type { ServerAccess } from "./ask_server.ts";
import type { Announcement } from "./handshake.ts";
import type { SnapshotOptions } from "./history_options.ts";
import type { MakeLocator } from "./locator.ts";
import type { ReconnectOptions } from "./retry.ts";
import { SentinelLocator } from "./sentinel_source.ts";
import type { SessionOptions, Timeouts } from "./session_options.ts";
import type { SpoolSettings } from "./spooled_session.ts";
import type { ReplicaStatus } from "./status.ts";
import type { SentinelSource, Source } from "./url.ts";

/** A file between link and consumer. */
export interface SpoolOverrun {
  /** Path of the file, made anew and removed at the end; or a function that makes one. One link at a time may use it. */
  readonly spool: string | (() => Promise<SpoolFile>);
  /** Bytes that it may hold at most. Default 16 GiB. At least 16 MiB. */
  readonly maxBytes?: number | undefined;
}

/** Credentials and TLS for Sentinels. */
export interface SentinelAccess {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** `false`: no TLS, though the servers speak it. */
  readonly tls?: TlsOptions | false | undefined;
}

const MIN_SPOOL = 16 << 20;
const DEFAULT_SPOOL = 16 * 1024 ** 3;

/** What to attach to, what to deliver and how to hold the link. Filters are applied before values are decoded. */
export interface ReplicaOptions extends FilterOptions, SnapshotOptions {
  /** Opens connections. The runtime entries (`rxreplica/node`, `/deno`, `/bun`) bind it. */
  readonly connect?: Connect | undefined;
  /** Time and timers. The runtime entries bind it. */
  readonly clock?: Clock | undefined;
  /**
   * Where to go on: the position of an event seen before. The primary decides whether it still can; if not, a `reset`
   * event says what was lost and a new snapshot follows. Default: a full resync.
   */
  readonly position?: Position | undefined;
  /**
   * `false`: no keys of the snapshot, the stream from the moment of attaching. Servers from 7.0 on then send an empty
   * snapshot, older ones a full one that is passed over. Default `true`.
   */
  readonly snapshot?: boolean | undefined;
  /** `false`: ends after the snapshot; the server is told not to buffer the stream. Default `true`. */
  readonly stream?: boolean | undefined;
  /** Bytes of one command at most, `LIMIT` above. Default 1 GiB, the servers' own limit. */
  readonly maxCommandBytes?: number | undefined;
  /** TLS settings; `{}` trusts the system's authorities. Default: TLS only if the URL says so (`rediss://`). */
  readonly tls?: TlsOptions | undefined;
  /** ACL user, instead of the URL's. */
  readonly username?: string | undefined;
  /** Password, instead of the URL's. */
  readonly password?: string | undefined;
  /** Name shown by `CLIENT LIST`, no spaces. Default `rxreplica`. A refusal is ignored. */
  readonly clientName?: string | undefined;
  /**
   * Address for the primary to list this replica under. Default: none, port 0. Warning: with an address, FAILOVER and
   * Sentinel take this program for a server that can be promoted.
   */
  readonly announce?: Announcement | undefined;
  /** How long to wait for what. */
  readonly timeouts?: Timeouts | undefined;
  /** What to do when the link is lost; `false`: end with the error. Default: go on where it was cut. */
  readonly reconnect?: ReconnectOptions | false | undefined;
  /**
   * What to do when the history cannot be continued without a hole: `"reset"` begins anew with a `reset` event and a
   * snapshot, `"fail"` ends with `HISTORY`. Default `"reset"`.
   */
  readonly onHole?: "reset" | "fail" | undefined;
  /**
   * What to do when the primary cuts the link because events were taken too slowly and its backlog no longer holds what
   * follows: `"reset"` begins anew with a `reset` event, until that happens three times without ever catching up; `"fail"`
   * ends at once; both end with `OVERRUN`. A spool avoids it: the link is read on, and what is not taken yet lies in a
   * file of at most `maxBytes`. What is received then counts as processed: it is acknowledged, and if this process ends
   * only `position` tells what was taken. Default `"reset"`.
   */
  readonly overrun?: "reset" | "fail" | SpoolOverrun | undefined;
  /** Makes the file of a spool that is given as a path. The runtime entries bind it. */
  readonly openSpool?: OpenSpool | undefined;
  /**
   * Ask the primary how far it is ahead, over a short connection of its own every few seconds while events are taken too
   * slowly (needs `+info`, and `+config|get` for its output buffer limit), and warn by `lag` events at half, three
   * quarters and nine tenths of the output buffer limit and of the backlog. Default `true`.
   */
  readonly watchLag?: boolean | undefined;
  /** Told how the link is doing, once a second from the first batch on. What it throws ends the iteration. */
  readonly onStatus?: ((status: ReplicaStatus) => void) | undefined;
  /** Ends the iteration, without an error, when aborted. */
  readonly signal?: AbortSignalLike | undefined;
  /**
   * How to reach Sentinels, which have users of their own. Default: no AUTH, TLS as for the primary; credentials in the URL are
   * for the primary.
   */
  readonly sentinel?: SentinelAccess | undefined;
  /** In a cluster: attach to a replica of each shard where there is one, which spares the primaries. Default `false`. */
  readonly preferReplica?: boolean | undefined;
  /** Name that every event bears as `shard`. Default: none; a cluster names its shards itself. */
  readonly shard?: string | undefined;
}

/**
 * Checks options and makes of them what one link needs.
 *
 * @throws TypeError or RangeError for options that make no sense, ReplicaError `NO_RUNTIME` without `connect` or `clock`.
 */
export function resolveSource(source: Source, options: ReplicaOptions): SessionOptions {
  const { connect, clock } = options;
  if (connect === undefined || clock === undefined) {
    throw new ReplicaError(
      "NO_RUNTIME",
      "Cannot attach: no connect and clock; import from rxreplica/node, /deno or /bun, or give both as options",
    );
  }
  checkModes(source, options);
  const { sentinel, preferReplica } = options;
  if (sentinel !== undefined && source.kind !== "sentinel") {
    throw new TypeError("Cannot attach: the option sentinel is for Sentinel URLs");
  }
  if (preferReplica !== undefined && source.kind !== "cluster") {
    throw new TypeError("Cannot attach: the option preferReplica is for cluster URLs");
  }
  const username = options.username ?? source.username;
  const password = options.password ?? source.password;
  if (username !== undefined && password === undefined) {
    throw new TypeError("Cannot attach: a user was given without a password");
  }
  const timeouts = options.timeouts ?? {};
  for (const [name, value] of Object.entries(timeouts)) {
    if (value !== undefined && !(value > 0)) {
      throw new RangeError(`Cannot attach: timeouts.${name} must be above 0 ms, got ${value}`);
    }
  }
  const tls = options.tls ?? (source.tls ? {} : undefined);
  const primary: ServerAccess = { connect, clock, tls, username, password, timeout: ASK_TIMEOUT };
  return {
    address: addressOf(source, primary, sentinel),
    connect,
    clock,
    tls,
    timeouts,
    reconnect: options.reconnect ?? {},
    signal: options.signal,
    watchLag: options.watchLag ?? true,
    onStatus: options.onStatus,
    protocol: {
      username,
      password,
      clientName: options.clientName ?? "rxreplica",
      announce: options.announce,
      snapshot: options.snapshot ?? true,
      stream: options.stream ?? true,
      position: options.position === undefined ? undefined : checkPosition(options.position),
      onHole: options.onHole ?? "reset",
      overrun: options.overrun === "fail" ? "fail" : "reset",
      filter: compileFilter(options),
      rdb: options,
      maxCommandBytes: options.maxCommandBytes,
      failover: source.kind !== "server",
      shard: options.shard,
    },
  };
}

/**
 * The spool that the options ask for, if any.
 *
 * @throws TypeError or RangeError for one that makes no sense, ReplicaError `NO_RUNTIME` for a path without `openSpool`.
 */
export function resolveSpool({ overrun, openSpool }: ReplicaOptions): SpoolSettings | undefined {
  if (typeof overrun !== "object") return undefined;
  const { spool, maxBytes = DEFAULT_SPOOL } = overrun;
  if (!Number.isSafeInteger(maxBytes) || maxBytes < MIN_SPOOL) {
    throw new RangeError(`Cannot attach: overrun.maxBytes must be at least ${MIN_SPOOL}, got ${maxBytes}`);
  }
  if (typeof spool === "function") return { open: spool, maxBytes };
  if (typeof spool !== "string" || spool === "") {
    throw new TypeError("Cannot attach: overrun.spool must be a path or a function that makes a file");
  }
  if (openSpool === undefined) {
    throw new ReplicaError(
      "NO_RUNTIME",
      "Cannot attach: no openSpool for the path of a spool; import from rxreplica/node, /deno or /bun, or give a function",
    );
  }
  return { open: () => openSpool(spool), maxBytes };
}

/** ms for a question beside the link: who is the primary, which nodes there are. */
export const ASK_TIMEOUT = 3000;

function addressOf(
  source: Source,
  primary: ServerAccess,
  sentinel: ReplicaOptions["sentinel"],
): SessionOptions["address"] {
  if (source.kind === "server") return source.address;
  const [first] = source.nodes;
  // Each shard's place is found by the session that the shards share.
  if (source.kind === "cluster") return first!;
  return locateBySentinels(source, primary, sentinel);
}

/** Makes what finds the primary that Sentinels name; they are reached like the servers, but for credentials of their own. */
export function locateBySentinels(
  { name, nodes }: SentinelSource,
  primary: ServerAccess,
  sentinel: SentinelAccess | undefined,
): MakeLocator {
  const sentinels = { ...primary, username: sentinel?.username, password: sentinel?.password };
  if (sentinel?.tls !== undefined) sentinels.tls = sentinel.tls === false ? undefined : sentinel.tls;
  return (moved) => new SentinelLocator({ name, nodes, sentinels, primary }, moved);
}

function checkModes(source: Source, options: ReplicaOptions): void {
  const { snapshot, stream, position, announce } = options;
  if (source.kind === "server" && source.db !== undefined && source.db !== 0) {
    throw new TypeError(
      `Cannot attach: a link carries all databases; select one with the option dbs: [${source.db}]`,
    );
  }
  if (snapshot === false && stream === false) {
    throw new TypeError("Cannot attach: with neither snapshot nor stream there is nothing to deliver");
  }
  if (position !== undefined && stream === false) {
    throw new TypeError("Cannot attach: a position is a place in the stream, which stream: false leaves out");
  }
  for (const name of ["onHole", "overrun"] as const) {
    const value = options[name];
    if (name === "overrun" && typeof value === "object" && value !== null) continue;
    if (value !== undefined && value !== "reset" && value !== "fail") {
      throw new TypeError(`Cannot attach: ${name} must be "reset" or "fail", got ${String(value)}`);
    }
  }
  if (announce !== undefined && !isPort(announce.port)) {
    throw new RangeError(`Cannot attach: announce.port must be 1 to 65535, got ${announce.port}`);
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** Checks a position of one history, and leaves out what is not its own. */
export function checkPosition({ replid, offset, db }: Position): Position {
  if (typeof replid !== "string" || !/^[0-9a-fA-F]{40}$/.test(replid)) {
    throw new TypeError("Cannot attach: position.replid is not 40 hex digits");
  }
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new RangeError(`Cannot attach: position.offset is not a byte offset: ${offset}`);
  }
  if (!Number.isSafeInteger(db) || db < 0) {
    throw new RangeError(`Cannot attach: position.db is not a database: ${db}`);
  }
  return { replid, offset, db };
}

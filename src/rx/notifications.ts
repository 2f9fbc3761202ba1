import { Observable } from "rxjs";
import { ReplicaError } from "../errors.ts";
import type { PublishedNotification } from "../notifications/node_subscription.ts";
import type { NotificationGap } from "../notifications/notification.ts";
import type { Access } from "../notifications/open_connection.ts";
import { type NotificationSelection, planSubscription } from "../notifications/subscription_plan.ts";
import { ASK_TIMEOUT, locateBySentinels, type SentinelAccess } from "../replica/options.ts";
import { type ReconnectOptions, RetryPolicy } from "../replica/retry.ts";
import { parseSourceUrl, type Source } from "../replica/url.ts";
import type { Clock, Connect, TlsOptions } from "../transport.ts";
import { type NodesOptions, NotificationNodes } from "./notification_nodes.ts";

/** Which notifications to receive, from where, and what the server is told. */
export interface NotificationsOptions extends NotificationSelection {
  /** Opens connections. The runtime entries (`rxreplica/node`, `/deno`, `/bun`) bind it. */
  readonly connect?: Connect | undefined;
  /** Time and timers. The runtime entries bind it. */
  readonly clock?: Clock | undefined;
  /** TLS settings; `{}` trusts the system's authorities. Default: TLS only if the URL says so. */
  readonly tls?: TlsOptions | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Look at the server's `notify-keyspace-events` first, and fail if it does not publish what is wanted. Default `true`. */
  readonly check?: boolean | undefined;
  /**
   * Add to the server's `notify-keyspace-events` what is missing. Note that servers do not print `n`, `o` and `c` next to `A`: if
   * they were on, writing the setting switches them off. Default `false`.
   */
  readonly configure?: boolean | undefined;
  /** Put the setting back when the subscription ends, if it was changed. Default `false`. */
  readonly restore?: boolean | undefined;
  /**
   * Fetch what the key holds (`true`) or its type (`"type"`) after each event, over a second connection, many at once. It is what
   * the key holds *then*: later writes show, and a key may be gone. Default `false`.
   */
  readonly withValue?: boolean | "type" | undefined;
  /** What to do when a connection is lost; `false`: end with the error. Default: connect again, and emit a `gap`. */
  readonly reconnect?: ReconnectOptions | false | undefined;
  /** RESP version to ask for. Default 3, and 2 where the server does not know it. */
  readonly protocol?: 2 | 3 | undefined;
  /** ms between signs of life; a server that does not answer for as long is given up. Default 15,000. */
  readonly pingInterval?: number | undefined;
  /** ms for connecting. Default 10,000. */
  readonly connectTimeout?: number | undefined;
  /** ms between two looks at a cluster's nodes. Default 5,000. */
  readonly topologyInterval?: number | undefined;
  /** Called when a subscription has ended and everything is closed, the server's setting put back too where it could be. */
  readonly onStopped?: (() => void) | undefined;
  /** How to reach Sentinels, which have users of their own. Default: no AUTH, TLS as for the server. */
  readonly sentinel?: SentinelAccess | undefined;
}

/**
 * Receives keyspace notifications through pub/sub: an Observable of events as a server publishes them, with a `gap` event for
 * each span of time in which some may have been lost. Nothing else can be known of such a loss; see {@link deriveNotifications}
 * for a stream without gaps.
 *
 * A `redis-cluster://` URL covers every primary, and follows when that changes. In the seconds after a failover an old primary
 * that lives on as a replica may tell events twice. A `redis-sentinel://` URL covers the server that Sentinels name, and leaves
 * it for the next one.
 *
 * Options are checked by the call: `TypeError`, `RangeError`, `ReplicaError` `NO_RUNTIME`. The Observable ends with `CONFIG` when
 * the server's setting does not fit or cannot be read or set, with `NOPERM`, `WRONGPASS` and the like, and with `CONNECT` when
 * the server was never reached.
 *
 * @example
 * ```ts
 * import { notifications } from "rxreplica";
 * import { memoryConnect } from "rxreplica/memory";
 * import { catchError, lastValueFrom, of } from "rxjs";
 *
 * // A server that refuses everybody. A real one: import from "rxreplica/node", no connect, no clock.
 * const connect = memoryConnect(async (server) => {
 *   for await (const _ of server.chunks) await server.write(new TextEncoder().encode("-NOPERM go away\r\n"));
 * });
 * const clock = { now: Date.now, setTimer: (ms: number, run: () => void) => {
 *   const timer = setTimeout(run, ms);
 *   return () => clearTimeout(timer);
 * } };
 * const said = await lastValueFrom(
 *   notifications("redis://anywhere", { connect, clock, events: ["expired"] }).pipe(
 *     catchError((error) => of(String(error))),
 *   ),
 * );
 * if (!String(said).includes("go away")) throw new Error(`unexpected ${said}`);
 * ```
 */
export function notifications(
  url: string,
  options: NotificationsOptions = {},
): Observable<PublishedNotification | NotificationGap> {
  const source = parseSourceUrl(url);
  const access = accessOf(source, options);
  const db = source.kind === "server" ? source.db : undefined;
  const dbs = options.dbs ?? (db === undefined ? undefined : [db]);
  const plan = planSubscription({ ...options, dbs });
  const { reconnect = {} } = options;
  // Wrong numbers are said now, not when the first connection is lost.
  void new RetryPolicy(reconnect);
  return new Observable((subscriber) => {
    const nodes = new NotificationNodes({
      access,
      plan,
      place: placeOf(source, access, options),
      reconnect,
      check: options.check ?? true,
      configure: options.configure ?? false,
      restore: options.restore ?? false,
      withValue: options.withValue ?? false,
      pingInterval: options.pingInterval ?? 15_000,
      topologyInterval: options.topologyInterval ?? 5_000,
      emit: (event) => subscriber.next(event),
      fail: (error) => subscriber.error(error),
    });
    const told = (): void => options.onStopped?.();
    subscriber.add(() => void nodes.stop().then(told, told));
    nodes.start();
  });
}

function placeOf(source: Source, access: Access, options: NotificationsOptions): NodesOptions["place"] {
  if (source.kind === "server") return source.address;
  if (source.kind === "cluster") return { cluster: source.nodes };
  const { connect, clock, tls, credentials } = access;
  const { user: username, password } = credentials ?? {};
  const server = { connect, clock, tls, username, password, timeout: ASK_TIMEOUT };
  return locateBySentinels(source, server, options.sentinel);
}

function accessOf(source: Source, options: NotificationsOptions): Access {
  const { connect, clock } = options;
  if (connect === undefined || clock === undefined) {
    throw new ReplicaError(
      "NO_RUNTIME",
      "Cannot receive notifications: no connect and clock; import from rxreplica/node, /deno or /bun, or give both as options",
    );
  }
  if (options.sentinel !== undefined && source.kind !== "sentinel")
    throw new TypeError("Cannot receive notifications: the option sentinel is for Sentinel URLs");
  const user = options.username ?? source.username;
  const password = options.password ?? source.password;
  if (user !== undefined && password === undefined)
    throw new TypeError("Cannot receive notifications: a user was given without a password");
  return {
    connect,
    clock,
    tls: options.tls ?? (source.tls ? {} : undefined),
    credentials: password === undefined ? undefined : { user, password },
    protocol: options.protocol ?? 3,
    connectTimeout: options.connectTimeout ?? 10_000,
  };
}

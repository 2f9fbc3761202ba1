import type { Address } from "../transport.ts";

/** A host name or IP address (IPv6 without brackets) and a TCP port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** What every source URL tells besides where to go. */
export interface SourceAccess {
  /** TLS from the first byte: the scheme had an `s` (`rediss`). */
  readonly tls: boolean;
  /** ACL user, percent-decoded; `undefined`: the default user. */
  readonly username: string | undefined;
  /** Password, percent-decoded; `undefined`: no AUTH. */
  readonly password: string | undefined;
}

/** One server: `redis[s]://…` or `unix://…`. */
export interface ServerSource extends SourceAccess {
  readonly kind: "server";
  readonly address: Address;
  /** Database named by the path (`/3`); `undefined` without one. A replica link carries all databases. */
  readonly db: number | undefined;
}

/** A cluster, known by some of its nodes: `redis[s]-cluster://…`. */
export interface ClusterSource extends SourceAccess {
  readonly kind: "cluster";
  readonly nodes: readonly HostPort[];
}

/** A primary that Sentinels watch: `redis[s]-sentinel://…/NAME`. */
export interface SentinelSource extends SourceAccess {
  readonly kind: "sentinel";
  readonly nodes: readonly HostPort[];
  /** The name that the Sentinels know the primary by. */
  readonly name: string;
}

/** A source URL taken apart. */
export type Source = ServerSource | ClusterSource | SentinelSource;

type Kind = Source["kind"] | "unix";

const SCHEMES: ReadonlyMap<string, { readonly kind: Kind; readonly tls: boolean; readonly port: number }> =
  new Map([
    ["redis", { kind: "server", tls: false, port: 6379 }],
    ["rediss", { kind: "server", tls: true, port: 6379 }],
    ["valkey", { kind: "server", tls: false, port: 6379 }],
    ["valkeys", { kind: "server", tls: true, port: 6379 }],
    ["unix", { kind: "unix", tls: false, port: 0 }],
    ["redis-cluster", { kind: "cluster", tls: false, port: 6379 }],
    ["rediss-cluster", { kind: "cluster", tls: true, port: 6379 }],
    ["redis-sentinel", { kind: "sentinel", tls: false, port: 26379 }],
    ["rediss-sentinel", { kind: "sentinel", tls: true, port: 26379 }],
  ]);

/**
 * Takes a source URL apart. Forms, user and password optional and percent-encoded, IPv6 hosts in brackets, port 6379
 * (Sentinel: 26379) when left out:
 *
 * - `redis[s]://[user:password@]host[:port][/db]`, also `valkey[s]://`
 * - `unix://[user:password@]/path`
 * - `redis[s]-cluster://[user:password@]host:port[,host:port…]`
 * - `redis[s]-sentinel://[user:password@]host:port[,host:port…]/NAME`
 *
 * A password alone is written `:password@`. Everything before the last `@` counts as credentials, so that nothing in a
 * password needs encoding but `%` (as `%25`).
 *
 * @throws TypeError when the text is none of these. The message repeats nothing of the URL but its scheme: what was meant
 * as a password may stand anywhere in a malformed one.
 * @example
 * ```ts
 * import { parseSourceUrl } from "rxreplica";
 *
 * const source = parseSourceUrl("rediss://app:p%40ss@[::1]:6380");
 * if (source.kind !== "server" || source.password !== "p@ss" || !source.tls) throw new Error("unexpected");
 * ```
 */
export function parseSourceUrl(url: string): Source {
  const colon = url.indexOf("://");
  if (colon < 0) throw wrong("it has no scheme such as redis://");
  const scheme = url.slice(0, colon).toLowerCase();
  const known = SCHEMES.get(scheme);
  if (known === undefined) throw wrong(`it must begin with one of ${schemeList()}`);
  const rest = url.slice(colon + 3);
  const { kind, tls, port } = known;
  if (kind === "unix") return parseUnix(rest);

  const at = rest.lastIndexOf("@");
  const access = { tls, ...credentials(at < 0 ? undefined : rest.slice(0, at)) };
  const place = rest.slice(at + 1);
  if (/[?#]/.test(place)) throw wrong("query and fragment have no meaning here; use the options");
  const slash = place.indexOf("/");
  const hosts = slash < 0 ? place : place.slice(0, slash);
  const path = slash < 0 ? "" : place.slice(slash + 1);

  if (kind === "server") {
    return { kind, ...access, address: parseHostPort(hosts, port), db: parseDb(path) };
  }
  const nodes = hosts.split(",").map((node) => parseHostPort(node, port));
  if (kind === "cluster") {
    if (path !== "") throw wrong("a cluster URL ends after its nodes");
    return { kind, ...access, nodes };
  }
  if (path === "") throw wrong("a sentinel URL ends with the primary's name, as in …:26379/mymaster");
  return { kind, ...access, nodes, name: decode(path, "name") };
}

/** An address as people write it: `host:port`, `[::1]:port` or the socket's path. */
export function addressText(address: Address): string {
  if ("path" in address) return address.path;
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function parseUnix(rest: string): ServerSource {
  // A path may hold "@", and begins with "/": credentials end at the first "@/".
  const at = rest.startsWith("/") ? -1 : rest.indexOf("@/");
  const access = { tls: false, ...credentials(at < 0 ? undefined : rest.slice(0, at)) };
  const path = decode(rest.slice(at + 1), "path");
  if (!path.startsWith("/") || path === "/") throw wrong("unix:// must be followed by an absolute path");
  if (path.includes("\0")) throw wrong("the path holds a zero byte");
  return { kind: "server", ...access, address: { path }, db: undefined };
}

function credentials(text: string | undefined): Pick<SourceAccess, "username" | "password"> {
  if (text === undefined) return { username: undefined, password: undefined };
  const colon = text.indexOf(":");
  const username = decode(colon < 0 ? text : text.slice(0, colon), "user");
  const password = colon < 0 ? undefined : decode(text.slice(colon + 1), "password");
  return {
    username: username === "" ? undefined : username,
    password: password === "" && username === "" ? undefined : password,
  };
}

function parseHostPort(text: string, defaultPort: number): HostPort {
  const end = text.startsWith("[") ? text.indexOf("]") + 1 : text.lastIndexOf(":");
  if (text.startsWith("[") && end === 0) throw wrong('the IPv6 address has no closing "]"');
  const bracketed = text.startsWith("[");
  const hostEnd = bracketed || end >= 0 ? end : text.length;
  const host = bracketed ? decode(text.slice(1, hostEnd - 1), "host") : text.slice(0, hostEnd);
  const tail = text.slice(hostEnd);
  if (host === "") throw wrong("a host is missing");
  if (!bracketed && host.includes(":")) throw wrong("an IPv6 address must stand in brackets");
  if (/[\s@/?#[\]\\,]/.test(host)) throw wrong("the host holds a character that no host name has");
  if (tail === "") return { host, port: defaultPort };
  const digits = tail.slice(1);
  const port = Number(digits);
  if (!tail.startsWith(":") || !/^\d{1,5}$/.test(digits) || port < 1 || port > 65_535) {
    throw wrong("the port is not a number from 1 to 65535");
  }
  return { host, port };
}

function parseDb(path: string): number | undefined {
  if (path === "") return undefined;
  if (!/^\d{1,9}$/.test(path)) throw wrong("the path is not a database number");
  return Number(path);
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(`the ${what} is not percent-encoded UTF-8 (a literal % is written %25)`);
  }
}

function schemeList(): string {
  return [...SCHEMES.keys()].map((scheme) => `${scheme}://`).join(", ");
}

function wrong(why: string): TypeError {
  return new TypeError(`Cannot use the source URL: ${why}`);
}

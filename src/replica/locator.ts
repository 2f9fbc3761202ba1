import type { Address } from "../transport.ts";

/** Knows which server to attach to, where that changes: the primary that Sentinels or a cluster name. */
export interface Locator {
  /** The server to attach to now; asked before each connection. Rejects with `ReplicaError`. */
  locate(): Promise<Address>;
  /** Lets go of connections and timers; what is under way fails or is forgotten. Idempotent. */
  stop(): void;
}

/**
 * Makes the locator of one session. Nothing is opened before the first `locate`. `moved` may be called after it, whenever the
 * server to attach to is no longer the one that `locate` told.
 */
export type MakeLocator = (moved: () => void) => Locator;

/** Whether two addresses are written the same. */
export function sameAddress(a: Address | undefined, b: Address | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if ("path" in a || "path" in b) return "path" in a && "path" in b && a.path === b.path;
  return a.host === b.host && a.port === b.port;
}

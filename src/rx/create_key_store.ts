import { utf8 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import { askServer, type ServerAccess } from "../replica/ask_server.ts";
import { parseSourceUrl } from "../replica/url.ts";
import type { Clock, Connect, TlsOptions } from "../transport.ts";
import type { CheckpointStore } from "./saved.ts";
import { decodeSaved, encodeSaved } from "./saved_text.ts";

/** Where a key store keeps its checkpoint. */
export interface KeyStoreOptions {
  /** The key, a string; it is overwritten by each save. */
  readonly key: string;
  /** Database of the key. Default 0. */
  readonly db?: number | undefined;
  readonly username?: string | undefined;
  /** Instead of the URL's. */
  readonly password?: string | undefined;
  readonly tls?: TlsOptions | undefined;
  /** ms for a connection, and again for the answer. Default 10,000. */
  readonly timeout?: number | undefined;
  /** Opens connections; the runtime entries bind it. */
  readonly connect?: Connect | undefined;
  /** Time and timers; the runtime entries bind it. */
  readonly clock?: Clock | undefined;
}

const DEFAULT_TIMEOUT = 10_000;

/**
 * A checkpoint store in a key of a Redis or Valkey server, over a short connection for each load and save (save rarely: the
 * option `every` of `checkpoint`). A save has reached the server's memory when it resolves; whether it survives the server's
 * crash is up to that server's own persistence.
 *
 * Not for the server that is replicated: each save would be a write that comes back as an event.
 *
 * Throws `TypeError` for a URL that names no single server, `ReplicaError` `NO_RUNTIME` without `connect` and `clock`. Loads and
 * saves reject with `ReplicaError`: `CONNECT`, `TIMEOUT`, `WRONGPASS`, `NOPERM`, and `MALFORMED` for a key that holds anything
 * else.
 *
 * @example
 * ```ts
 * import { createKeyStore } from "rxreplica/node";
 *
 * const store = createKeyStore("redis://127.0.0.1:6379", { key: "example:position" });
 * const position = { replid: "0".repeat(40), offset: 7, db: 0 };
 * await store.save({ version: 1, position, states: {} });
 * if ((await store.load())?.position.offset !== 7) throw new Error("unexpected");
 * ```
 */
export function createKeyStore(url: string, options: KeyStoreOptions): CheckpointStore {
  const source = parseSourceUrl(url);
  if (source.kind !== "server")
    throw new TypeError(`Cannot keep a checkpoint: a ${source.kind} URL names no single server`);
  const { connect, clock, key, db = source.db ?? 0, timeout = DEFAULT_TIMEOUT } = options;
  if (connect === undefined || clock === undefined)
    throw new ReplicaError(
      "NO_RUNTIME",
      "Cannot keep a checkpoint: no connect and clock; import from rxreplica/node, /deno or /bun, or give both as options",
    );
  const access: ServerAccess = {
    connect,
    clock,
    timeout,
    tls: options.tls ?? (source.tls ? {} : undefined),
    username: options.username ?? source.username,
    password: options.password ?? source.password,
  };
  return {
    load: () =>
      askServer(access, source.address, async (connection) => {
        await connection.request(["SELECT", db], { doing: "select the checkpoint's database" });
        const reply = await connection.request(["GET", key], { doing: "load the checkpoint" });
        if (reply.type === "null") return undefined;
        if (reply.type !== "bulk")
          throw new ReplicaError("PROTOCOL", `Cannot load the checkpoint: got ${reply.type}`);
        return decodeSaved(utf8(reply.bytes));
      }),
    save: (saved) =>
      askServer(access, source.address, async (connection) => {
        await connection.request(["SELECT", db], { doing: "select the checkpoint's database" });
        await connection.request(["SET", key, encodeSaved(saved)], { doing: "save the checkpoint" });
      }),
  };
}

import type { Address, Connect, ConnectOptions, TlsOptions, Transport } from "../../src/transport.ts";
import { checkOptions } from "../shared/check_options.ts";
import { abortedFailure, connectFailure, timeoutFailure } from "../shared/failure.ts";
import { ConnTransport, closeQuietly } from "./conn_transport.ts";
import { type DenoConn, type DenoTlsConn, deno } from "./runtime.ts";
import { tlsOver } from "./tls_over.ts";
import { unlockKey } from "./unlock_key.ts";

/**
 * Opens a TCP, TLS or Unix socket connection with Deno's own sockets (`Deno.connect`, `Deno.connectTls`,
 * `Deno.startTls`); needs `--allow-net`, or `--allow-read` and `--allow-write` for a Unix socket. Where those cannot say
 * what the options ask for (`ca` instead of Deno's authorities, `insecure`, `serverName` with a client certificate, TLS
 * over a Unix socket) the TLS of node:tls runs over the same native socket.
 *
 * Rejects with `ReplicaError`: `CONNECT`, `TIMEOUT`, `NOAUTH` (the server asks for a client certificate; with TLS 1.3 that
 * comes with the first read), and `NO_RUNTIME` elsewhere than in Deno. TLS options that are no PEM are a `TypeError`.
 *
 * @example
 * ```ts no-run
 * import { createServer } from "node:net";
 * import { connect } from "rxreplica/deno";
 *
 * const server = createServer((socket) => socket.end("+PONG\r\n")).listen(0, "127.0.0.1");
 * await new Promise((listening) => server.once("listening", listening));
 * const { port } = server.address() as { port: number };
 * const transport = await connect({ host: "127.0.0.1", port }, { connectTimeout: 1000 });
 * let text = "";
 * for await (const chunk of transport.chunks) text += new TextDecoder().decode(chunk);
 * await transport.close();
 * server.close();
 * if (text !== "+PONG\r\n") throw new Error("unexpected");
 * ```
 */
export const connect: Connect = async (address: Address, options: ConnectOptions): Promise<Transport> => {
  const { signal, connectTimeout } = options;
  checkOptions(address, options);
  if (signal?.aborted === true) throw abortedFailure(address);
  // Deno is asked for before anything can be left half done.
  deno();
  const tls = options.tls === undefined ? undefined : unlockKey(options.tls);

  const attempt = new Attempt();
  let stop: (reason: unknown) => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = reject;
  });
  const timer =
    connectTimeout === undefined
      ? undefined
      : setTimeout(() => stop(timeoutFailure(address, connectTimeout)), connectTimeout);
  const onAbort = (): void => stop(abortedFailure(address));
  signal?.addEventListener("abort", onAbort);
  try {
    const conn = await Promise.race([attempt.open(address, tls), stopped]);
    return new ConnTransport(conn, address, { secure: tls !== undefined });
  } catch (cause) {
    attempt.giveUp();
    throw cause instanceof Error && cause.name === "ReplicaError" ? cause : connectFailure(address, cause);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
};

/** One attempt to connect; what it opened so far is closed when it is given up. */
class Attempt {
  readonly #abort: AbortController = new AbortController();
  #conn: DenoConn | undefined;
  #givenUp = false;

  async open(address: Address, tls: TlsOptions | undefined): Promise<DenoConn> {
    if (tls === undefined) return this.#plain(address);
    const conn = await this.#secure(address, tls);
    await conn.handshake();
    return conn;
  }

  giveUp(): void {
    this.#givenUp = true;
    this.#abort.abort();
    if (this.#conn !== undefined) closeQuietly(this.#conn);
  }

  async #plain(address: Address): Promise<DenoConn> {
    if ("path" in address) return this.#keep(await deno().connect({ transport: "unix", path: address.path }));
    const { host: hostname, port } = address;
    const conn = await deno().connect({ hostname, port, signal: this.#abort.signal });
    this.#keep(conn);
    conn.setNoDelay(true);
    conn.setKeepAlive(true);
    return conn;
  }

  async #secure(address: Address, tls: TlsOptions): Promise<DenoTlsConn> {
    const { cert, key, serverName } = tls;
    const host = "host" in address ? address.host : "localhost";
    const exact = tls.ca === undefined && tls.insecure !== true && "host" in address;
    if (exact && cert !== undefined && key !== undefined && (serverName ?? host) === host) {
      return this.#keep(await deno().connectTls({ hostname: host, port: address.port, cert, key }));
    }
    const conn = await this.#plain(address);
    if (!exact || cert !== undefined) return this.#keep(tlsOver(conn, host, tls));
    return this.#keep(await deno().startTls(conn, { hostname: serverName ?? host }));
  }

  #keep<C extends DenoConn>(conn: C): C {
    this.#conn = conn;
    if (this.#givenUp) closeQuietly(conn);
    return conn;
  }
}

import { connect as connectPlain, isIP, type OnReadOpts, type Socket } from "node:net";
import { type ConnectionOptions, checkServerIdentity, connect as connectTls } from "node:tls";
import type { Address, Connect, ConnectOptions, TlsOptions, Transport } from "../../src/transport.ts";
import { checkOptions } from "../shared/check_options.ts";
import { abortedFailure, badTlsOptions, connectFailure, timeoutFailure } from "../shared/failure.ts";
import type { Inbox } from "../shared/inbox.ts";
import { Lease } from "../shared/lease.ts";
import { SocketTransport } from "./socket_transport.ts";

/** Probes a silent peer after this many ms, so that one that vanished is noticed even while nothing is read. */
const KEEP_ALIVE = 60_000;

/**
 * Opens a TCP, TLS or Unix socket connection with node:net and node:tls. It resolves when the connection (and the TLS
 * handshake) is done.
 *
 * Rejects with `ReplicaError`: `CONNECT` (refused, name not found, certificate not trusted, aborted), `TIMEOUT`
 * (`connectTimeout`), `NOAUTH` (the server asks for a client certificate). With TLS 1.3 the last one comes with the first
 * read instead, since the server judges the certificate only then. TLS options that are no PEM are a `TypeError`.
 *
 * For Node and Bun. In Deno 2.9 a paused socket of node:tls goes on reading, so that a slow reader fills the heap: use the
 * `connect` of `rxreplica/deno` there.
 *
 * @example
 * ```ts
 * import { createServer } from "node:net";
 * import { connect } from "rxreplica/node";
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
export const connect: Connect = (address: Address, options: ConnectOptions): Promise<Transport> =>
  new Promise((resolve, reject) => {
    const { signal, connectTimeout, tls } = options;
    // What it throws rejects.
    checkOptions(address, options);
    if (signal?.aborted === true) {
      reject(abortedFailure(address));
      return;
    }
    // The socket reads into this buffer, without Node's stream machinery in between; `false` pauses it again.
    const lease = new Lease();
    let inbox: Inbox | undefined;
    const onread: OnReadOpts = {
      buffer: () => lease.buffer,
      callback: (length: number): boolean => {
        inbox?.push(lease.take(length));
        return false;
      },
    };
    let socket: Socket;
    try {
      socket = tls === undefined ? openPlain(address, onread) : openTls(address, tls, onread);
    } catch (cause) {
      reject(cause instanceof TypeError ? cause : badTlsOptions(cause));
      return;
    }
    const transport = new SocketTransport(socket, address, lease);
    inbox = transport.inbox;

    const timer =
      connectTimeout === undefined
        ? undefined
        : setTimeout(() => giveUp(timeoutFailure(address, connectTimeout)), connectTimeout);
    const onAbort = (): void => giveUp(abortedFailure(address));
    const onError = (cause: unknown): void => giveUp(connectFailure(address, cause));
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.off("error", onError);
    };
    const giveUp = (failure: unknown): void => {
      settle();
      socket.destroy();
      reject(failure);
    };
    signal?.addEventListener("abort", onAbort);
    socket.on("error", onError);
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      settle();
      resolve(transport);
    });
  });

function openPlain(address: Address, onread: OnReadOpts): Socket {
  const socket = connectPlain({ ...address, allowHalfOpen: true, onread });
  tune(socket);
  // Or the first read would begin with the connection, before anyone asked.
  socket.pause();
  return socket;
}

function openTls(address: Address, tls: TlsOptions, onread: OnReadOpts): Socket {
  const host = "host" in address ? address.host : "localhost";
  const name = tls.serverName ?? host;
  const options: ConnectionOptions & { allowHalfOpen: boolean; onread: OnReadOpts } = {
    ...address,
    // An IP address is verified, but it must not be sent as a server name (RFC 6066 3).
    ...(isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    ...(tls.ca === undefined ? {} : { ca: typeof tls.ca === "string" ? tls.ca : [...tls.ca] }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.passphrase === undefined ? {} : { passphrase: tls.passphrase }),
    rejectUnauthorized: tls.insecure !== true,
    allowHalfOpen: true,
    onread,
  };
  const socket = connectTls(options);
  tune(socket);
  return socket;
}

function tune(socket: Socket): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE);
}

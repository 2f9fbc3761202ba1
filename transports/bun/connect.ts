import type { Address, Connect, ConnectOptions, TlsOptions, Transport } from "../../src/transport.ts";
import { checkOptions } from "../shared/check_options.ts";
import { abortedFailure, badTlsOptions, connectFailure, timeoutFailure } from "../shared/failure.ts";
import { BunTransport } from "./bun_transport.ts";
import { type BunHandlers, type BunSocket, type BunTls, bun } from "./runtime.ts";

/** Probes a silent peer after this many ms, so that one that vanished is noticed even while nothing is read. */
const KEEP_ALIVE = 60_000;

/**
 * Opens a TCP, TLS or Unix socket connection with `Bun.connect`. It resolves when the connection (and the TLS handshake)
 * is done. Bun cannot take back an attempt: one that timed out or was aborted is closed when it succeeds after all.
 *
 * Rejects with `ReplicaError`: `CONNECT`, `TIMEOUT`, `NOAUTH` (the server asks for a client certificate; with TLS 1.3 that
 * comes with the first read), and `NO_RUNTIME` elsewhere than in Bun. TLS options that are no PEM are a `TypeError`.
 *
 * @example
 * ```ts no-run
 * import { createServer } from "node:net";
 * import { connect } from "rxreplica/bun";
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
  const { signal, connectTimeout, tls } = options;
  checkOptions(address, options);
  if (signal?.aborted === true) throw abortedFailure(address);

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
  const attempt = new Attempt(address, tls);
  try {
    return await Promise.race([attempt.done, stopped]);
  } catch (failure) {
    attempt.giveUp();
    throw failure;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
};

/** One call of `Bun.connect`, from its first callback to a transport that takes the callbacks over. */
class Attempt {
  readonly done: Promise<Transport>;
  #socket: BunSocket | undefined;
  #transport: BunTransport | undefined;
  #givenUp = false;
  /** What ended the attempt, until the transport is handed out. */
  #fail: (cause: unknown) => void = () => {};

  constructor(address: Address, tls: TlsOptions | undefined) {
    this.done = new Promise((resolve, reject) => {
      this.#fail = (cause) => reject(connectFailure(address, cause));
      const ready = (socket: BunSocket): void => {
        // Or bytes would come before anyone asked.
        socket.pause();
        if (this.#transport !== undefined) resolve(this.#transport);
      };
      const handlers: BunHandlers = {
        binaryType: "uint8array",
        open: (socket) => {
          this.#socket = socket;
          if (this.#givenUp) {
            socket.terminate();
            return;
          }
          if (!("path" in address)) {
            socket.setNoDelay(true);
            socket.setKeepAlive(true, KEEP_ALIVE);
          }
          this.#transport = new BunTransport(socket, address, { secure: tls !== undefined });
          if (tls === undefined) ready(socket);
        },
        handshake: (socket, success, error) => {
          // Without verification a certificate that is not trusted is told here all the same; EPROTO is a real failure.
          const excused = tls?.insecure === true && (error as { code?: string } | null)?.code !== "EPROTO";
          if (success || excused) ready(socket);
          else this.#fail(error);
        },
        data: (_socket, bytes) => this.#transport?.arrived(bytes),
        drain: () => this.#transport?.flush(),
        end: () => {
          this.#fail(new Error("the peer closed the connection"));
          this.#transport?.peerEnded();
        },
        error: (_socket, error) => {
          this.#fail(error);
          this.#transport?.gone(error);
        },
        close: (_socket, error) => {
          this.#fail(error ?? new Error("the peer closed the connection"));
          this.#transport?.gone(error);
        },
        connectError: (_socket, error) => this.#fail(error),
      };
      const target =
        "path" in address ? { unix: address.path } : { hostname: address.host, port: address.port };
      const secure =
        tls === undefined ? {} : { tls: bunTls(tls, "host" in address ? address.host : "localhost") };
      try {
        bun()
          .connect({ ...target, ...secure, allowHalfOpen: true, socket: handlers })
          .catch(this.#fail);
      } catch (cause) {
        reject(cause instanceof Error && cause.name === "ReplicaError" ? cause : badTlsOptions(cause));
      }
    });
  }

  giveUp(): void {
    this.#givenUp = true;
    this.done.catch(() => {});
    this.#socket?.terminate();
  }
}

function bunTls(tls: TlsOptions, host: string): BunTls {
  return {
    ...(tls.ca === undefined ? {} : { ca: typeof tls.ca === "string" ? tls.ca : [...tls.ca] }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.passphrase === undefined ? {} : { passphrase: tls.passphrase }),
    serverName: tls.serverName ?? host,
    rejectUnauthorized: tls.insecure !== true,
  };
}

import { Duplex } from "node:stream";
import { checkServerIdentity, connect as connectTls } from "node:tls";
import type { TlsOptions } from "../../src/transport.ts";
import { closeQuietly } from "./conn_transport.ts";
import type { DenoConn, DenoTlsConn } from "./runtime.ts";

/** Ciphertext is read in pieces of this size: the most that is decrypted ahead of what was asked for. */
const PIECE = 65_536;

/**
 * TLS of node:tls over a native connection. `Deno.connectTls` adds authorities to its own where `ca` means "these only",
 * cannot leave verification off, and takes no server name together with a client certificate. A socket of node:tls would
 * do all of it, but in Deno 2.9 it goes on reading while it is paused and buffers without bound (300 MB of a burst); fed
 * with ciphertext only on demand, it cannot.
 */
export function tlsOver(conn: DenoConn, host: string, tls: TlsOptions): DenoTlsConn {
  const name = tls.serverName ?? host;
  /** Plain bytes, at most those of one piece of ciphertext. */
  let plain: Uint8Array[] = [];
  let ended = false;
  let failure: unknown;
  let secure = false;
  let wanted = false;
  let parked = false;
  let wake: () => void = () => {};

  const raw: Duplex = new Duplex({
    allowHalfOpen: true,
    readableHighWaterMark: 1,
    read() {
      if (secure && !wanted) parked = true;
      else pump();
    },
    write(bytes: Uint8Array, _encoding, done) {
      writeAll(conn, bytes).then(() => done(), done);
    },
    destroy(error, done) {
      closeQuietly(conn);
      done(error);
    },
  });
  const pump = (): void => {
    parked = false;
    const piece = new Uint8Array(PIECE);
    conn.read(piece).then(
      (length) => raw.push(length === null ? null : piece.subarray(0, length)),
      (cause) => raw.destroy(cause),
    );
  };
  const socket = connectTls({
    socket: raw,
    // The name is verified even where it is an address, which must not be sent as a server name (RFC 6066 3).
    ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    ...(tls.ca === undefined ? {} : { ca: typeof tls.ca === "string" ? tls.ca : [...tls.ca] }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    rejectUnauthorized: tls.insecure !== true,
  });
  const handshake = new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", () => {
      secure = true;
      resolve();
    });
    socket.once("error", reject);
    socket.once("close", () =>
      reject(failure ?? new Error("the peer closed the connection during the TLS handshake")),
    );
  });
  // Nobody may be waiting for it by the time it fails.
  handshake.catch(() => {});
  const settle = (cause?: unknown): void => {
    ended = true;
    failure ??= cause;
    wake();
  };
  socket.on("data", (bytes) => {
    plain.push(bytes);
    wake();
  });
  socket.on("error", settle);
  socket.on("end", () => settle());
  socket.on("close", () => settle());

  return {
    handshake: () => handshake,
    async read(into) {
      while (plain.length === 0) {
        if (failure !== undefined) throw failure;
        if (ended) return null;
        wanted = true;
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        if (parked) pump();
        await woken;
        wanted = false;
      }
      return drain(into);
    },
    write(bytes) {
      return new Promise((resolve, reject) => {
        socket.write(bytes, (cause) => (cause ? reject(cause) : resolve(bytes.length)));
      });
    },
    close: () => socket.destroy(),
  };

  function drain(into: Uint8Array): number {
    let length = 0;
    while (plain.length > 0 && length < into.length) {
      const bytes = plain[0]!;
      const part = bytes.subarray(0, into.length - length);
      into.set(part, length);
      length += part.length;
      if (part.length === bytes.length) plain = plain.slice(1);
      else plain[0] = bytes.subarray(part.length);
    }
    return length;
  }
}

async function writeAll(conn: DenoConn, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(await conn.write(rest));
}

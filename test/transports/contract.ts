import { createHash, createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { rootCertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ReplicaError } from "../../src/errors.ts";
import type { AbortSignalLike, Address, Connect, ConnectOptions, Transport } from "../../src/transport.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { Peer, type PeerServer } from "./peer.ts";

const MiB = 1024 * 1024;
/** What a kernel may hold of one loopback connection that nobody reads, and some more for what is on its way. */
const KERNEL = kernelBuffers() + 8 * MiB;
/** What a runtime's heap may move by while it handles chunks that are thrown away. */
const HEAP = 96 * MiB;

/** Runs the transport contract against one `Connect`. */
export function transportContract(name: string, connect: Connect): void {
  describe(`${name}: transport contract`, () => {
    let peer: Peer;
    let certificates: Certificates;
    let strangers: Certificates;
    let folder: string;
    const open: Transport[] = [];

    beforeAll(async () => {
      peer = new Peer();
      [certificates, strangers] = await Promise.all([makeCertificates(), makeCertificates()]);
      folder = await mkdtemp(join(tmpdir(), "rxreplica-"));
    });
    afterAll(async () => {
      for (const transport of open) await transport.close();
      await peer.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const attach = async (
      address: Address | PeerServer,
      options: ConnectOptions = {},
    ): Promise<Transport> => {
      const target = "host" in address || "path" in address ? address : local(address);
      const transport = await connect(target, options);
      open.push(transport);
      return transport;
    };

    describe("chunks", () => {
      test("are plain Uint8Arrays, whole and in order, from a peer that sends one byte at a time", async () => {
        const server = await peer.serve("drip", { count: 300, size: 1 });
        const transport = await attach(server);
        const bytes: number[] = [];
        for await (const chunk of transport.chunks) {
          expect(Object.getPrototypeOf(chunk)).toBe(Uint8Array.prototype);
          bytes.push(...chunk);
        }
        expect(bytes).toEqual(Array.from({ length: 300 }, (_, index) => (index + 1) % 251));
      });

      test("are delivered before the end when the peer closed long ago", async () => {
        const server = await peer.serve("halfClose", { text: "last words" });
        const transport = await attach(server);
        await until(async () => (await server.stats()).connections === 1);
        await sleep(20);
        expect(await textOf(transport)).toBe("last words");
      });

      test("end again when asked after the end", async () => {
        const transport = await attach(await peer.serve("halfClose", { text: "x" }));
        const chunks = transport.chunks[Symbol.asyncIterator]();
        while ((await chunks.next()).done !== true);
        expect(await chunks.next()).toEqual({ done: true, value: undefined });
      });

      test("of small reads pin no larger buffer", async () => {
        const server = await peer.serve("drip", { count: 2000, size: 107 });
        const transport = await attach(server);
        let bytes = 0;
        for await (const chunk of transport.chunks) {
          bytes += chunk.length;
          expect(chunk.buffer.byteLength).toBeLessThanOrEqual(2 * chunk.length);
        }
        expect(bytes).toBe(2000 * 107);
      });

      test("are never written again", async () => {
        const transport = await attach(await peer.serve("burst", { bytes: 24 * MiB }));
        const kept: Uint8Array[] = [];
        for await (const chunk of transport.chunks) kept.push(chunk);
        expect(checkPattern(kept)).toBe(24 * MiB);
      });
    });

    describe("flow", () => {
      test("a 300 MB burst is held back while nobody asks, and memory stays flat while a slow reader takes it", async () => {
        await expectHeldBack(300_000_000, await peer.serve("burst", { bytes: 300_000_000 }), attach, {});
      });

      test("the same over TLS", async () => {
        const { serverKey: key, serverCert: cert, ca } = certificates;
        const server = await peer.serve("burst", { bytes: 100_000_000, tls: { key, cert } });
        await expectHeldBack(100_000_000, server, attach, { tls: { ca } });
      });

      test("writes wait for a peer that does not read, and close refuses them", async () => {
        const server = await peer.serve("deaf");
        const transport = await attach(server);
        const pending: Promise<void>[] = [];
        let accepted = 0;
        let refused = 0;
        for (let index = 0; index < 64; index += 1) {
          const write = transport.write(new Uint8Array(MiB));
          pending.push(write);
          write.then(
            () => (accepted += 1),
            (error: unknown) => {
              expect(codeOf(error)).toBe("closed");
              refused += 1;
            },
          );
        }
        await until(async () => {
          const before = accepted;
          await sleep(50);
          return accepted === before;
        });
        expect(accepted).toBeLessThan(64);
        const wereAccepted = accepted;
        await transport.close();
        await Promise.allSettled(pending);
        expect(accepted).toBe(wereAccepted);
        expect(refused).toBe(64 - accepted);
      });

      test("writes arrive whole and in the order they were made", async () => {
        const server = await peer.serve("sink");
        const transport = await attach(server);
        const hash = createHash("sha256");
        const parts = [5_000_000, 1, 0, 70_000, 3, 1_000_000].map((length, index) =>
          new Uint8Array(length).map((_, at) => (at * 7 + index) % 253),
        );
        for (const part of parts) hash.update(part);
        await Promise.all(parts.map((part) => transport.write(part)));
        const total = parts.reduce((sum, part) => sum + part.length, 0);
        await until(async () => (await server.stats()).received === total);
        await transport.close();
        await until(async () => (await server.stats()).ended === 1);
        expect((await server.stats()).digest).toBe(hash.digest("hex"));
      });
    });

    describe.each(["TCP", "TLS"])("ends over %s", (over) => {
      const serve = (behaviour: "say" | "sink" | "halfClose", text = ""): Promise<PeerServer> => {
        const { serverKey: key, serverCert: cert } = certificates;
        return peer.serve(behaviour, over === "TLS" ? { text, tls: { key, cert } } : { text });
      };
      const reach = (server: PeerServer): Promise<Transport> =>
        attach(server, over === "TLS" ? { tls: { ca: certificates.ca } } : {});

      test("a peer that closed only its own side can still be written to", async () => {
        const server = await serve("halfClose", "goodbye");
        const transport = await reach(server);
        expect(await textOf(transport)).toBe("goodbye");
        await transport.write(new Uint8Array(1000));
        await until(async () => (await server.stats()).received === 1000);
      });

      test("a reset mid-frame throws DISCONNECTED after what came before", async () => {
        const server = await serve("say", "$100\r\nhalf");
        const transport = await reach(server);
        const chunks = transport.chunks[Symbol.asyncIterator]();
        expect(decode((await chunks.next()).value)).toBe("$100\r\nhalf");
        const next = failureOf(chunks.next());
        await server.reset();
        const error = await next;
        expect(codeOf(error)).toBe("DISCONNECTED");
        expect((error as Error).message).toContain(`127.0.0.1:${server.port}`);
        expect(await chunks.next()).toEqual({ done: true, value: undefined });
        expect(codeOf(await failureOf(transport.write(new Uint8Array(1))))).toBe("DISCONNECTED");
      });

      test("close ends a pending read, is idempotent, and refuses later writes", async () => {
        const server = await serve("sink");
        const transport = await reach(server);
        // The client's side of a TLS handshake is done first.
        await until(async () => (await server.stats()).connections === 1);
        const chunks = transport.chunks[Symbol.asyncIterator]();
        const next = chunks.next();
        await Promise.all([transport.close(), transport.close()]);
        await transport.close();
        expect(await next).toEqual({ done: true, value: undefined });
        expect(codeOf(await failureOf(transport.write(new Uint8Array(1))))).toBe("closed");
        await until(async () => (await server.stats()).ended === 1);
      });

      test("leaving the loop over chunks closes", async () => {
        const server = await serve("say", "hello");
        const transport = await reach(server);
        for await (const chunk of transport.chunks) {
          expect(decode(chunk)).toBe("hello");
          break;
        }
        expect(codeOf(await failureOf(transport.write(new Uint8Array(1))))).toBe("closed");
        await until(async () => (await server.stats()).ended === 1);
      });
    });

    describe("connecting", () => {
      test("reaches IPv6 and host names", async () => {
        const six = await peer.serve("halfClose", { host: "::1", text: "six" });
        expect(await textOf(await attach({ host: "::1", port: six.port }))).toBe("six");
        const four = await peer.serve("halfClose", { text: "four" });
        expect(await textOf(await attach({ host: "localhost", port: four.port }))).toBe("four");
      });

      test("reaches Unix sockets, both ways", async () => {
        const path = join(folder, "echo.sock");
        await peer.serve("echo", { path });
        const transport = await attach({ path });
        await transport.write(encode("over a path"));
        expect(decode((await transport.chunks[Symbol.asyncIterator]().next()).value)).toBe("over a path");
      });

      test.each<[string, () => Promise<Address>, string]>([
        ["a refused port", async () => ({ host: "127.0.0.1", port: 1 }), "127.0.0.1:1"],
        ["a refused port of IPv6", async () => ({ host: "::1", port: 1 }), "[::1]:1"],
        [
          "an unknown host",
          async () => ({ host: "no-such-host.invalid", port: 6379 }),
          "no-such-host.invalid:6379",
        ],
        ["a missing socket", async () => ({ path: join(folder, "none.sock") }), "none.sock"],
      ])("%s is CONNECT and names the address", async (_what, address, words) => {
        const error = await failureOf(connect(await address(), {}));
        expect(codeOf(error)).toBe("CONNECT");
        expect((error as Error).message).toContain(words);
      });

      test.each<[string, Address, ConnectOptions, typeof Error]>([
        ["a port above 65535", { host: "127.0.0.1", port: 70_000 }, {}, RangeError],
        ["port 0", { host: "127.0.0.1", port: 0 }, {}, RangeError],
        ["an empty host", { host: "", port: 6379 }, {}, TypeError],
        ["an empty path", { path: "" }, {}, TypeError],
        ["no time at all", { host: "127.0.0.1", port: 6379 }, { connectTimeout: 0 }, RangeError],
        ["a key without a certificate", { host: "127.0.0.1", port: 6379 }, { tls: { key: "x" } }, TypeError],
      ])("%s is a wrong argument", async (_what, address, options, kind) => {
        expect(await failureOf(connect(address, options))).toBeInstanceOf(kind);
      });

      test("gives up after connectTimeout, and when aborted, at a host that does not answer", async () => {
        const frozen = new Peer();
        try {
          const { port } = await frozen.serve("deaf", { backlog: 1 });
          frozen.freeze();
          // Its kernel accepts until the backlog is full; from then on nothing answers.
          const address = { host: "127.0.0.1", port };
          let error: unknown;
          for (let attempt = 0; attempt < 8 && error === undefined; attempt += 1) {
            error = await attach(address, { connectTimeout: 300 }).then(
              () => undefined,
              (failure: unknown) => failure,
            );
          }
          expect(codeOf(error)).toBe("TIMEOUT");
          expect((error as Error).message).toContain("300 ms");

          const signal = new TestSignal();
          const attempt = failureOf(connect(address, { signal, connectTimeout: 60_000 }));
          await nextTurn();
          signal.abort();
          expect(codeOf(await attempt)).toBe("CONNECT");
          expect(signal.listeners.size).toBe(0);
        } finally {
          await frozen.stop();
        }
      });

      test("an aborted signal connects nothing; one that aborts later does not matter", async () => {
        const server = await peer.serve("echo");
        const early = new TestSignal();
        early.abort();
        expect(codeOf(await failureOf(connect(local(server), { signal: early })))).toBe("CONNECT");
        const late = new TestSignal();
        const transport = await attach(server, { signal: late });
        expect(late.listeners.size).toBe(0);
        late.abort();
        await transport.write(encode("still here"));
        expect(decode((await transport.chunks[Symbol.asyncIterator]().next()).value)).toBe("still here");
      });
    });

    describe("TLS", () => {
      const serve = (more: object = {}): Promise<PeerServer> => {
        const { serverKey: key, serverCert: cert } = certificates;
        return peer.serve("echo", { tls: { key, cert, ...more } });
      };
      const roundTrip = async (
        server: PeerServer,
        tls: NonNullable<ConnectOptions["tls"]>,
      ): Promise<string> => {
        const transport = await attach(server, { tls });
        await transport.write(encode("secret"));
        const text = decode((await transport.chunks[Symbol.asyncIterator]().next()).value);
        await transport.close();
        return text;
      };

      test("trusts the authorities given", async () => {
        const server = await serve();
        expect(await roundTrip(server, { ca: certificates.ca })).toBe("secret");
        expect(await roundTrip(server, { ca: [rootCertificates[0]!, certificates.ca] })).toBe("secret");
      });

      test("refuses a certificate of other authorities", async () => {
        const server = await serve();
        for (const tls of [{ ca: strangers.ca }, {}]) {
          const error = await failureOf(connect(local(server), { tls }));
          expect(codeOf(error)).toBe("CONNECT");
          expect((error as Error).message).toContain("not trusted");
        }
      });

      test("verifies the server name, given or not", async () => {
        const server = await serve();
        expect(await roundTrip(server, { ca: certificates.ca, serverName: "localhost" })).toBe("secret");
        const error = await failureOf(
          connect(local(server), { tls: { ca: certificates.ca, serverName: "elsewhere.example" } }),
        );
        expect(codeOf(error)).toBe("CONNECT");
        expect((error as Error).message).toContain("serverName");
      });

      test("verifies nothing when told so", async () => {
        expect(await roundTrip(await serve(), { insecure: true, serverName: "elsewhere.example" })).toBe(
          "secret",
        );
      });

      test("shows its client certificate", async () => {
        const server = await serve({ ca: certificates.ca, requestCert: true });
        const { ca, clientCert: cert, clientKey: key } = certificates;
        expect(await roundTrip(server, { ca, cert, key })).toBe("secret");
        expect(await roundTrip(server, { ca, cert, key, serverName: "localhost" })).toBe("secret");
        expect(await roundTrip(server, { insecure: true, cert, key })).toBe("secret");
        const passphrase = "four words of it";
        const locked = createPrivateKey(key).export({
          type: "pkcs8",
          format: "pem",
          cipher: "aes-256-cbc",
          passphrase,
        });
        expect(await roundTrip(server, { ca, cert, key: String(locked), passphrase })).toBe("secret");
        for (const wrong of ["another", undefined]) {
          const tls = { ca, cert, key: String(locked), passphrase: wrong };
          const error = await failureOf(connect(local(server), { tls }));
          expect(error).toBeInstanceOf(TypeError);
          expect((error as Error).message).not.toContain("another");
        }
      });

      test.each(["TLSv1.2", "TLSv1.3"] as const)(
        "says that a client certificate is missing (%s)",
        async (maxVersion) => {
          const server = await serve({ ca: certificates.ca, requestCert: true, maxVersion });
          const error = await failureOf(
            (async () => {
              const transport = await attach(server, { tls: { ca: certificates.ca } });
              await textOf(transport);
            })(),
          );
          expect(codeOf(error)).toBe(maxVersion === "TLSv1.3" ? "NOAUTH" : "CONNECT");
          expect((error as Error).message).toContain("client certificate");
        },
      );

      test("says that the server speaks no TLS", async () => {
        const server = await peer.serve("say", { text: "-ERR unknown command\r\n" });
        const error = await failureOf(connect(local(server), { tls: { ca: certificates.ca } }));
        expect(codeOf(error)).toBe("CONNECT");
        expect((error as Error).message).toContain("TLS");
      });

      test.each(["end", "reset"] as const)(
        "a peer that makes an %s of the handshake is CONNECT",
        async (how) => {
          const server = await peer.serve("sink");
          const attempt = failureOf(connect(local(server), { tls: { ca: certificates.ca } }));
          await until(async () => (await server.stats()).received > 0);
          await server[how]();
          expect(codeOf(await attempt)).toBe("CONNECT");
        },
      );

      test("counts the handshake into connectTimeout", async () => {
        const server = await peer.serve("deaf");
        const error = await failureOf(connect(local(server), { tls: {}, connectTimeout: 200 }));
        expect(codeOf(error)).toBe("TIMEOUT");
      });

      test("takes a certificate or key that is no PEM as a wrong argument", async () => {
        const server = await serve();
        const tls = { ca: certificates.ca, cert: "no certificate", key: "private words" };
        const error = await failureOf(connect(local(server), { tls }));
        expect(error).toBeInstanceOf(TypeError);
        expect((error as Error).message).not.toContain("private words");
      });
    });
  });
}

/** Nobody reads: the sender must come to rest. Then a slow reader takes all of it, and memory must not grow by it. */
async function expectHeldBack(
  bytes: number,
  server: PeerServer,
  attach: (server: PeerServer, options: ConnectOptions) => Promise<Transport>,
  options: ConnectOptions,
): Promise<void> {
  const transport = await attach(server, options);
  const chunks = transport.chunks[Symbol.asyncIterator]();
  const first = await chunks.next();
  expect(first.done).toBe(false);
  let sent = -1;
  await until(async () => {
    const before = sent;
    await sleep(100);
    sent = (await server.stats()).sent;
    return sent === before;
  });
  expect(sent).toBeLessThan(KERNEL);

  const before = process.memoryUsage().rss;
  let peak = before;
  let received = checkPattern([first.value]);
  let turn = 0;
  let next = await chunks.next();
  while (next.done !== true) {
    received += checkPattern([next.value], received);
    turn += 1;
    if (turn % 200 === 0) {
      await sleep(1);
      peak = Math.max(peak, process.memoryUsage().rss);
      const lead = (await server.stats()).sent - received;
      expect(lead).toBeLessThan(KERNEL);
    }
    next = await chunks.next();
  }
  expect(received).toBe(bytes);
  expect(peak - before).toBeLessThan(HEAP);
}

/** Linux says how far it lets buffers of sockets grow; elsewhere they stay below this. */
function kernelBuffers(): number {
  const largest = (name: string): number =>
    Number(readFileSync(`/proc/sys/net/ipv4/${name}`, "utf8").trim().split(/\s+/)[2]);
  try {
    return largest("tcp_rmem") + largest("tcp_wmem");
  } catch {
    return 16 * MiB;
  }
}

const REFERENCE = new Uint8Array(2 * 262_144 + 502).map((_, index) => index % 251);

/** Checks the burst's bytes (offset % 251) and returns how many there were. */
function checkPattern(chunks: readonly Uint8Array[], start = 0): number {
  let offset = start;
  for (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      const part = chunk.subarray(at, at + 2 * 262_144);
      const phase = offset % 251;
      if (Buffer.compare(part, REFERENCE.subarray(phase, phase + part.length)) !== 0) {
        throw new Error(`Wrong bytes in the chunk at ${offset}`);
      }
      at += part.length;
      offset += part.length;
    }
  }
  return offset - start;
}

class TestSignal implements AbortSignalLike {
  aborted = false;
  readonly listeners: Set<() => void> = new Set();
  addEventListener(_type: "abort", listener: () => void): void {
    this.listeners.add(listener);
  }
  removeEventListener(_type: "abort", listener: () => void): void {
    this.listeners.delete(listener);
  }
  abort(): void {
    this.aborted = true;
    for (const listener of [...this.listeners]) listener();
  }
}

function local(server: PeerServer): Address {
  return { host: "127.0.0.1", port: server.port };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}

async function textOf(transport: Transport): Promise<string> {
  let text = "";
  for await (const chunk of transport.chunks) text += decode(chunk);
  return text;
}

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => new Error(`No failure, but ${String(value)}`),
    (error: unknown) => error,
  );
}

function codeOf(error: unknown): string {
  return error instanceof ReplicaError ? error.code : String(error);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

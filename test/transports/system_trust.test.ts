import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TlsOptions } from "../../src/transport.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { Peer, type PeerServer } from "./peer.ts";

/** This runtime's own transport: its TLS without `ca` is what only a process with other authorities can show. */
const RUNTIME = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

describe(`${RUNTIME}: TLS with the runtime's own authorities`, () => {
  let peer: Peer;
  let certificates: Certificates;
  let strangers: Certificates;
  let folder: string;
  let child: ChildProcess;
  let answers: AsyncIterator<string>;

  beforeAll(async () => {
    peer = new Peer();
    [certificates, strangers] = await Promise.all([makeCertificates(), makeCertificates()]);
    folder = await mkdtemp(join(tmpdir(), "rxreplica-"));
    const file = join(folder, "ca.pem");
    await writeFile(file, certificates.ca);
    const script = fileURLToPath(new URL("trust_child.ts", import.meta.url));
    const before = { node: ["--import", "tsx"], bun: [], deno: ["run", "-A"] }[RUNTIME];
    const connect = new URL(`../../transports/${RUNTIME}/connect.ts`, import.meta.url).href;
    child = spawn(process.execPath, [...before, script, connect], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, NODE_EXTRA_CA_CERTS: file, DENO_TLS_CA_STORE: "system", SSL_CERT_FILE: file },
    });
    answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  });
  afterAll(async () => {
    child.stdin!.end();
    await peer.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const serve = (more: object = {}): Promise<PeerServer> =>
    peer.serve("echo", { tls: { key: certificates.serverKey, cert: certificates.serverCert, ...more } });
  const hear = async (): Promise<string> => JSON.parse((await answers.next()).value as string) as string;
  const ask = (port: number, tls: TlsOptions): Promise<string> => {
    child.stdin!.write(`${JSON.stringify({ port, tls })}\n`);
    return hear();
  };

  test("trusts them, verifies names, shows client certificates", async () => {
    const { port } = await serve();
    expect(await ask(port, {})).toBe("secret");
    expect(await ask(port, { serverName: "localhost" })).toBe("secret");
    expect(await ask(port, { serverName: "elsewhere.example" })).toMatch(/^CONNECT: .*serverName/);
    const strict = await serve({ ca: certificates.ca, requestCert: true });
    const { clientCert: cert, clientKey: key } = certificates;
    expect(await ask(strict.port, { cert, key })).toBe("secret");
    expect(await ask(strict.port, { cert, key, serverName: "localhost" })).toBe("secret");
    expect(await ask(strict.port, {})).toMatch(/^NOAUTH: .*client certificate/);
  });

  test("authorities given are trusted instead of them, not besides them", async () => {
    const { port } = await serve();
    expect(await ask(port, { ca: strangers.ca })).toMatch(/^CONNECT: .*not trusted/);
    expect(await ask(port, { ca: certificates.ca })).toBe("secret");
  });

  test("holds a 100 MB burst back while nobody asks", async () => {
    const { serverKey: key, serverCert: cert } = certificates;
    const server = await peer.serve("burst", { bytes: 100_000_000, tls: { key, cert } });
    child.stdin!.write(`${JSON.stringify({ port: server.port, tls: {}, stall: true })}\n`);
    expect(await hear()).toBe("stalled");
    let sent = -1;
    for (let before = -2; sent !== before; ) {
      before = sent;
      await sleep(100);
      sent = (await server.stats()).sent;
    }
    expect(sent).toBeLessThan(50_000_000);
    child.stdin!.write("go on\n");
    expect(await hear()).toBe("100000000");
  });
});

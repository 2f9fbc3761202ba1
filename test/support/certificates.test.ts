import { X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeServers } from "../servers/describe.ts";
import { startServer, toolPath } from "../servers/mod.ts";
import { run } from "../servers/run.ts";
import { makeCertificates } from "./certificates.ts";
import { connectClient } from "./client.ts";

test("makeCertificates gives a server and a client certificate signed by the CA", async () => {
  const made = await makeCertificates({
    names: ["db.example", "localhost"],
    addresses: ["127.0.0.1", "::1"],
  });
  const ca = new X509Certificate(made.ca);
  expect(ca.ca).toBe(true);
  expect(ca.verify(ca.publicKey)).toBe(true);
  const server = new X509Certificate(made.serverCert);
  expect(server.verify(ca.publicKey)).toBe(true);
  expect(server.checkIssued(ca)).toBe(true);
  expect(server.ca).toBe(false);
  expect(server.subjectAltName).toMatch(
    /^DNS:db.example, DNS:localhost, IP Address:127.0.0.1, IP Address:(0:0:0:0:0:0:0|:):1$/,
  );
  expect(server.checkHost("db.example")).toBe("db.example");
  expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(new X509Certificate(made.clientCert).verify(ca.publicKey)).toBe(true);
  expect(Date.parse(server.validTo)).toBeGreaterThan(Date.now());
});

describeServers("a server with TLS", (kind) => {
  test("lets in who shows its client certificate, and only those", async () => {
    const server = await startServer({ kind, tls: true });
    const { url, certificates } = server.tls!;
    const client = await connectClient(url, { certificates });
    expect(await client.text("PING")).toBe("PONG");
    client.close();
    const other = await makeCertificates();
    await expect(connectClient(url, { certificates: other })).rejects.toThrow(/certificate/);
    // Asked by the server's own program: clients differ in when they notice that their certificate was refused.
    const ping = async (cert: string, key: string) => {
      const files = { ca: certificates.ca, cert, key };
      for (const [name, pem] of Object.entries(files)) await writeFile(join(server.dir, name), pem);
      const options = Object.keys(files).flatMap((name) => [name === "ca" ? "--cacert" : `--${name}`, name]);
      const argv = [
        ...(await toolPath(kind, "cli")),
        "-p",
        String(server.tls!.port),
        "--tls",
        ...options,
        "PING",
      ];
      return (await run(argv, { cwd: server.dir })).stdout.trim();
    };
    expect(await ping(certificates.clientCert, certificates.clientKey)).toBe("PONG");
    expect(await ping(other.clientCert, other.clientKey)).not.toBe("PONG");
    await server.stop();
  });

  test("asks for no client certificate when told so", async () => {
    const server = await startServer({ kind, tls: { authClients: "no" } });
    const { url, certificates } = server.tls!;
    const client = await connectClient(url, { certificates: { ca: certificates.ca } });
    expect(await client.text("PING")).toBe("PONG");
    client.close();
    await server.stop();
  });
});

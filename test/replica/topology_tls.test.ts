/** Sentinels and clusters that speak nothing but TLS with client certificates, and Sentinels with a password of their own. */
import { afterEach, beforeAll, expect, test } from "vitest";
import type { ReplicaOptions } from "../../src/replica/options.ts";
import { startCluster } from "../servers/cluster.ts";
import { describeServers } from "../servers/describe.ts";
import { type ServerKind, startServer, type TestServer } from "../servers/mod.ts";
import { startSentinels, type TestSentinels } from "../servers/sentinel.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { connectClient } from "../support/client.ts";
import { numbered, sets, shardsIn, write } from "./support/cluster_data.ts";
import { Follower } from "./support/follower.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});

const CONFIG = { "repl-diskless-sync-delay": "0", "repl-ping-replica-period": "1" };
const APP = { username: "app", password: "p@ss:w/rd" };
const SENTINEL_PASSWORD = "only for sentinels";

/** What a client needs to get in. */
function client(): { ca: string; cert: string; key: string } {
  const { ca, clientCert: cert, clientKey: key } = certificates;
  return { ca, cert, key };
}

function follow(url: string, options: ReplicaOptions): Follower {
  const follower = new Follower(url, { reconnect: { minDelay: 20, maxDelay: 200 }, ...options });
  cleanups.push(() => follower.stop());
  return follower;
}

/** A primary and its replica under three Sentinels; servers and Sentinels each have credentials of their own. */
async function startGroup(kind: ServerKind): Promise<{ primary: TestServer; group: TestSentinels }> {
  const tls = { certificates };
  const config = {
    ...CONFIG,
    user: [`app on >${APP.password} ~* &* +@all`, "default on >servers ~* &* +@all"],
    masteruser: "app",
    masterauth: `"${APP.password}"`,
    "tls-replication": "yes",
  };
  const primary = await startServer({ kind, config, tls });
  cleanups.push(() => primary.stop());
  const replicaof = `127.0.0.1 ${primary.tls!.port}`;
  const replica = await startServer({ kind, config: { ...config, replicaof }, tls });
  cleanups.push(() => replica.stop());
  const group = await startSentinels({
    kind,
    primary,
    replicas: 1,
    tls,
    password: SENTINEL_PASSWORD,
    serverAccess: APP,
  });
  cleanups.push(() => group.stop());
  return { primary, group };
}

async function set(port: number, key: string): Promise<void> {
  const access = await connectClient(`rediss://127.0.0.1:${port}`, { ...APP, certificates });
  await access.command(["SET", key, "1"]);
  access.close();
}

// Groups take seconds to form: the oldest kind and the newest tell enough.
describeServers("Over TLS with client certificates", overTls, ["redis-7.0", "valkey-9.1"]);

function overTls(kind: ServerKind): void {
  test("a Sentinel source follows the primary, with credentials for each side", async () => {
    const { primary, group } = await startGroup(kind);
    const sentinel = { password: SENTINEL_PASSWORD };
    const follower = follow(group.tlsUrl, { ...APP, tls: client(), sentinel });
    await follower.seen("online");
    await set(primary.tls!.port, "one");
    await follower.until("the write", () => follower.commands.includes("SET one 1"));
    const port = await group.failover();
    await follower.seen("online", 2);
    await set(port, "two");
    await follower.until("the next write", () => follower.commands.includes("SET two 1"));
    const addresses = follower.link("connecting").map(({ address }) => address);
    expect([addresses[0], addresses.at(-1)]).toEqual([`127.0.0.1:${primary.tls!.port}`, `127.0.0.1:${port}`]);
    expect(follower.link("reset")).toEqual([]);
    expect(follower.link("fullresync")).toHaveLength(1);
    // Sentinels that are asked without TLS name the same server.
    const plain = follow(group.url, { ...APP, tls: client(), sentinel: { ...sentinel, tls: false } });
    await plain.seen("online");
    expect(plain.link("connecting")[0]!.address).toBe(`127.0.0.1:${port}`);
    // What opens the one side does not open the other, and is not tried again.
    const noPassword = follow(group.tlsUrl, { ...APP, tls: client() });
    expect(await noPassword.end()).toMatchObject({ code: "NOAUTH" });
    const wrongPassword = follow(group.tlsUrl, {
      ...APP,
      tls: client(),
      sentinel: { password: APP.password },
    });
    expect(await wrongPassword.end()).toMatchObject({ code: "WRONGPASS" });
    const wrongUser = follow(group.tlsUrl, { password: SENTINEL_PASSWORD, tls: client(), sentinel });
    expect(await wrongUser.end()).toMatchObject({ code: "WRONGPASS" });
    const noCertificate = follow(group.tlsUrl, { ...APP, tls: { ca: certificates.ca }, sentinel });
    expect(await noCertificate.end()).toBeInstanceOf(Error);
    for (const { events } of [noPassword, wrongPassword, wrongUser]) {
      expect(events.filter(({ event }) => event === "retry")).toEqual([]);
    }
  }, 60_000);

  test("a cluster source attaches to the TLS ports of all shards, and follows one that fails over", async () => {
    const cluster = await startCluster({
      kind,
      replicasPerPrimary: 1,
      tls: { certificates },
      config: CONFIG,
    });
    cleanups.push(() => cluster.stop());
    const follower = follow(cluster.tlsUrl, { tls: client() });
    await follower.seen("online", 3);
    const keys = numbered("k", 60);
    await write(cluster, keys, "1");
    await sets(follower, keys, "1");
    await cluster.failover(cluster.nodes[3]!);
    await write(cluster, keys, "2");
    await sets(follower, keys, "2");
    expect(shardsIn(follower).size).toBe(3);
    expect(follower.link("reset")).toEqual([]);
    const known = new Set(cluster.nodes.map(({ tls }) => `127.0.0.1:${tls!.port}`));
    const used = (): string[] => follower.link("connecting").map(({ address }) => address);
    // Until the cluster was asked again it may be the old primary that passes the writes on.
    await follower.until("the new primary", () =>
      used().includes(`127.0.0.1:${cluster.nodes[3]!.tls!.port}`),
    );
    expect(used().filter((address) => !known.has(address))).toEqual([]);
    const noCertificate = follow(cluster.tlsUrl, { tls: { ca: certificates.ca } });
    expect(await noCertificate.end()).toMatchObject({ name: "ReplicaError" });
  }, 60_000);
}

import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findServer, serverCache } from "./find.ts";
import { withLock } from "./lock.ts";
import { debianArchives } from "./mirror.ts";

let folder: string;
const before = { ...process.env };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rxr-find-"));
});

afterEach(async () => {
  for (const name of ["PATH", "RXREPLICA_SERVER_CACHE", "XDG_CACHE_HOME"]) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  await rm(folder, { recursive: true, force: true });
});

/** A program that does nothing but say a version. */
async function fakeServer(name: string, version: string): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, name), `#!/bin/sh\necho "Fake server v=${version} sha=0"\n`);
  await chmod(join(bin, name), 0o755);
  return bin;
}

describe("findServer", () => {
  test("says why a server is missing where there is neither one on PATH nor apt", async () => {
    process.env.PATH = join(folder, "nothing");
    process.env.RXREPLICA_SERVER_CACHE = join(folder, "cache");
    const found = await findServer("redis-8.0", { retry: true });
    expect(found).toEqual({ kind: "redis-8.0", reason: expect.stringContaining("no apt-get") });
    expect(await readdir(folder)).toEqual([]);
  });

  test("takes the version that it names from PATH", async () => {
    process.env.PATH = await fakeServer("valkey-server", "9.1.7");
    const found = await findServer("valkey-9.1", { retry: true });
    expect(found).toMatchObject({ version: "9.1.7", origin: "path", family: "valkey" });
    expect("tools" in found && found.tools.server).toEqual([join(folder, "bin", "valkey-server")]);
  });

  test("takes another version of the same major only for want of the right one", async () => {
    process.env.RXREPLICA_SERVER_CACHE = join(folder, "cache");
    process.env.PATH = await fakeServer("redis-server", "8.4.0");
    expect(await findServer("redis-8.0", { retry: true })).toMatchObject({ version: "8.4.0" });
    expect(await findServer("redis-7.0", { retry: true })).toHaveProperty("reason");
  });

  test("reads a cached server without asking anybody", async () => {
    process.env.PATH = "";
    process.env.RXREPLICA_SERVER_CACHE = folder;
    const program = join(folder, "program");
    await writeFile(program, "");
    const manifest = { kind: "redis-7.0", family: "redis", version: "7.0.99", origin: "debian" };
    const target = join(folder, process.arch, "redis-7.0");
    await mkdir(target, { recursive: true });
    const text = JSON.stringify({ ...manifest, tools: { server: [program] } });
    await writeFile(join(target, "manifest.json"), text);
    expect(await findServer("redis-7.0", { retry: true })).toMatchObject(manifest);
    await rm(program);
    expect(await findServer("redis-7.0", { retry: true })).toHaveProperty("reason");
  });

  test("keeps servers in the user's cache unless told otherwise", () => {
    delete process.env.RXREPLICA_SERVER_CACHE;
    process.env.XDG_CACHE_HOME = "/caches";
    expect(serverCache()).toBe(join("/caches", "rxreplica", "servers"));
    process.env.RXREPLICA_SERVER_CACHE = "/elsewhere";
    expect(serverCache()).toBe("/elsewhere");
  });
});

describe("debianArchives", () => {
  test("takes the machine's own mirror before Debian's", async () => {
    await mkdir(join(folder, "sources.list.d"));
    await writeFile(
      join(folder, "sources.list"),
      [
        "# deb http://old.example/debian stretch main",
        "deb [arch=amd64 signed-by=/etc/hosts] http://mirror.example/debian/ trixie main contrib",
        "deb http://mirror.example/debian-security trixie-security main",
        "deb http://ubuntu.example/ubuntu noble main",
        "deb-src http://source.example/debian trixie main",
      ].join("\n"),
    );
    await writeFile(
      join(folder, "sources.list.d", "debian.sources"),
      [
        "# A comment\nTypes: deb deb-src",
        "# another\nURIs: http://second.example/debian\n https://third.example/debian",
        "Suites: trixie\nComponents: main",
        "",
        "Enabled: no\nTypes: deb\nURIs: http://off.example/debian\nSuites: trixie\nComponents: main",
        "",
        "Types: deb\nURIs: http://others.example/node\nSuites: nodistro\nComponents: main",
      ].join("\n"),
    );
    const archives = await debianArchives(folder);
    expect(archives.map(({ uri }) => uri)).toEqual([
      "http://mirror.example/debian/",
      "http://second.example/debian",
      "https://third.example/debian",
      expect.stringMatching(/^https?:\/\/deb\.debian\.org\/debian$/),
    ]);
    expect(archives[0]!.keyring).toBe("/etc/hosts");
  });

  test("is Debian's own host where nothing is set up", async () => {
    const [archive, ...others] = await debianArchives(join(folder, "nothing"));
    expect(others).toEqual([]);
    // Without keys to check signatures with, the connection itself must be trusted.
    expect(archive!.uri).toBe(`${archive!.keyring === undefined ? "https" : "http"}://deb.debian.org/debian`);
  });
});

describe("withLock", () => {
  test("lets one in at a time", async () => {
    const path = join(folder, "lock");
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await sleep(20);
      inside--;
    };
    let waited = 0;
    await Promise.all([1, 2, 3].map(() => withLock(path, work, () => waited++)));
    expect(waited).toBe(2);
    expect(await readdir(folder)).toEqual([]);
  });

  test("takes over from a holder that died", async () => {
    const path = join(folder, "lock");
    await mkdir(path);
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(path, longAgo, longAgo);
    expect(await withLock(path, async () => "in")).toBe("in");
  });

  test("is free again after work that failed", async () => {
    const path = join(folder, "lock");
    await expect(withLock(path, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withLock(path, async () => "in")).toBe("in");
  });
});

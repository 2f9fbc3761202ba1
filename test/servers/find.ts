/** Finds the servers: on PATH, in the cache, or unpacked into the cache now. */
import { existsSync } from "node:fs";
import { access, constants, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { unpackFromDebian } from "./debian.ts";
import { KINDS, type ServerFamily, type ServerKind, TOOLS, type Tool } from "./kinds.ts";
import { withLock } from "./lock.ts";
import { run } from "./run.ts";

/** A server that can be started here. */
export interface FoundServer {
  readonly kind: ServerKind;
  readonly family: ServerFamily;
  /** As the program itself says it, `8.0.2`. */
  readonly version: string;
  readonly origin: "path" | "debian";
  /** The command of each program: words to put in front of its arguments. */
  readonly tools: Readonly<Partial<Record<Tool, readonly string[]>>>;
}

/** Why a server is not there. */
export interface MissingServer {
  readonly kind: ServerKind;
  readonly reason: string;
}

export interface FindOptions {
  /** Try again though a try of the last minutes failed. */
  readonly retry?: boolean;
}

/** After a failed download nobody tries again for so long: a machine without network should not wait in each test file. */
const FAILURE_MS = 600_000;

const lookups = new Map<ServerKind, Promise<FoundServer | MissingServer>>();

/**
 * The server of that kind, or the reason why there is none. The first call on a machine may download for some seconds and
 * says so on standard error; later ones read one small file.
 */
export function findServer(
  kind: ServerKind,
  options: FindOptions = {},
): Promise<FoundServer | MissingServer> {
  let lookup = options.retry === true ? undefined : lookups.get(kind);
  if (lookup === undefined) lookups.set(kind, (lookup = lookUp(kind, options)));
  return lookup;
}

/** Like `findServer`, but a missing server is an error. */
export async function requireServer(kind: ServerKind): Promise<FoundServer> {
  const found = await findServer(kind);
  if ("reason" in found) throw new Error(`Cannot find ${kind}: ${found.reason}`);
  return found;
}

/** The command of one program of a server, as words to put in front of its arguments. */
export async function toolPath(kind: ServerKind, tool: Tool): Promise<readonly string[]> {
  const argv = (await requireServer(kind)).tools[tool];
  if (argv === undefined) throw new Error(`Cannot find the program ${KINDS[kind].family}-${tool} of ${kind}`);
  return argv;
}

/** Where unpacked servers are kept: `RXREPLICA_SERVER_CACHE`, else a folder in the user's cache. */
export function serverCache(): string {
  const { RXREPLICA_SERVER_CACHE: chosen, XDG_CACHE_HOME: xdg } = process.env;
  if (chosen) return chosen;
  const base =
    xdg || (process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache"));
  return join(base, "rxreplica", "servers");
}

async function lookUp(kind: ServerKind, options: FindOptions): Promise<FoundServer | MissingServer> {
  const onPath = await findOnPath(kind);
  const { line } = KINDS[kind];
  if (onPath?.version.startsWith(`${line}.`)) return onPath;
  try {
    return await fromCache(kind, options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // Another version of the same major is better than nothing.
    if (onPath?.version.startsWith(line.slice(0, line.indexOf(".") + 1))) {
      say(kind, `${reason}; using ${onPath.version} from PATH in its place`);
      return onPath;
    }
    return { kind, reason };
  }
}

async function fromCache(kind: ServerKind, options: FindOptions): Promise<FoundServer> {
  const folder = join(serverCache(), process.arch);
  const target = join(folder, kind);
  const cached = await readManifest(target);
  if (cached !== undefined) return cached;
  if (!(await commandExists("apt-get")) || !(await commandExists("dpkg-deb"))) {
    throw new Error("not on PATH, and there is no apt-get and dpkg-deb to unpack Debian's packages with");
  }
  const failure = join(folder, `${kind}.failed`);
  if (options.retry !== true) await failAgain(failure);
  await mkdir(folder, { recursive: true });
  const waiting = () => say(kind, "another process is unpacking it, waiting");
  return await withLock(`${target}.lock`, async () => (await readManifest(target)) ?? install(), waiting);

  async function install(): Promise<FoundServer> {
    try {
      if (options.retry !== true) await failAgain(failure);
      const found = await unpack(kind, target);
      await rm(failure, { force: true });
      return found;
    } catch (error) {
      await writeFile(failure, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }
}

async function failAgain(failure: string): Promise<void> {
  const age = await stat(failure).then(
    (found) => Date.now() - found.mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
  if (age < FAILURE_MS) {
    throw new Error(
      `${await readFile(failure, "utf8")} (tried a while ago; \`npm run servers\` tries again)`,
    );
  }
}

/** Unpacks beside the target and moves the whole into its place, so that a half-unpacked server is never seen. */
async function unpack(kind: ServerKind, target: string): Promise<FoundServer> {
  const info = KINDS[kind];
  const started = Date.now();
  const work = `${target}.apt`;
  const fresh = `${target}.new-${process.pid}`;
  await removeLeftovers(target);
  say(kind, `not on PATH: unpacking Debian's packages into ${target}`);
  const { launcher, bin } = await unpackFromDebian({
    info,
    root: fresh,
    work,
    say: (text) => say(kind, text),
  });
  const tools: Partial<Record<Tool, string[]>> = {};
  for (const tool of TOOLS) {
    const path = join(bin, `${info.family}-${tool}`);
    if (existsSync(path)) tools[tool] = [...launcher, path];
  }
  const version = await askVersion(tools.server ?? []);
  // The paths in the manifest are those after the move.
  const manifest = { kind, family: info.family, version, origin: "debian", tools };
  const text = JSON.stringify(manifest, null, 2).replaceAll(fresh, target);
  await writeFile(join(fresh, "manifest.json"), `${text}\n`);
  await rename(fresh, target);
  await rm(work, { recursive: true, force: true });
  say(kind, `${version} is ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return JSON.parse(text) as FoundServer;
}

/** What a try that was killed left behind, and a server whose manifest names files that are gone. */
async function removeLeftovers(target: string): Promise<void> {
  const names = await readdir(dirname(target));
  const left = names.filter(
    (name) => name === basename(target) || name.startsWith(`${basename(target)}.new-`),
  );
  for (const name of left) await rm(join(dirname(target), name), { recursive: true, force: true });
}

async function readManifest(target: string): Promise<FoundServer | undefined> {
  const text = await readFile(join(target, "manifest.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const found = JSON.parse(text) as FoundServer;
  // A cache that was moved or copied elsewhere names files that are not there.
  return existsSync(found.tools.server?.[0] ?? "") ? found : undefined;
}

async function findOnPath(kind: ServerKind): Promise<FoundServer | undefined> {
  const { family } = KINDS[kind];
  const tools: Partial<Record<Tool, string[]>> = {};
  for (const tool of TOOLS) {
    const path = await commandExists(`${family}-${tool}`);
    if (path !== undefined) tools[tool] = [path];
  }
  if (tools.server === undefined) return undefined;
  const version = await askVersion(tools.server).catch(() => undefined);
  return version === undefined ? undefined : { kind, family, version, origin: "path", tools };
}

async function askVersion(argv: readonly string[]): Promise<string> {
  if (argv.length === 0) throw new Error("the packages hold no server program");
  const { stdout, stderr } = await run([...argv, "--version"], { timeout: 20_000 });
  const version = /\bv=(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined)
    throw new Error(`its program does not run: ${(stderr || stdout).trim().slice(0, 300)}`);
  return version;
}

async function commandExists(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, name);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

function say(kind: ServerKind, message: string): void {
  process.stderr.write(`[servers] ${kind}: ${message}\n`);
}

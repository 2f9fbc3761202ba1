/**
 * Unpacks servers from Debian packages without root: apt runs on a state of its own, so it neither needs nor changes the
 * machine's, and `dpkg-deb -x` writes the files below a folder of ours. The programs then run through the dynamic loader
 * that was unpacked with them, which makes them independent of the machine's own libraries.
 */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { KindInfo } from "./kinds.ts";
import { type Archive, debianArchives } from "./mirror.ts";
import { type RunResult, run } from "./run.ts";

export interface UnpackOptions {
  readonly info: KindInfo;
  /** Folder for the unpacked files; must not exist. */
  readonly root: string;
  /** Folder for apt's indexes and downloads; kept when something fails, so that the next try goes on from there. */
  readonly work: string;
  readonly say: (message: string) => void;
}

/** How to start an unpacked program: the words before its path. */
export interface Unpacked {
  readonly launcher: readonly string[];
  /** Folder of the programs. */
  readonly bin: string;
}

export async function unpackFromDebian(options: UnpackOptions): Promise<Unpacked> {
  const { info, root, work, say } = options;
  const config = await prepareApt(work);
  await updateIndex(options, config);
  const packages = await libraryClosure(info.packages, config);
  say(`downloading ${packages.length} packages of ${info.suite}`);
  const downloads = join(work, "debs");
  await mkdir(downloads, { recursive: true });
  await must(["apt-get", "-c", config, "-q", "download", ...packages], { cwd: downloads, timeout: 600_000 });
  for (const file of (await readdir(downloads)).filter((name) => name.endsWith(".deb"))) {
    await must(["dpkg-deb", "-x", join(downloads, file), root], { timeout: 60_000 });
  }
  return { launcher: await launcherOf(root), bin: join(root, "usr/bin") };
}

/** An apt.conf that keeps the machine's settings (proxies above all) but none of its state, sources and hooks. */
async function prepareApt(work: string): Promise<string> {
  for (const folder of ["lists/partial", "archives/partial"])
    await mkdir(join(work, folder), { recursive: true });
  await writeFile(join(work, "status"), "");
  const config = join(work, "apt.conf");
  const settings: [string, string][] = [
    ["Dir::State", work],
    ["Dir::State::lists", join(work, "lists")],
    ["Dir::State::status", join(work, "status")],
    ["Dir::Cache", work],
    ["Dir::Cache::archives", join(work, "archives")],
    ["Dir::Etc::sourcelist", join(work, "sources.list")],
    ["Dir::Etc::sourceparts", "/dev/null"],
    ["Dir::Etc::preferences", "/dev/null"],
    ["Dir::Etc::preferencesparts", "/dev/null"],
    // Root's apt would give up its rights for downloads and then could not write here.
    ["APT::Sandbox::User", "root"],
    ["APT::Default-Release", ""],
    ["Acquire::Languages", "none"],
    ["Acquire::Retries", "2"],
    ["Acquire::http::Timeout", "20"],
    ["Acquire::https::Timeout", "20"],
    ["APT::Update::Error-Mode", "any"],
  ];
  const hooks = ["APT::Update::Pre-Invoke", "APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success"];
  const targets = "Acquire::IndexTargets::deb::";
  const extras = ["DEP-11", "DEP-11-icons", "DEP-11-icons-small", "DEP-11-icons-large", "Contents-deb"];
  const lines = hooks.map((name) => `#clear ${name};`);
  for (const name of extras) lines.push(`${targets}${name}::DefaultEnabled "false";`);
  for (const [name, value] of settings) lines.push(`${name} "${value}";`);
  await writeFile(config, `${lines.join("\n")}\n`);
  return config;
}

/** Fetches the suite's index from the first archive that has it. */
async function updateIndex({ info, work, say }: UnpackOptions, config: string): Promise<void> {
  const failures: string[] = [];
  for (const archive of await debianArchives()) {
    say(`reading the index of ${info.suite} from ${archive.uri}`);
    if (archive.keyring === undefined) say("no Debian keyring on this machine: signatures are not verified");
    await writeFile(join(work, "sources.list"), `${sourceLine(archive, info.suite)}\n`);
    const result = await run(["apt-get", "-c", config, "-q", "update"], { timeout: 300_000 });
    if (result.status === 0) return;
    failures.push(`${archive.uri}: ${lastLines(result)}`);
  }
  throw new Error(`Cannot read Debian's package index: ${failures.join("; ")}`);
}

function sourceLine({ uri, keyring }: Archive, suite: string): string {
  return `deb [${keyring === undefined ? "trusted=yes" : `signed-by=${keyring}`}] ${uri} ${suite} main`;
}

const RELATIONS = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"].map(
  (name) => `--no-${name}`,
);

/**
 * The packages and every library package below them. Only packages named `lib…` are followed: a server also depends on
 * `passwd` or `systemd` for its set-up as a service, which would bring half a system.
 */
async function libraryClosure(roots: readonly string[], config: string): Promise<string[]> {
  const argv = ["apt-cache", "-c", config, "depends", "--recurse", ...RELATIONS, ...roots];
  const { stdout } = await must(argv, { timeout: 60_000 });
  const dependencies = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of stdout.split("\n")) {
    if (/^\S/.test(line)) dependencies.set(line.trim(), (current = []));
    const target = /^[ |]+(?:Pre)?Depends: ([^<\s]+)/.exec(line)?.[1];
    if (target !== undefined) current.push(target);
  }
  const wanted = new Set(roots);
  for (const name of wanted) {
    for (const target of dependencies.get(name) ?? []) {
      if (/^lib(?!c-gconv)/.test(target)) wanted.add(target);
    }
  }
  return [...wanted];
}

/** `ld-linux-x86-64.so.2 --library-path …` of the unpacked suite; the loader's name differs by machine. */
async function launcherOf(root: string): Promise<string[]> {
  const folders: string[] = [];
  let loader: string | undefined;
  for (const parent of ["lib", "usr/lib"]) {
    for (const name of await readdir(join(root, parent)).catch(() => [] as string[])) {
      if (!/-linux-gnu\w*$/.test(name)) continue;
      const folder = join(root, parent, name);
      folders.push(folder);
      const found = (await readdir(folder)).find((file) => /^ld(64)?(-linux.*)?\.so\.\d$/.test(file));
      if (found !== undefined) loader = join(folder, found);
    }
  }
  if (loader === undefined) throw new Error(`Cannot find the dynamic loader below ${root}`);
  return [loader, "--library-path", folders.join(":")];
}

async function must(argv: string[], options: { cwd?: string; timeout: number }): Promise<RunResult> {
  const result = await run(argv, options);
  if (result.status !== 0) throw new Error(`${argv[0]} failed: ${lastLines(result)}`);
  return result;
}

function lastLines({ stdout, stderr }: RunResult): string {
  const lines = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
  const errors = lines.filter((line) => /^[EW]:/.test(line));
  return (errors.length > 0 ? errors : lines).slice(-3).join(" / ");
}

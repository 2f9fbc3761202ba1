/** Finds the Debian archive that this machine is set up to use. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface Archive {
  readonly uri: string;
  /** Keys that the archive's index must be signed with; `undefined`: no key at hand, nothing can be verified. */
  readonly keyring: string | undefined;
}

const DEFAULT_HOST = "deb.debian.org/debian";
const KEYRINGS = [
  "/usr/share/keyrings/debian-archive-keyring.pgp",
  "/usr/share/keyrings/debian-archive-keyring.gpg",
];

/**
 * Archives to try, in order: the machine's own Debian mirror, then Debian's default host. Without a keyring the default
 * host is asked over https, since then only the connection vouches for what it sends.
 */
export async function debianArchives(etc = "/etc/apt"): Promise<Archive[]> {
  const standard = KEYRINGS.find((path) => existsSync(path));
  const archives = (await configured(etc)).map(({ uri, keyring }) => ({ uri, keyring: keyring ?? standard }));
  const scheme = standard === undefined ? "https" : "http";
  archives.push({ uri: `${scheme}://${DEFAULT_HOST}`, keyring: standard });
  return archives.filter((one, at) => archives.findIndex((other) => other.uri === one.uri) === at);
}

async function configured(etc: string): Promise<Archive[]> {
  const parts = join(etc, "sources.list.d");
  const names = await readdir(parts).catch(() => [] as string[]);
  const files = [join(etc, "sources.list"), ...names.sort().map((name) => join(parts, name))];
  const found: Archive[] = [];
  for (const file of files) {
    if (!/\.(list|sources)$/.test(file)) continue;
    const text = await readFile(file, "utf8").catch(() => "");
    found.push(...(file.endsWith(".sources") ? parseDeb822(text) : parseOneLine(text)));
  }
  return found;
}

/** Keeps Debian's main archive: not its security archive, a port, a snapshot or somebody else's packages. */
function isMainArchive(uri: string, components: readonly string[]): boolean {
  return components.includes("main") && /(\/debian\/?|\/mirrors\/debian\.list)$/.test(uri);
}

function keyringFile(value: string | undefined): string | undefined {
  return value?.startsWith("/") && existsSync(value) ? value : undefined;
}

/** `deb [options] uri suite component…` */
function parseOneLine(text: string): Archive[] {
  const found: Archive[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (match === null || !isMainArchive(match[2]!, match[4]!.trim().split(/\s+/))) continue;
    const signedBy = /signed-by=(\S+)/i.exec(match[1] ?? "")?.[1];
    found.push({ uri: match[2]!, keyring: keyringFile(signedBy) });
  }
  return found;
}

/** Paragraphs of `Field: value`, a value going on in lines that begin with a space. */
function parseDeb822(text: string): Archive[] {
  const found: Archive[] = [];
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  for (const paragraph of lines.join("\n").split(/\n\s*\n/)) {
    const fields = new Map<string, string>();
    for (const [, name, value] of paragraph.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
      fields.set(name!.toLowerCase(), value!.trim());
    }
    if (fields.get("enabled") === "no" || !fields.get("types")?.split(/\s+/).includes("deb")) continue;
    const components = fields.get("components")?.split(/\s+/) ?? [];
    for (const uri of fields.get("uris")?.split(/\s+/) ?? []) {
      if (isMainArchive(uri, components)) found.push({ uri, keyring: keyringFile(fields.get("signed-by")) });
    }
  }
  return found;
}

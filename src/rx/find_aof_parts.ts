import { parseManifest } from "../aof/manifest.ts";
import { partsOf } from "../aof/parts.ts";
import { concat } from "../bytes/concat.ts";
import { ReplicaError } from "../errors.ts";
import type { ListFolder, OpenFile } from "../transport.ts";
import { openBytes } from "./open_bytes.ts";

/** A file of an AOF, to be read in this order. */
export interface AofPartPath {
  readonly path: string;
  readonly seq: number;
  readonly type: "base" | "incr";
  readonly last: boolean;
}

const SUFFIX = ".manifest";
/** Ten thousand lines of the longest kind. */
const MAX_MANIFEST = 10 << 20;

/**
 * The manifest that a path stands for: itself, or the one in the folder that it is. `undefined`: the path is a file of
 * commands.
 */
export async function findManifest(path: string, list: ListFolder | undefined): Promise<string | undefined> {
  if (path.endsWith(SUFFIX)) return path;
  const names = await list?.(path);
  if (names === undefined) return undefined;
  // Servers write a temporary one first, which a crash may leave behind.
  const [name, ...others] = names.filter((each) => each.endsWith(SUFFIX) && !each.startsWith("temp-")).sort();
  if (name === undefined) throw fileError(path, "there is no manifest in this folder");
  if (others.length > 0) throw fileError(path, `more than one manifest: ${[name, ...others].join(", ")}`);
  return /[/\\]$/.test(path) ? path + name : `${path}/${name}`;
}

/** Reads a manifest and says which files to replay. Throws what `parseManifest` throws, with the path. */
export async function readParts(
  manifest: string,
  open: OpenFile | undefined,
): Promise<readonly AofPartPath[]> {
  const bytes = await readSmall(manifest, open);
  const folder = manifest.slice(0, Math.max(manifest.lastIndexOf("/"), manifest.lastIndexOf("\\")) + 1);
  try {
    return partsOf(parseManifest(bytes)).map(({ file, ...part }) => ({ ...part, path: folder + file }));
  } catch (error) {
    if (!(error instanceof ReplicaError)) throw error;
    const { code, message, offset } = error;
    throw new ReplicaError(code, `${message} of ${manifest}`, { offset, file: manifest, cause: error });
  }
}

async function readSmall(path: string, open: OpenFile | undefined): Promise<Uint8Array> {
  const file = await openBytes(path, open);
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of file.chunks) {
      length += chunk.length;
      if (length > MAX_MANIFEST) {
        throw new ReplicaError("LIMIT", `Cannot read AOF manifest: ${path} is above ${MAX_MANIFEST} bytes`, {
          file: path,
        });
      }
      chunks.push(chunk);
    }
    return concat(chunks);
  } finally {
    await file.close();
  }
}

function fileError(path: string, detail: string): ReplicaError {
  return new ReplicaError("FILE", `Cannot read AOF at ${path}: ${detail}`, { file: path });
}

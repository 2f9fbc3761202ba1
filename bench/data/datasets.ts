import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { big, type Command, collections, lzf, mixed, small } from "./commands.ts";

/** RDB files that a server saves, and how it is filled for them. */
export const RDB_DATASETS = { small, collections, mixed, lzf, big } as const satisfies Record<
  string,
  (scale: number) => Generator<Command>
>;

export type RdbDataset = keyof typeof RDB_DATASETS;

export const RDB_NAMES: readonly RdbDataset[] = Object.keys(RDB_DATASETS) as RdbDataset[];

/** Bytes of the command stream at full size. */
export const COMMANDS_BYTES = 300_000_000;

/** Raise it when a generator changes: files of another version are made anew. */
const VERSION = 1;

/** The user's cache folder for what benchmarks make; made when missing. */
export function cacheFolder(): string {
  const { RXREPLICA_BENCH_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const base =
    XDG_CACHE_HOME ??
    (process.platform === "darwin"
      ? join(homedir(), "Library", "Caches")
      : process.platform === "win32" && LOCALAPPDATA !== undefined
        ? LOCALAPPDATA
        : join(homedir(), ".cache"));
  const folder = RXREPLICA_BENCH_CACHE ?? join(base, "rxreplica", "bench");
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Where a dataset is kept. `scale` 1 is the full size. */
export function datasetPath(name: RdbDataset | "commands", scale: number): string {
  const extension = name === "commands" ? "aof" : "rdb";
  return join(cacheFolder(), `${name}-x${scale}-v${VERSION}.${extension}`);
}

/** Finds the folder of real files that some machines have next to the project. */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

const SIBLING = "../shared/corpus";

/** The folder `part` of the corpus: in `RXREPLICA_CORPUS`, else in a sibling of the project; or why there is none. */
export function findCorpus(part: string): { readonly folder: string } | { readonly missing: string } {
  const root = process.env.RXREPLICA_CORPUS;
  const folder = join(
    root === undefined || root === "" ? resolve(import.meta.dirname, "../..", SIBLING) : root,
    part,
  );
  if (existsSync(folder)) return { folder };
  const missing = root
    ? `RXREPLICA_CORPUS has no folder ${part}`
    : `no RXREPLICA_CORPUS and no ${SIBLING} next to the project`;
  return { missing };
}

/** Names of the files with that ending, without it. */
export function namesIn(folder: string, ending: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

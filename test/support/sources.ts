import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const ROOT: string = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

export interface Import {
  readonly specifier: string;
  /** `import type` or `export type`: gone at run time. */
  readonly typeOnly: boolean;
}

/** Every TypeScript file under the folders (or the file itself), as paths from the project's folder with `/`. */
export function sourceFiles(...places: string[]): string[] {
  return places.flatMap((place) =>
    place.endsWith(".ts")
      ? [place]
      : readdirSync(join(ROOT, place), { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
          .map((name) => posix.join(place, name.split(sep).join("/")))
          .sort(),
  );
}

export function readSource(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The source without its comments; comments inside strings do not occur in this project's style. */
export function withoutComments(source: string): string {
  return source.replace(/^\s*\/\*[\s\S]*?\*\//gm, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

/** The specifiers that a file imports or re-exports from. */
export function importsOf(path: string): Import[] {
  const code = withoutComments(readSource(path));
  const found: Import[] = [];
  const pattern =
    /^\s*(?:import|export)\s+(type\s)?[^"';]*?\bfrom\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;
  for (const [, type, from, bare, dynamic] of code.matchAll(pattern)) {
    found.push({ specifier: (from ?? bare ?? dynamic)!, typeOnly: type !== undefined });
  }
  return found;
}

/** The path that a relative specifier names, from the project's folder. */
export function resolveFrom(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT, readSource, sourceFiles } from "../support/sources.ts";

/** A ```ts block of a docstring or a page. */
export interface Example {
  /** `src/errors.ts:58`, the line of its fence. */
  readonly place: string;
  readonly code: string;
  /** Not ```ts no-run, which must type-check only (or, with the entry of one runtime, runs there alone). */
  readonly run: boolean;
}

/** The README and every page of the docs. */
export function pages(): string[] {
  return ["README.md", ...markdownFiles("docs")];
}

/** Every example of the public sources, the README and the docs. */
export function allExamples(): Example[] {
  const sources = sourceFiles("mod.ts", "src", "transports").flatMap((path) =>
    fencedBlocks(path, readSource(path), /^\s*\* ?/),
  );
  return [...sources, ...pages().flatMap((path) => fencedBlocks(path, readSource(path), /^/))];
}

/** Blocks fenced as `ts`; in sources only those inside a comment, whose lines begin with the margin. */
function fencedBlocks(path: string, source: string, margin: RegExp): Example[] {
  const examples: Example[] = [];
  let open: { readonly line: number; readonly run: boolean; readonly code: string[] } | undefined;
  for (const [index, raw] of source.split("\n").entries()) {
    const inside = margin.test(raw);
    const line = raw.replace(margin, "");
    if (open !== undefined) {
      if (inside && line.trimEnd() !== "```") open.code.push(line);
      else {
        examples.push({ place: `${path}:${open.line}`, code: `${open.code.join("\n")}\n`, run: open.run });
        open = undefined;
      }
      continue;
    }
    const fence = inside ? /^```ts( no-run)?\s*$/.exec(line) : null;
    if (fence !== null) open = { line: index + 1, run: fence[1] === undefined, code: [] };
  }
  return examples;
}

function markdownFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`)
    .sort();
}

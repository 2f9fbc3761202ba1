#!/usr/bin/env node
import { VERSION } from "./version.ts";

// Only what a run needs is loaded: shells ask for the version, and counting a file is measured against programs in C, for
// which the argument parser alone would cost a tenth of the time.
const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  process.stdout.write(`${VERSION}\n`);
} else {
  const path = plainCount(args);
  const done = path === undefined ? undefined : await count(path);
  process.exit(done ?? (await (await import("./run.ts")).run(args)));
}

/** The file of `dump FILE --count` without further options. */
function plainCount([command, ...rest]: readonly string[]): string | undefined {
  if (command !== "dump" || rest.length !== 2 || !rest.includes("--count")) return undefined;
  const path = rest[0] === "--count" ? rest[1]! : rest[0]!;
  return path.startsWith("-") || path.includes("://") ? undefined : path;
}

/** The exit status, `undefined` when the file is no RDB. */
async function count(path: string): Promise<number | undefined> {
  try {
    const { countRdb } = await import("./count_rdb.ts");
    return (await countRdb(path)) ? 0 : undefined;
  } catch (error) {
    const { reportError } = await import("./errors.ts");
    return reportError(error, false);
  }
}

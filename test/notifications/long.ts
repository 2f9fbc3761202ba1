/**
 * The comparison of derived with published notifications over long random loads: `npm run notifications:long [commands] [seed]
 * [kind…]`. Prints counts by class and every difference; fails if there is one.
 */
import { SERVER_KINDS, type ServerKind } from "../servers/kinds.ts";
import { writeLoad } from "../support/write_load.ts";
import { SideBySide } from "./side_by_side.ts";

const [count = "100000", seed = "1", ...kinds] = process.argv.slice(2);
let failed = false;
for (const kind of kinds.length > 0 ? (kinds as ServerKind[]) : SERVER_KINDS) {
  const pair = await SideBySide.start(kind);
  try {
    await writeLoad(pair.client, { count: 1_000, seed: Number(seed) + 1_000 });
    await pair.attach();
    const began = Date.now();
    const { commands } = await writeLoad(pair.client, { count: Number(count), seed: Number(seed) });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await pair.settle();
    const { published, derived, equal, classes, differences } = pair.comparison();
    const ms = Date.now() - began;
    process.stdout.write(
      `${JSON.stringify({ kind, commands, published, derived, equal, classes, differences: differences.length, ms })}\n`,
    );
    for (const difference of differences.slice(0, 40)) process.stdout.write(`  ${difference}\n`);
    if (differences.length > 0) failed = true;
  } finally {
    await pair.stop();
  }
}
process.exitCode = failed ? 1 : 0;

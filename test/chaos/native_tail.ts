/** Prints what a runtime's own entry of the SDK receives: `native_tail.ts RUNTIME URL CA CERT KEY`, a JSON object a line. */
import { readFileSync } from "node:fs";
import type { replicaBatches } from "../../mod.ts";

const [runtime, url, ...files] = process.argv.slice(2);
const [ca, cert, key] = files.map((file) => readFileSync(file, "utf8"));
const entry: { replicaBatches: typeof replicaBatches } =
  runtime === "deno"
    ? await import("../../transports/deno/mod.ts")
    : runtime === "bun"
      ? await import("../../transports/bun/mod.ts")
      : await import("../../transports/node/mod.ts");

for await (const batch of entry.replicaBatches(url!, { snapshot: false, tls: { ca, cert, key } })) {
  for (const event of batch) {
    const { kind } = event;
    const command =
      kind === "aof" && event.event === "command"
        ? event.args.map((_, index) => event.text(index))
        : undefined;
    process.stdout.write(`${JSON.stringify({ kind, event: event.event, command })}\n`);
  }
}

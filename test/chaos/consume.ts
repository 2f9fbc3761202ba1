/**
 * A consumer that can be killed: `consume.ts URL STORE OUT OPTIONS` writes every event as a line to the file OUT and keeps its
 * place in the file STORE, with the entry of the runtime that it runs under.
 */
import { openSync, writeSync } from "node:fs";
import type * as node from "../../transports/node/mod.ts";
import { encodeEvent } from "./event_lines.ts";

const [url, storePath, outPath, options] = process.argv.slice(2);
const entry: Pick<typeof node, "checkpoint" | "createFileStore" | "createGate" | "replicate"> =
  "Deno" in globalThis
    ? await import("../../transports/deno/mod.ts")
    : process.versions.bun === undefined
      ? await import("../../transports/node/mod.ts")
      : await import("../../transports/bun/mod.ts");

const store = entry.createFileStore(storePath!);
const gate = entry.createGate();
// Written by the system call itself: what is processed is in the file, however this process ends.
const out = openSync(outPath!, "a");
entry
  .replicate(url!, {
    ...JSON.parse(options!),
    gate,
    level: "raw",
    clientName: "chaos",
    reconnect: { minDelay: 5, maxDelay: 60, initialAttempts: 10_000 },
    position: (await store.load())?.position,
  })
  .pipe(entry.checkpoint(store, (event) => void writeSync(out, encodeEvent(event)), { gate, every: 20 }))
  .subscribe({
    error: (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  });

/**
 * Reads the documents of RedisJSON: a parser given for the module makes JSON of its items. `npx tsx examples/redis_json_module.ts [FILE]`;
 * without a file it reads one small document.
 */
import { lastValueFrom, tap } from "rxjs";
import { type ModuleItem, readRdb } from "../transports/node/mod.ts";

// An RDB of version 12 with one key, its value in encoding version 3: the text of the document.
const SMALL =
  "UkVESVMwMDEy/gAHBnVzZXI6MYFF4lI435EsAwUieyJuYW1lIjoiYW5uIiwidGFncyI6WyJ0ZWEiLCJnbyJdfQD/AAAAAAAAAAA=";
const source = process.argv[2] ?? Uint8Array.from(atob(SMALL), (sign) => sign.charCodeAt(0));

function parseJson(items: Iterable<ModuleItem>, version: number): unknown {
  // Older versions wrote a tree of nodes. What is thrown here becomes a warning event, and the stream goes on.
  if (version !== 3) throw new Error(`encoding version ${version} is not known here`);
  for (const item of items) {
    if (item.type === "string") return JSON.parse(new TextDecoder().decode(item.value));
  }
  throw new Error("no text");
}

const events = readRdb(source, { modules: { "ReJSON-RL": parseJson } }).pipe(
  tap((event) => {
    if (event.kind === "rdb" && event.event === "key" && event.type === "module") {
      const { name, decoded } = event.value;
      console.log(event.keyText, name, JSON.stringify(decoded));
    } else if (event.kind === "link" && event.event === "warning") console.warn(event.message);
  }),
);
await lastValueFrom(events);

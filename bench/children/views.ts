/** Reads an RDB through `rdbBatches`, every key as a string and every element as a view: `views.js FILE`. Prints what it saw. */
import type { RdbKey } from "../../src/events.ts";
import { rdbBatches } from "../../src/rx/rdb_batches.ts";
import { openFile } from "../../transports/node/files.ts";

let keys = 0;
let elements = 0;
let views = 0;
let bytes = 0;

function see(event: RdbKey): void {
  if (event.part === 0) {
    keys++;
    bytes += event.keyText.length;
  }
  elements += event.type === "string" ? (event.last ? 1 : 0) : event.count;
  switch (event.type) {
    case "string":
      view(event.value);
      break;
    case "list":
    case "set":
      for (const item of event.value) view(item);
      break;
    case "hash":
      for (const { field, value } of event.value) {
        view(field);
        view(value);
      }
      break;
    case "zset":
      for (const { member } of event.value) view(member);
      break;
    case "stream":
      for (const { fields } of event.value.entries) {
        for (const [field, value] of fields) {
          view(field);
          view(value);
        }
      }
      break;
    default:
      throw new Error(`no dataset has the type ${event.type}`);
  }
}

function view(part: Uint8Array): void {
  views++;
  bytes += part.length;
}

for await (const batch of rdbBatches(process.argv[2]!, { open: openFile })) {
  for (const event of batch) if (event.event === "key") see(event);
}
console.log(JSON.stringify({ keys, elements, views, bytes }));

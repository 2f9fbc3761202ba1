/**
 * Reads a gzipped RDB from a URL while it comes in, without a file and without holding it. `npx tsx examples/read_gzipped_rdb.ts [URL]`;
 * without a URL it serves the demo's own RDB on a free port.
 */
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createGzip } from "node:zlib";
import { lastValueFrom, reduce } from "rxjs";
import { ofKind, readRdb } from "../transports/node/mod.ts";

const server = createServer((_request, response) => {
  createReadStream(new URL("data/demo.rdb", import.meta.url))
    .pipe(createGzip())
    .pipe(response);
});

async function serve(): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/demo.rdb.gz`;
}

const response = await fetch(process.argv[2] ?? (await serve()));
if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
const rdb = response.body.pipeThrough(new DecompressionStream("gzip"));

const types = await lastValueFrom(
  readRdb(rdb).pipe(
    ofKind("rdb", "key"),
    reduce((counts, key) => {
      if (key.last) counts.set(key.type, (counts.get(key.type) ?? 0) + 1);
      return counts;
    }, new Map<string, number>()),
  ),
);
for (const [type, count] of types) console.log(`${String(count).padStart(6)}  ${type}`);
server.close();

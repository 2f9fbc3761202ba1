/**
 * Makes the golden files in test/fixtures/rdb: what each kind of real server wrote, and what it said it held. Run it when
 * the filler or the servers change; what it makes is committed.
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readBack } from "../test/rdb/read_back.ts";
import { SERVER_KINDS, startServer } from "../test/servers/mod.ts";
import { connectClient, type TestClient } from "../test/support/client.ts";
import { FILLED_DBS, fillServer } from "../test/support/fill.ts";

const FOLDER = fileURLToPath(new URL("../test/fixtures/rdb/", import.meta.url));
/** Keys that take longer lines are left out: the files are for every form of value, not for every size. */
const LONGEST_LINE = 4000;

async function dropLargeKeys(client: TestClient): Promise<void> {
  for (const line of await readBack(client, FILLED_DBS)) {
    const { db, key } = JSON.parse(line) as { db?: number; key?: string | { base64: string } };
    if (line.length <= LONGEST_LINE || db === undefined || key === undefined) continue;
    await client.command(["SELECT", db]);
    await client.command(["DEL", typeof key === "string" ? key : Buffer.from(key.base64, "base64")]);
  }
  await client.command(["SELECT", 0]);
}

mkdirSync(FOLDER, { recursive: true });
for (const kind of SERVER_KINDS) {
  const server = await startServer({ kind, config: { "enable-debug-command": "yes", save: "" } });
  try {
    const client = await connectClient(server);
    await fillServer(client, { seed: 20, keys: 45, big: 4096 });
    await dropLargeKeys(client);
    await client.command(["SAVE"]);
    const lines = await readBack(client, FILLED_DBS);
    copyFileSync(join(server.dir, "dump.rdb"), join(FOLDER, `${kind}.rdb`));
    writeFileSync(join(FOLDER, `${kind}.ndjson`), `${lines.join("\n")}\n`);
    console.log(`${kind} ${server.version}: ${lines.length} lines`);
    client.close();
  } finally {
    await server.stop();
  }
}

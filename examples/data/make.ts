/**
 * Writes demo.rdb and demo.aof anew: what a real server saves of the demo's keys, and what it appends for the demo's writes.
 * `npx tsx examples/data/make.ts`
 */
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startServer } from "../../test/servers/mod.ts";
import { connectClient } from "../../test/support/client.ts";
import { EXPIRY_MS, FUNCTION, KEYS, STEPS } from "../demo/data.ts";

const server = await startServer({ kind: "redis-8.0", config: { appendonly: "yes" } });
try {
  const client = await connectClient(server);
  for (const command of [...KEYS, FUNCTION, ["DEBUG", "POPULATE", "500", "session", "40"]]) {
    await client.command(command);
  }
  await client.command(["SAVE"]);
  // From here on a new file is appended to.
  await client.command(["BGREWRITEAOF"]);
  while ((await client.info("persistence")).aof_rewrite_in_progress !== "0") await sleep(50);
  for (const { sends } of STEPS) await Promise.all(sends.map((command) => client.command(command)));
  await sleep(EXPIRY_MS);
  client.close();
  await server.kill("SIGTERM");
  const here = import.meta.dirname;
  const folder = join(server.dir, "appendonlydir");
  const last = (await readdir(folder))
    .filter((name) => name.endsWith(".incr.aof"))
    .sort()
    .at(-1)!;
  await copyFile(join(server.dir, "dump.rdb"), join(here, "demo.rdb"));
  await copyFile(join(folder, last), join(here, "demo.aof"));
} finally {
  await server.stop();
}

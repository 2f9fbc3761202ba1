import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, open, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer, toolPath } from "../../test/servers/mod.ts";
import { makeCommandStream } from "../command_stream.ts";
import type { Command } from "./commands.ts";
import { COMMANDS_BYTES, datasetPath, RDB_DATASETS, type RdbDataset } from "./datasets.ts";

/** The oldest server that the tests know, whose `redis-check-rdb` is the measure. */
const SERVER = "redis-7.0";
/** Bytes of commands handed over at once. */
const BATCH = 1 << 20;

/** Makes a dataset unless it is there; returns its path. */
export async function makeDataset(name: RdbDataset | "commands", scale = 1): Promise<string> {
  const path = datasetPath(name, scale);
  if (await exists(path)) return path;
  // A run that is cut off must not leave half a file under the name.
  const unfinished = `${path}.${process.pid}`;
  if (name === "commands") {
    const { bytes } = makeCommandStream(COMMANDS_BYTES * scale);
    await writeFile(unfinished, bytes);
  } else await saveByServer(RDB_DATASETS[name](scale), unfinished);
  await rename(unfinished, path);
  return path;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function saveByServer(commands: Iterable<Command>, path: string): Promise<void> {
  const server = await startServer({ kind: SERVER, config: { save: '""' } });
  try {
    const cli = [...(await toolPath(SERVER, "cli")), "-p", String(server.port)];
    await pipe(cli, commands);
    await call(cli, "SAVE");
    await copyFile(join(server.dir, "dump.rdb"), path);
    // On the disk now: writing back must not go on while something is measured.
    const file = await open(path);
    await file.sync();
    await file.close();
  } finally {
    await server.stop();
  }
}

async function pipe([program, ...args]: readonly string[], commands: Iterable<Command>): Promise<void> {
  const child = spawn(program!, [...args, "--pipe"], { stdio: ["pipe", "ignore", "inherit"] });
  const exit = once(child, "exit");
  let text = "";
  for (const command of commands) {
    text += `*${command.length}\r\n`;
    for (const word of command) text += `$${String(word).length}\r\n${word}\r\n`;
    if (text.length >= BATCH) {
      if (!child.stdin.write(text)) await once(child.stdin, "drain");
      text = "";
    }
  }
  child.stdin.end(text);
  const [status] = await exit;
  if (status !== 0) throw new Error(`Cannot fill the server: redis-cli --pipe ended with ${status}`);
}

async function call([program, ...args]: readonly string[], command: string): Promise<void> {
  const child = spawn(program!, [...args, command], { stdio: ["ignore", "ignore", "inherit"] });
  const [status] = await once(child, "exit");
  if (status !== 0) throw new Error(`Cannot run ${command}: redis-cli ended with ${status}`);
}

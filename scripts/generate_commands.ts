/**
 * Makes the command table and the types of typed commands anew, from real servers and `scripts/commands/overrides.ts`:
 *
 *     npm run generate:commands           writes src/commands/*.generated.ts
 *     npm run generate:commands -- check  fails if they are not what it would write
 *
 * The same servers give the same bytes.
 */
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { askServer } from "./commands/ask_server.ts";
import { mergeRows } from "./commands/merge_rows.ts";
import { serverRows } from "./commands/server_rows.ts";
import { tableModule } from "./commands/write_table.ts";
import { typesModule } from "./commands/write_types.ts";

const ROOT = new URL("..", import.meta.url);

const answers = [await askServer("redis-8.0"), await askServer("valkey-9.1")];
const rows = mergeRows(answers.map(serverRows));
const made = answers.map(({ family, line }) => `${family} ${line}`);
const files: Readonly<Record<string, string>> = {
  "src/commands/table.generated.ts": tableModule(rows, made),
  "src/commands/typed.generated.ts": typesModule(rows, made),
};
for (const [path, text] of Object.entries(files)) {
  const formatted = format(path, text);
  const url = new URL(path, ROOT);
  if (process.argv[2] !== "check") await writeFile(url, formatted);
  else if ((await readFile(url, "utf8")) !== formatted) {
    throw new Error(`${path} is not what the servers say: run \`npm run generate:commands\``);
  }
}
process.stdout.write(`${Object.keys(rows).length} commands from ${made.join(" and ")}\n`);

function format(path: string, text: string): string {
  const biome = fileURLToPath(new URL("node_modules/@biomejs/biome/bin/biome", ROOT));
  return execFileSync(process.execPath, [biome, "format", `--stdin-file-path=${path}`], {
    cwd: fileURLToPath(ROOT),
    input: text,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
  });
}

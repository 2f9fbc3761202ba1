/**
 * Makes the command table anew from real servers and `scripts/commands/overrides.ts`:
 *
 *     npm run generate:commands           writes src/commands/*.generated.ts
 *     npm run generate:commands -- check  fails if they are not what it would write
 *
 * The same servers give the same bytes.
 */
import { readFile, writeFile } from "node:fs/promises";
import { askServer } from "./commands/ask_server.ts";
import { mergeRows } from "./commands/merge_rows.ts";
import { serverRows } from "./commands/server_rows.ts";
import { tableModule } from "./commands/write_table.ts";

const TABLE = new URL("../src/commands/table.generated.ts", import.meta.url);

const answers = [await askServer("redis-8.0"), await askServer("valkey-9.1")];
const rows = mergeRows(answers.map(serverRows));
const made = answers.map(({ family, line }) => `${family} ${line}`);
const text = tableModule(rows, made);
if (process.argv[2] === "check") {
  if ((await readFile(TABLE, "utf8")) !== text) {
    throw new Error(
      "src/commands/table.generated.ts is not what the servers say: run `npm run generate:commands`",
    );
  }
} else {
  await writeFile(TABLE, text);
}
process.stdout.write(`${Object.keys(rows).length} commands from ${made.join(" and ")}\n`);

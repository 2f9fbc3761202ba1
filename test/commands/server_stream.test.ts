/** Typed forms of everything that real servers write down while they are filled with every data type. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { encodeTyped, keysOf, typedCommand } from "../../src/commands/mod.ts";
import { RespDecoder, type RespValue } from "../../src/resp/mod.ts";
import { describeServers } from "../servers/describe.ts";
import { startServer } from "../servers/mod.ts";
import { connectClient } from "../support/client.ts";
import { fillServer } from "../support/fill.ts";

const words = (args: readonly Uint8Array[]): string[] =>
  args.map((arg) => new TextDecoder("latin1").decode(arg));

describeServers("typedCommand", (kind) => {
  test("types every command of an append-only file, and encodes it to the same bytes", async () => {
    const server = await startServer({ kind, config: { appendonly: "yes", appendfsync: "always" } });
    const client = await connectClient(server);
    await fillServer(client, { keys: 150, big: 10_000 });
    client.close();
    await server.kill("SIGTERM");
    const dir = join(server.dir, "appendonlydir");
    const files = (await readdir(dir)).filter((file) => file.endsWith(".incr.aof"));
    const names = new Set<string>();
    let commands = 0;
    for (const file of files) {
      const decoder = new RespDecoder({ onValue: (value) => judge(argvOf(value)) });
      decoder.write(new Uint8Array(await readFile(join(dir, file))));
      decoder.end();
    }
    await server.stop();
    expect(commands).toBeGreaterThan(500);
    expect(names.size).toBeGreaterThan(15);

    function judge(argv: readonly Uint8Array[]): void {
      commands++;
      const line = words(argv).join(" ").slice(0, 200);
      const typed = typedCommand(argv);
      if (typed.name === undefined) throw new Error(`${line}: ${typed.reason} ${typed.detail}`);
      names.add(typed.name);
      if (keysOf(argv) === undefined) throw new Error(`no keys: ${line}`);
      expect(words(encodeTyped(typed))).toEqual(words(argv));
      expect(typedCommand(encodeTyped({ ...typed }))).toEqual(typed);
    }
  });
});

function argvOf(value: RespValue): Uint8Array[] {
  if (value.type !== "array") throw new Error(`unexpected ${value.type}`);
  return value.items.map((item) => {
    if (item.type !== "bulk") throw new Error(`unexpected ${item.type}`);
    return item.bytes;
  });
}

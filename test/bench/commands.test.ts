import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { PEERS } from "../../bench/children/peers.ts";
import { cut, makeCommandStream } from "../../bench/command_stream.ts";
import { type CommandResults, checkCommands } from "../../bench/groups/commands.ts";

const stream = makeCommandStream(300_000);

describe("the decoders that the benchmarks compare with", () => {
  it.each(Object.entries(PEERS))("%s hands out every argument, however the stream is cut", (_, peer) => {
    for (const size of [1000, 4096, 65_536]) {
      let commands = 0;
      let bytes = 0;
      const take = peer((args) => {
        commands++;
        for (const arg of args) {
          if (!Buffer.isBuffer(arg)) throw new TypeError("a Buffer is expected");
          bytes += arg.length;
        }
      });
      for (const chunk of cut(stream.bytes, size)) take(Buffer.from(chunk.buffer));
      expect(commands).toBe(stream.commands);
      // What frames add: `*n` and `$n` lines and line ends, as the generator wrote them.
      const frames = Buffer.from(stream.bytes)
        .toString("latin1")
        .match(/(^|(?<=\n))[*$]\d+\r\n/g)!;
      const framing = frames.reduce((sum, line) => sum + line.length, 0) + stream.args * 2;
      expect(bytes).toBe(stream.bytes.length - framing);
    }
  });
});

describe("the cases over a command stream", () => {
  it("see every command and every argument", async () => {
    const folder = await mkdtemp(join(tmpdir(), "rxreplica-bench-"));
    try {
      const path = join(folder, "commands.aof");
      await writeFile(path, stream.bytes);
      const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
      const script = fileURLToPath(new URL("../../bench/children/commands.ts", import.meta.url));
      const { stdout } = await promisify(execFile)("node", ["--import", tsx, script, path, "1"]);
      const results = JSON.parse(stdout) as CommandResults;
      for (const { seen } of Object.values(results)) expect(seen.commands).toBe(stream.commands);
      expect(results["every argument as a view"]!.seen.check).toBe(stream.args);
      expect(results["offset only"]!.seen.check).toBe(stream.bytes.length);
      expect(() => checkCommands(results, stream.bytes.length)).not.toThrow();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("are refused when one of them leaves something out", () => {
    const good = (): Record<string, { cpu: number[]; seen: { commands: number; check: number } }> => ({
      "redis-parser": { cpu: [1], seen: { commands: 10, check: 30 } },
      "offset only": { cpu: [1], seen: { commands: 10, check: 500 } },
      "name and key as strings": { cpu: [1], seen: { commands: 10, check: 90 } },
      "every argument as a view": { cpu: [1], seen: { commands: 10, check: 30 } },
    });
    expect(() => checkCommands(good(), 500)).not.toThrow();
    for (const [name, change] of [
      ["offset only", { commands: 9, check: 500 }],
      ["offset only", { commands: 10, check: 499 }],
      ["name and key as strings", { commands: 10, check: 0 }],
      ["every argument as a view", { commands: 10, check: 29 }],
    ] as const) {
      const results = good();
      results[name]!.seen = change;
      expect(() => checkCommands(results, 500)).toThrow(name);
    }
  });
});

/**
 * The command stream as a user reads it: from a file through `readAof`, one event a command, against `redis-parser` with
 * Buffers fed from the same file: `npx tsx bench/aof.ts [MB]`. CPU time, user and system; median and best of the rounds; ratios
 * within one run. `bench/resp.ts` has the parts without file and Observable.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AofCommand } from "../src/events.ts";
import { readAof } from "../src/rx/read_aof.ts";
import { openFile } from "../transports/node/files.ts";
import { makeCommandStream } from "./command_stream.ts";
import { printTable } from "./print_table.ts";

const Parser = createRequire(import.meta.url)("redis-parser") as new (options: {
  returnReply(reply: Buffer[]): void;
  returnError(error: Error): void;
  returnBuffers: boolean;
}) => { execute(chunk: Buffer): void };

const ROUNDS = 6;
const stream = makeCommandStream(Number(process.argv[2] ?? 150) * 1e6);
const folder = mkdtempSync(join(tmpdir(), "rxreplica-bench-"));
const path = join(folder, "commands.aof");
writeFileSync(path, stream.bytes);

/** What a case saw: commands, and a number that nothing can be skipped without changing. */
type Seen = readonly [commands: number, check: number];

async function parse(): Promise<Seen> {
  let commands = 0;
  let args = 0;
  const parser = new Parser({
    returnReply: (reply) => {
      commands++;
      args += reply.length;
    },
    returnError: () => {},
    returnBuffers: true,
  });
  const file = await openFile(path);
  for await (const chunk of file.chunks)
    parser.execute(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
  return [commands, args];
}

function read(use: (event: AofCommand) => number): () => Promise<Seen> {
  return () =>
    new Promise((resolve, reject) => {
      let commands = 0;
      let check = 0;
      readAof(path, { open: openFile }).subscribe({
        next: (event) => {
          if (event.kind !== "aof" || event.event !== "command") return;
          commands++;
          check += use(event);
        },
        error: reject,
        complete: () => resolve([commands, check]),
      });
    });
}

const cases: readonly (readonly [name: string, run: () => Promise<Seen>])[] = [
  ["redis-parser, Buffers", parse],
  ["offset", read((event) => event.offset)],
  ["name and key as strings", read((event) => event.name.length + event.text(1)!.length)],
  ["every argument as a view", read((event) => event.args.length)],
];

/** CPU seconds of each round of each case. Rounds take turns, so that what else runs on the machine hits all alike. */
const times = new Map<string, number[]>();
console.log(
  `${(stream.bytes.length / 1e6).toFixed(0)} MB, ${stream.commands} commands, ${stream.args} arguments`,
);
try {
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of cases) {
      const before = process.cpuUsage();
      const [commands, check] = await run();
      const used = process.cpuUsage(before);
      if (commands !== stream.commands || !(check > 0)) throw new Error(`${name} saw ${commands} commands`);
      if (round === 0) times.set(name, []);
      else times.get(name)!.push((used.user + used.system) / 1e6);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
printTable(times, stream.bytes.length);

/**
 * Commands a second out of a replication stream, in one process, against `redis-parser` with Buffers (what ioredis up to 5
 * uses): `npx tsx bench/resp.ts [MB]`. CPU time, user and system; median and best of the rounds; ratios within one run.
 */
import { createRequire } from "node:module";
import { CommandScanner } from "../src/resp/mod.ts";
import { CommandTracker, type CommandTrackerOptions } from "../src/stream/command_tracker.ts";
import { cut, makeCommandStream } from "./command_stream.ts";
import { printTable } from "./print_table.ts";

const Parser = createRequire(import.meta.url)("redis-parser") as new (options: {
  returnReply(reply: Buffer[]): void;
  returnError(error: Error): void;
  returnBuffers: boolean;
}) => { execute(chunk: Buffer): void };

const ROUNDS = 7;
const size = Number(process.argv[2] ?? 150) * 1e6;
const stream = makeCommandStream(size);
const chunks = cut(stream.bytes, 64 * 1024);
const buffers = chunks.map((chunk) => Buffer.from(chunk.buffer));

/** Each case returns what it saw, so that none is measured for dropping something. */
const cases: Record<string, () => number> = {
  "redis-parser, Buffers": () => {
    let seen = 0;
    const parser = new Parser({
      returnReply: (reply) => {
        seen += reply.length;
      },
      returnError: () => {},
      returnBuffers: true,
    });
    for (const buffer of buffers) parser.execute(buffer);
    return seen === stream.args ? stream.commands : -1;
  },
  "scan only": () => {
    let seen = 0;
    const scanner = new CommandScanner({
      onSource: () => {},
      onCommand: () => {
        seen++;
      },
    });
    for (const chunk of chunks) scanner.write(chunk);
    return seen;
  },
  "event and offset": () => {
    let seen = 0;
    let last = 0;
    track((event) => {
      seen++;
      last = event.offset;
    });
    return last === stream.bytes.length ? seen : -1;
  },
  "name and key as strings": () => {
    let seen = 0;
    let letters = 0;
    track((event) => {
      seen++;
      letters += event.name.length + event.text(1)!.length;
    });
    return letters > 0 ? seen : -1;
  },
  "every argument as a view": () => {
    let seen = 0;
    let args = 0;
    track((event) => {
      seen++;
      args += event.args.length;
    });
    return args === stream.args ? seen : -1;
  },
};

function track(onEvent: CommandTrackerOptions["onEvent"]): void {
  // As the session does it: a batch a chunk, then one call an event.
  let batch: Parameters<typeof onEvent>[0][] = [];
  const tracker = new CommandTracker({ onEvent: (event) => batch.push(event) });
  for (const chunk of chunks) {
    tracker.write(chunk);
    for (let i = 0; i < batch.length; i++) onEvent(batch[i]!);
    batch = [];
  }
}

/** CPU seconds of each round of each case. Rounds take turns, so that what else runs on the machine hits all alike. */
const times = new Map<string, number[]>();
console.log(
  `${(stream.bytes.length / 1e6).toFixed(0)} MB, ${stream.commands} commands, ${stream.args} arguments`,
);
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(cases)) {
    const before = process.cpuUsage();
    const seen = run();
    const used = process.cpuUsage(before);
    if (seen !== stream.commands) throw new Error(`${name} saw ${seen} of ${stream.commands} commands`);
    if (round === 0) times.set(name, []);
    else times.get(name)!.push((used.user + used.system) / 1e6);
  }
}
printTable(times, stream.bytes.length);

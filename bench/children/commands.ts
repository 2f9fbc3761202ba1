/**
 * The command stream as a user reads it, from a file through `readAof`, one event a command, against decoders of clients fed
 * from the same file, all in this process: `commands.js FILE ROUNDS [CASE…]`, all cases unless some are named. Prints CPU seconds of each round of each case, and what
 * each saw. Rounds take turns, so that what else runs on the machine hits all alike.
 */
import type { AofBatchEvent } from "../../src/rx/aof_reader.ts";
import { readAof } from "../../src/rx/read_aof.ts";
import { openFile } from "../../transports/node/files.ts";
import { PEERS, type Peer } from "./peers.ts";

const [path, rounds] = [process.argv[2]!, Number(process.argv[3])];

/** What a case saw: commands, and a number that no decoder can give that leaves something out. */
interface Seen {
  commands: number;
  check: number;
}

function parse(make: Peer): () => Promise<Seen> {
  return async () => {
    const seen: Seen = { commands: 0, check: 0 };
    const take = make((args) => {
      seen.commands++;
      seen.check += args.length;
    });
    const file = await openFile(path);
    for await (const chunk of file.chunks) take(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    return seen;
  };
}

/** Each case has a consumer of its own, as a program would: a shared one that calls on to the case would be timed with it. */
function read(consumer: (seen: Seen) => (event: AofBatchEvent) => void): () => Promise<Seen> {
  return () =>
    new Promise((resolve, reject) => {
      const seen: Seen = { commands: 0, check: 0 };
      readAof(path, { open: openFile }).subscribe({
        next: consumer(seen),
        error: reject,
        complete: () => resolve(seen),
      });
    });
}

const cases: Readonly<Record<string, () => Promise<Seen>>> = {
  ...Object.fromEntries(Object.entries(PEERS).map(([name, peer]) => [name, parse(peer)])),
  "offset only": read((seen) => {
    let last = 0;
    return (event) => {
      if (event.kind !== "aof" || event.event !== "command") return;
      const { offset } = event;
      seen.commands++;
      seen.check += offset - last;
      last = offset;
    };
  }),
  "name and key as strings": read((seen) => (event) => {
    if (event.kind !== "aof" || event.event !== "command") return;
    seen.commands++;
    seen.check += event.name.length + event.text(1)!.length;
  }),
  "every argument as a view": read((seen) => (event) => {
    if (event.kind !== "aof" || event.event !== "command") return;
    seen.commands++;
    seen.check += event.args.length;
  }),
};

const results: Record<string, { cpu: number[]; seen: Seen }> = {};
const named = process.argv.slice(4);
const chosen = Object.entries(cases).filter(([name]) => named.length === 0 || named.includes(name));
for (let round = 0; round <= rounds; round++) {
  for (const [name, each] of chosen) {
    const before = process.cpuUsage();
    const seen = await each();
    const { user, system } = process.cpuUsage(before);
    results[name] ??= { cpu: [], seen };
    if (round > 0) results[name].cpu.push((user + system) / 1e6);
  }
}
console.log(JSON.stringify(results));

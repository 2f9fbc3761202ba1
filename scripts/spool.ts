/**
 * Measures a spool: a primary on loopback sends a burst of many GB, a consumer takes it ten times slower. Prints how much
 * memory and disk the consumer's process used meanwhile, and fails if anything was lost, came twice or was not held in bounds.
 *
 *     npx tsx scripts/spool.ts [--gib 2] [--rate 300] [--slower 10] [--max-gib 16]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { tinyRdb } from "../test/replica/support/tiny_rdb.ts";
import { REPLID } from "../test/replica/support/wire.ts";
import { replicaBatches } from "../transports/node/mod.ts";

const MIB = 1 << 20;
const VALUE = "v".repeat(1000);
const [role, total, rate] = process.argv.slice(2);
if (role === "primary") servePrimary(Number(total), Number(rate));
else await measure();

/** Sends `bytes` of SET n VALUE with ever higher n, at most `mibPerSecond`, as fast as they are taken. */
function servePrimary(bytes: number, mibPerSecond: number): void {
  const server = createServer((socket) => {
    let attached = false;
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      if (attached) return;
      for (const [, name] of chunk
        .toString("latin1")
        .matchAll(/\r\n(PING|HELLO|CLIENT|REPLCONF|PSYNC)\r\n/g)) {
        if (name !== "PSYNC") socket.write(name === "HELLO" ? "-ERR unknown command\r\n" : "+OK\r\n");
        else attached = true;
      }
      if (!attached) return;
      const rdb = tinyRdb();
      socket.write(`+FULLRESYNC ${REPLID} 0\r\n$${rdb.length}\r\n`);
      socket.write(rdb);
      void burst();
    });
    const burst = async (): Promise<void> => {
      const begin = performance.now();
      let sent = 0;
      for (let n = 0; sent < bytes; ) {
        let block = "";
        for (; block.length < MIB; n++)
          block += `*3\r\n$3\r\nSET\r\n$9\r\n${100_000_000 + n}\r\n$1000\r\n${VALUE}\r\n`;
        sent += block.length;
        if (!socket.write(block, "latin1")) await once(socket, "drain");
        const ahead = (sent / MIB / mibPerSecond) * 1000 - (performance.now() - begin);
        if (ahead > 5) await sleep(ahead);
      }
      process.send!({ sent, seconds: (performance.now() - begin) / 1000 });
    };
  });
  server.listen(0, "127.0.0.1", () => process.send!({ port: (server.address() as { port: number }).port }));
}

async function measure(): Promise<void> {
  const { values } = parseArgs({
    options: {
      gib: { type: "string", default: "2" },
      rate: { type: "string", default: "300" },
      slower: { type: "string", default: "10" },
      "max-gib": { type: "string", default: "16" },
    },
  });
  const bytes = Number(values.gib) * 1024 * MIB;
  const maxBytes = Number(values["max-gib"]) * 1024 * MIB;
  const pace = Number(values.rate) / Number(values.slower);
  const folder = await mkdtemp(join(tmpdir(), "rxr-spool-"));
  const primary = fork(import.meta.filename, ["primary", String(bytes), values.rate]);
  const [{ port }] = (await once(primary, "message")) as [{ port: number }];
  let burst: { sent: number; seconds: number } | undefined;
  primary.on("message", (message: { sent: number; seconds: number }) => {
    burst = message;
  });

  const spool = join(folder, "spool");
  const peak = { rss: 0, heap: 0, buffers: 0, file: 0 };
  const sample = async (): Promise<void> => {
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    const { size } = await stat(spool).catch(() => ({ size: 0 }));
    peak.rss = Math.max(peak.rss, rss);
    peak.heap = Math.max(peak.heap, heapUsed);
    peak.buffers = Math.max(peak.buffers, arrayBuffers);
    peak.file = Math.max(peak.file, size);
  };
  const timer = setInterval(sample, 100);
  const begin = performance.now();
  let taken = 0;
  let next = 100_000_000;
  for await (const batch of replicaBatches(`redis://127.0.0.1:${port}`, {
    overrun: { spool, maxBytes },
    watchLag: false,
  })) {
    for (const event of batch) {
      if (event.event === "reset" || event.event === "disconnected")
        throw new Error(`the link was lost: ${event.event}`);
      if (event.kind !== "aof" || event.event !== "command") continue;
      if (event.text(1) !== String(next++)) throw new Error(`${event.text(1)} came instead of ${next - 1}`);
      taken = event.offset;
    }
    const ahead = (taken / MIB / pace) * 1000 - (performance.now() - begin);
    if (ahead > 5) await sleep(ahead);
    if (burst !== undefined && taken === burst.sent) {
      await sample();
      const left = (await stat(spool).catch(() => ({ size: 0 }))).size;
      report({ burst, peak, left, seconds: (performance.now() - begin) / 1000, events: next - 100_000_000 });
      break;
    }
  }
  clearInterval(timer);
  primary.kill();
  const remains = await readdir(folder);
  await rm(folder, { recursive: true });
  if (remains.length > 0) throw new Error(`left behind: ${remains}`);
  if (peak.file > maxBytes) throw new Error("the file grew beyond its bound");
}

interface Report {
  readonly burst: { readonly sent: number; readonly seconds: number };
  readonly peak: Readonly<Record<"rss" | "heap" | "buffers" | "file", number>>;
  /** Bytes of the file once all was taken. */
  readonly left: number;
  readonly seconds: number;
  readonly events: number;
}

function report({ burst, peak, left, seconds, events }: Report): void {
  const mib = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`;
  const lines = [
    `burst     ${mib(burst.sent)} taken off the primary in ${burst.seconds.toFixed(1)} s`,
    `consumer  ${events} commands in order in ${seconds.toFixed(1)} s`,
    `memory    ${mib(peak.rss)} resident at most, JavaScript heap ${mib(peak.heap)}, array buffers ${mib(peak.buffers)}`,
    `file      ${mib(peak.file)} at most, ${mib(left)} once all was taken`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

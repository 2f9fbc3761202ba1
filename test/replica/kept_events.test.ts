/** What a program holds that keeps one event in 10,000 of a slow stream: no more than what it keeps. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import type { AofCommand } from "../../src/events.ts";
import { replicaBatches } from "../../src/replica/replica_batches.ts";
import { clock } from "../../transports/shared/clock.ts";
import { FakePrimary, type PrimarySide } from "./support/fake_primary.ts";
import { tinyRdb } from "./support/tiny_rdb.ts";
import { bytes, command, REPLID, text } from "./support/wire.ts";

const EVENTS = 80_000;
const WARM = 10_000;
const KEEP = 10_000;

/** Collects all garbage now; `undefined` where a program cannot ask for it. */
function findCollector(): (() => void) | undefined {
  const { Bun } = globalThis as { Bun?: { gc(force: boolean): void } };
  if (Bun !== undefined) return () => Bun.gc(true);
  if ("Deno" in globalThis) return undefined;
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

const collect = findCollector();

async function heldBytes(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    collect!();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test.skipIf(collect === undefined)(
  "keeping one event in 10,000 of a slow stream holds at most twice its bytes and 1 MiB",
  async () => {
    const primary = new FakePrimary();
    const iterator = replicaBatches("redis://primary", { connect: primary.connect, clock })[
      Symbol.asyncIterator
    ]();
    const attach = async (): Promise<PrimarySide> => {
      const side = await primary.accept();
      await side.handshake();
      const rdb = tinyRdb();
      side.send(`+FULLRESYNC ${REPLID} 0\r\n$${rdb.length}\r\n${text(rdb)}`);
      return side;
    };
    const kept: AofCommand[] = [];
    let seen = 0;
    const take = async (upTo: number, keep: boolean): Promise<void> => {
      while (seen < upTo) {
        const { value } = await iterator.next();
        for (const event of value!) {
          if (event.kind !== "aof" || event.event !== "command") continue;
          seen++;
          if (keep && seen % KEEP === 0) kept.push(event);
        }
      }
    };
    // Each command comes alone, in a chunk of its own.
    const drip = async (side: PrimarySide, from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n++) {
        await side.transport.write(bytes(command("SET", `key:${100_000_000 + n}`, "v".repeat(64))));
      }
    };
    // What is made once is made by then: compiled code, tables, the test's own.
    const warmUp = async (): Promise<PrimarySide> => {
      const side = await attach();
      await drip(side, 0, WARM);
      return side;
    };
    const [side] = await Promise.all([warmUp(), take(WARM, false)]);
    const before = await heldBytes();
    await Promise.all([drip(side, WARM, EVENTS), take(EVENTS, true)]);
    const after = await heldBytes();
    expect(kept).toHaveLength((EVENTS - WARM) / KEEP);
    const keptBytes = kept.reduce((sum, event) => sum + event.arg(0)!.buffer.byteLength, 0);
    expect(keptBytes).toBeLessThan(kept.length * 256);
    expect(after - before).toBeLessThanOrEqual(2 * keptBytes + (1 << 20));
    expect(kept.map((event) => event.text(1))).toContain(`key:${100_000_000 + EVENTS - 1}`);
    await iterator.return?.();
  },
  30_000,
);

/** What we write, servers take, and what they give back is the same. */
import { afterEach, describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { decodeDump, RdbDecoder } from "../../src/rdb/mod.ts";
import { describeWithServers } from "../servers/describe.ts";
import { SERVER_KINDS, type ServerKind, startServer } from "../servers/mod.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { FILLED_DBS, fillServer } from "../support/fill.ts";
import { show } from "./support.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(kind: ServerKind): Promise<{ client: TestClient }> {
  const server = await startServer({ kind, config: { "enable-debug-command": "yes", save: "" } });
  cleanups.push(() => server.stop());
  const client = await connectClient(server);
  cleanups.push(() => client.close());
  return { client };
}

/** A file around one value, so that the decoder writes the payload anew at level raw. */
function rewrite(payload: Uint8Array, version: number): Uint8Array {
  const magic = version < 80 ? `REDIS${String(version).padStart(4, "0")}` : `VALKEY0${version}`;
  const body = payload.subarray(0, -10);
  const file = concat([
    Buffer.from(magic),
    body.subarray(0, 1),
    Uint8Array.of(1, 0x6b),
    body.subarray(1),
    Uint8Array.of(255),
    new Uint8Array(8),
  ]);
  const pieces: Uint8Array[] = [];
  const decoder = new RdbDecoder({
    select: () => "raw",
    onEvent: (event) => event.event === "key" && pieces.push(event.raw!),
  });
  for (let at = 0; at < file.length; at += 1000) decoder.write(file.subarray(at, at + 1000));
  decoder.end();
  return concat(pieces);
}

/** The value in a form that two servers agree on: unordered things in order, times of access left out. */
function canonical(payload: Uint8Array): string {
  const { parts } = decodeDump(payload, { limits: { maxPartElements: 1e9, maxPartBytes: 1e9 } });
  const { type, value } = parts[0]!;
  const text = show(value);
  if (type === "set" || type === "zset" || type === "hash")
    return show((JSON.parse(text) as unknown[]).map((member) => JSON.stringify(member)).sort());
  if (type !== "stream") return text;
  const stream = JSON.parse(text) as {
    groups: { consumers: { seenAt?: unknown; activeAt?: unknown; name: string }[] }[];
  };
  for (const group of stream.groups)
    for (const consumer of group.consumers) {
      delete consumer.seenAt;
      delete consumer.activeAt;
    }
  return JSON.stringify(stream);
}

/** Which servers take what others dump: a newer RDB version is refused, and the families' hashes with TTL differ. */
const ROUTES: readonly (readonly [from: ServerKind, to: ServerKind])[] = [
  ...SERVER_KINDS.map((kind) => [kind, kind] as const),
  ["redis-7.0", "redis-8.0"],
  ["redis-7.0", "valkey-9.1"],
];

describe("RESTORE takes the payloads that level raw writes", () => {
  for (const [from, to] of ROUTES)
    describeWithServers(`from ${from} to ${to}`, [from, to], () => {
      test("and DUMP gives the same value", async () => {
        const source = await start(from);
        const target = await start(to);
        await fillServer(source.client, { seed: 4, keys: 120, big: 1 << 17 });
        let values = 0;
        for (const db of FILLED_DBS) {
          await source.client.command(["SELECT", db]);
          await target.client.command(["SELECT", db]);
          for (const key of (await source.client.command(["KEYS", "*"])) as Buffer[]) {
            const payload = (await source.client.command(["DUMP", key])) as Buffer;
            const rewritten = rewrite(payload, payload.readUInt16LE(payload.length - 10));
            expect(Buffer.from(rewritten).equals(payload)).toBe(true);
            await target.client.command(["RESTORE", key, 0, Buffer.from(rewritten)]);
            const again = (await target.client.command(["DUMP", key])) as Buffer;
            expect(canonical(again), key.toString()).toBe(canonical(payload));
            values++;
          }
        }
        expect(values).toBeGreaterThan(150);
      });
    });
});

/**
 * Watches for hot keys: which keys were written most in each half second. `npx tsx examples/hot_keys.ts [URL]`; writes
 * `example:hot:…` for something to see, and ends after the first window with them.
 */
import { createClient } from "redis";
import { filter, firstValueFrom, map, tap } from "rxjs";
import { keysOf } from "../src/commands/mod.ts";
import { batch, createGate, ofKind, replicate } from "../transports/node/mod.ts";

const url = process.argv[2] ?? "redis://127.0.0.1:6379";
const client = await createClient({ url }).connect();
const text = new TextDecoder();
const gate = createGate();

const hottest = replicate(url, { snapshot: false, flags: "write", gate }).pipe(
  tap((event) => {
    if (event.event === "online") void work();
  }),
  ofKind("aof", "command"),
  // Bounded by count too: a busier server gets shorter windows, not more memory.
  batch({ ms: 500, count: 50_000, gate }),
  map((commands) => {
    const writes = new Map<string, number>();
    for (const { args } of commands) {
      for (const { key } of keysOf(args) ?? []) {
        const name = text.decode(key);
        writes.set(name, (writes.get(name) ?? 0) + 1);
      }
    }
    return [...writes].sort((a, b) => b[1] - a[1]).slice(0, 3);
  }),
  tap((top) => {
    for (const [name, count] of top) console.log(`${String(count).padStart(6)}  ${name}`);
  }),
  filter((top) => top[0]?.[0] === "example:hot:3"),
);

async function work(): Promise<void> {
  const writes = client.multi();
  for (let turn = 0; turn < 100; turn++) {
    for (const key of [1, 2, 3]) if (turn % (4 - key) === 0) writes.incr(`example:hot:${key}`);
  }
  await writes.exec();
}

await firstValueFrom(hottest);
await client.del([1, 2, 3].map((key) => `example:hot:${key}`));
await client.close();

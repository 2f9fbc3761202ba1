/**
 * A cache that is never stale for longer than the link takes: each write on the server removes what was cached of its keys.
 * `npx tsx examples/cache_invalidation.ts [URL]`; writes a few keys `example:user:…`.
 */
import { createClient } from "redis";
import { filter, firstValueFrom, ReplaySubject } from "rxjs";
import { keysOf } from "../src/commands/mod.ts";
import { replicate } from "../transports/node/mod.ts";

const url = process.argv[2] ?? "redis://127.0.0.1:6379";
const client = await createClient({ url }).connect();
/** Promises, so that a reply that was on its way when the key was written is forgotten with it. */
const cache = new Map<string, Promise<string | null>>();

function read(key: string): Promise<string | null> {
  const value = cache.get(key) ?? client.get(key);
  cache.set(key, value);
  return value;
}

const seen = new ReplaySubject<string>();
const text = new TextDecoder();
const link = replicate(url, { snapshot: false, keys: "example:user:*" }).subscribe({
  next(event) {
    if (event.kind === "aof" && event.event === "command") {
      const keys = keysOf(event.args);
      // FLUSHALL and the like name no key; a command whose keys nobody knows may be about any.
      if (keys === undefined || keys.length === 0) cache.clear();
      else for (const { key } of keys) cache.delete(text.decode(key));
      seen.next(`${event.name} ${event.text(1) ?? ""}`.trim());
    } else if (event.kind === "link" && (event.event === "reset" || event.event === "disconnected")) {
      // What was written meanwhile is not known yet.
      cache.clear();
    } else if (event.event === "online") seen.next("online");
  },
  error: (error) => seen.error(error),
});
const until = (what: string) => firstValueFrom(seen.pipe(filter((name) => name === what)));

await until("online");
await client.set("example:user:1", "ann");
await until("SET example:user:1");
console.log("read", await read("example:user:1"), "and cached it");
await client.rename("example:user:1", "example:user:2");
await until("RENAME example:user:1");
console.log(
  "after RENAME:",
  cache.size,
  "cached, read",
  await read("example:user:1"),
  await read("example:user:2"),
);
await client.del("example:user:2");
await until("DEL example:user:2");
console.log("after DEL: read", await read("example:user:2"));
link.unsubscribe();
await client.close();

/**
 * A change feed: every write to `example:order:*` becomes an entry of the stream `example:feed`, which any number of consumer groups can read.
 * `npx tsx examples/change_feed.ts [URL]`; writes a few orders and shows the feed.
 */
import { createClient } from "redis";
import { concatMap, lastValueFrom, take, tap } from "rxjs";
import { createGate, ofKind, replicate } from "../transports/node/mod.ts";

const url = process.argv[2] ?? "redis://127.0.0.1:6379";
const client = await createClient({ url }).connect();
await client.del("example:feed");

// The feed's own key is not selected, so the feed does not feed itself. Held while an entry is on its way: nothing queues up.
const gate = createGate();
const changes = replicate(url, { snapshot: false, keys: "example:order:*", flags: "write", gate }).pipe(
  tap((event) => {
    if (event.event === "online") void place();
  }),
  ofKind("aof", "command"),
  concatMap(async (command) => {
    const release = gate.hold();
    try {
      const fields = {
        command: command.args.map((arg) => new TextDecoder().decode(arg)).join(" "),
        db: String(command.db),
        // What a consumer needs to tell a repeated entry, and this program to resume.
        position: JSON.stringify(command.position ?? null),
      };
      return await client.xAdd("example:feed", "*", fields, {
        TRIM: { strategy: "MAXLEN", strategyModifier: "~", threshold: 100_000 },
      });
    } finally {
      release();
    }
  }),
);

async function place(): Promise<void> {
  await client.hSet("example:order:1", { item: "tea", amount: "2" });
  await client.hIncrBy("example:order:1", "amount", 1);
  await client.del("example:order:1");
}

await lastValueFrom(changes.pipe(take(3)));
const entries = await client.xRange("example:feed", "-", "+");
for (const { id, message } of entries ?? []) console.log(id, message.command);
await client.close();

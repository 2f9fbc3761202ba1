/**
 * Feeds a search index: the snapshot fills it, and each document that changes is indexed anew, once however often it was written
 * within 50 ms. `npx tsx examples/search_feeder.ts [URL]`; writes documents `example:doc:…`.
 */
import { createClient } from "redis";
import { concatMap, filter, firstValueFrom, from, of, tap } from "rxjs";
import { keysOf } from "../src/commands/mod.ts";
import { coalesce, collectValues, createGate, type RedisEvent, replicate } from "../transports/node/mod.ts";

const url = process.argv[2] ?? "redis://127.0.0.1:6379";
const client = await createClient({ url }).connect();
await client.set("example:doc:1", "green tea from Uji");

/** Documents by word: stands for a search engine. */
const index = new Map<string, Set<string>>();
function feed(key: string, document: string | null): void {
  for (const keys of index.values()) keys.delete(key);
  for (const word of document?.toLowerCase().split(/\W+/) ?? []) {
    index.set(word, (index.get(word) ?? new Set()).add(key));
  }
}
const search = (word: string) => `${word}: ${[...(index.get(word) ?? [])].sort().join(", ") || "nothing"}`;

const text = new TextDecoder();
const gate = createGate();
function changed(event: RedisEvent) {
  if (event.kind === "rdb" && event.event === "key" && event.type === "string") {
    return of({ key: event.keyText, document: text.decode(event.value) });
  }
  if (event.kind !== "aof" || event.event !== "command") return of();
  // Commands say what was done (APPEND, RENAME, …): what came of it is asked.
  return from(keysOf(event.args) ?? []).pipe(
    concatMap(async ({ key }) => {
      const release = gate.hold();
      const document = await client.get(text.decode(key)).finally(release);
      return { key: text.decode(key), document };
    }),
  );
}

const fed = replicate(url, { keys: "example:doc:*", gate }).pipe(
  collectValues(),
  coalesce({ ms: 50, gate }),
  tap((event) => {
    if (event.event !== "online") return;
    console.log("from the snapshot,", search("tea"));
    void client.append("example:doc:1", " and Shizuoka").then(() => client.set("example:doc:2", "black tea"));
  }),
  concatMap(changed),
  tap(({ key, document }) => feed(key, document)),
  filter(({ key }) => key === "example:doc:2"),
);
await firstValueFrom(fed);
console.log("live,", search("tea"));
console.log("and", search("shizuoka"));
await client.del(["example:doc:1", "example:doc:2"]);
await client.close();

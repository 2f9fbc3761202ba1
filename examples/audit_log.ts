/**
 * An audit log: each write as one JSON line, a transaction as one unit, with its time, database, keys and exact place in the
 * history. `npx tsx examples/audit_log.ts [URL]`; writes `example:account:…` as something to log.
 */
import { createClient } from "redis";
import { lastValueFrom, takeWhile, tap } from "rxjs";
import { keysOf } from "../src/commands/mod.ts";
import { type AofCommand, filterFlags, replicate, transactions } from "../transports/node/mod.ts";

const url = process.argv[2] ?? "redis://127.0.0.1:6379";
const client = await createClient({ url }).connect();
const text = new TextDecoder();

// Names and keys, but no values: a log should not hold what it watches over.
const entry = ({ name, db, args }: AofCommand) => ({
  name,
  db,
  keys: keysOf(args)?.map(({ key }) => text.decode(key)),
  arguments: args.length - 1,
});

const log = replicate(url, { snapshot: false }).pipe(
  tap((event) => {
    if (event.event === "online") void work();
  }),
  filterFlags("write"),
  transactions(),
  tap((event) => {
    if (event.kind === "link") {
      // A hole in the history belongs into the log too.
      if (event.event === "reset") console.log(JSON.stringify({ lost: [event.lostFrom, event.lostTo] }));
      return;
    }
    if (event.event !== "command" && event.event !== "transaction") return;
    if (event.kind !== "aof") return;
    const at = event.receivedAt && new Date(event.receivedAt.latest).toISOString();
    const writes = event.event === "transaction" ? event.commands : [event];
    console.log(JSON.stringify({ at, offset: event.offset, writes: writes.map(entry) }));
  }),
  takeWhile((event) => !(event.event === "command" && event.name === "DEL"), true),
);

async function work(): Promise<void> {
  await client.set("example:account:1", "100");
  await client.multi().decrBy("example:account:1", 30).incrBy("example:account:2", 30).exec();
  await client.del(["example:account:1", "example:account:2"]);
}

await lastValueFrom(log);
await client.close();

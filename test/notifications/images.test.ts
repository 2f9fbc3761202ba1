import { Subject } from "rxjs";
import { afterEach, expect, test } from "vitest";
import type { RedisEvent } from "../../src/events.ts";
import { type Image, type KeyChange, withImages } from "../../src/rx/with_images.ts";
import { Attached } from "../e2e/attach.ts";
import { describeServers } from "../servers/describe.ts";
import { startServer } from "../servers/start.ts";
import { type Command, connectClient, type TestClient } from "../support/client.ts";
import { Random } from "../support/random.ts";

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A value as text that does not depend on the order of what has none. */
function show(image: Image | null | undefined): string {
  if (image === null) return "none";
  if (image === undefined) return "?";
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
  switch (image.type) {
    case "string":
      return text(image.value);
    case "list":
      return image.value.map(text).join(",");
    case "set":
      return image.value.map(text).sort().join(",");
    case "zset":
      return image.value.map(({ member, score }) => `${text(member)}=${score}`).join(",");
    case "hash":
      return image.value
        .map(([field, value]) => `${text(field)}=${text(value)}`)
        .sort()
        .join(",");
  }
}

async function read(client: TestClient, key: string): Promise<string> {
  const type = await client.text("TYPE", key);
  const list = async (...args: Command) => ((await client.command(args)) as Buffer[]).map(String);
  const pairs = (flat: string[]) =>
    flat.flatMap((name, at) => (at % 2 === 0 ? [`${name}=${flat[at + 1]}`] : []));
  if (type === "none") return "none";
  if (type === "string") return await client.text("GET", key);
  if (type === "list") return (await list("LRANGE", key, 0, -1)).join(",");
  if (type === "set") return (await list("SMEMBERS", key)).sort().join(",");
  if (type === "zset") return pairs(await list("ZRANGE", key, 0, -1, "WITHSCORES")).join(",");
  return pairs(await list("HGETALL", key))
    .sort()
    .join(",");
}

describeServers("withImages", (kind) => {
  test("images follow what the server holds, and each before is the after of before", async () => {
    const server = await startServer({ kind });
    open.push(() => server.stop());
    const client = await connectClient(server);
    open.push(() => client.close());
    const random = new Random(5);
    const key = () => `u:${random.int(1, 6)}`;
    const member = () => `m${random.int(1, 5)}`;
    const makes: (() => Command)[] = [
      () => ["SET", key(), random.int(1, 9)],
      () => ["APPEND", key(), "x"],
      () => ["INCRBY", key(), 3],
      () => ["SETRANGE", key(), 4, "yy"],
      () => ["RPUSH", key(), member(), member()],
      () => ["LPOP", key()],
      () => ["LREM", key(), 1, member()],
      () => ["SADD", key(), member()],
      () => ["SPOP", key()],
      () => ["HSET", key(), member(), random.int(1, 9)],
      () => ["HINCRBY", key(), member(), 2],
      () => ["HDEL", key(), member()],
      () => ["ZADD", key(), random.int(1, 9), member()],
      () => ["ZPOPMIN", key()],
      () => ["DEL", key()],
      () => ["RENAME", key(), key()],
      () => ["COPY", key(), key(), "REPLACE"],
    ];
    const write = async (count: number) => {
      for (let at = 0; at < count; at++) await client.command(random.pick(makes)()).catch(() => {});
    };
    await write(100);
    const events = new Subject<RedisEvent>();
    const latest = new Map<string, string>();
    const broken: string[] = [];
    let changes = 0;
    let unknown = 0;
    events.pipe(withImages({ keys: "u:*" })).subscribe((change: KeyChange) => {
      changes++;
      const { keyText, before, after } = change;
      if (before === undefined || after === undefined) unknown++;
      const expected = latest.get(keyText);
      if (expected !== undefined && expected !== show(before))
        broken.push(`${keyText}: ${expected} → ${show(before)}`);
      latest.set(keyText, show(after));
    });
    const link = new Attached(server.url, (event) => events.next(event));
    open.push(() => link.stop());
    await link.until(() => link.count("link:online") > 0, "the link");
    await write(600);
    await client.command(["SET", "other", "1"]);
    await link.caughtUp(client);
    expect(broken).toEqual([]);
    expect(unknown).toBe(0);
    expect(changes).toBeGreaterThan(200);
    for (const [name, held] of latest) expect(`${name} ${held}`).toBe(`${name} ${await read(client, name)}`);
  });
});

/** Data of a real cluster: written to the shards it belongs to, and as the events of a source leave it. */
import { keySlot } from "../../../src/bytes/crc16.ts";
import type { RedisEvent } from "../../../src/events.ts";
import type { TestCluster } from "../../servers/cluster.ts";
import type { TestServer } from "../../servers/mod.ts";
import { connectClient } from "../../support/client.ts";
import type { Follower } from "./follower.ts";

/** Writes each key to the shard that has its slot now. */
export async function write(cluster: TestCluster, keys: readonly string[], value: string): Promise<void> {
  const owners = new Map<TestServer, string[]>();
  const places: [Set<number>, TestServer][] = [];
  for (const server of await cluster.primaries()) {
    const client = await connectClient(server);
    const lines = (await client.text("CLUSTER", "NODES")).split("\n");
    client.close();
    const slots = new Set<number>();
    for (const range of lines
      .find((line) => line.includes("myself"))!
      .trim()
      .split(" ")
      .slice(8)) {
      const [from, to = from] = range.split("-").map(Number);
      for (let slot = from!; slot <= to!; slot++) slots.add(slot);
    }
    places.push([slots, server]);
  }
  for (const key of keys) {
    const slot = keySlot(new TextEncoder().encode(key));
    const server = places.find(([slots]) => slots.has(slot))![1];
    owners.set(server, [...(owners.get(server) ?? []), key]);
  }
  for (const [server, mine] of owners) {
    const client = await connectClient(server);
    for (const key of mine) await client.command(["SET", key, value]);
    client.close();
  }
}

/** The data that the events leave, key by key; strings and what moves restores only. */
export function copyOf(events: readonly RedisEvent[], copy = new Map<string, string>()): Map<string, string> {
  for (const event of events) {
    if (event.kind === "rdb" && event.event === "key") copy.set(event.keyText, "");
    if (event.kind !== "aof" || event.event !== "command") continue;
    if (event.name === "SET") copy.set(event.text(1)!, event.text(2)!);
    if (event.name === "RESTORE-ASKING") copy.set(event.text(1)!, "");
    if (event.name === "DEL" || event.name === "UNLINK") {
      for (let i = 1; i < event.argc; i++) copy.delete(event.text(i)!);
    }
  }
  return copy;
}

/** All keys of the cluster, sorted. */
export async function keysOf(cluster: TestCluster): Promise<string[]> {
  const keys: string[] = [];
  for (const server of await cluster.primaries()) {
    const client = await connectClient(server);
    keys.push(...((await client.command(["KEYS", "*"])) as Buffer[]).map(String));
    client.close();
  }
  return keys.sort();
}

/** Names of the shards that events came from. */
export function shardsIn(follower: Follower): Set<string | undefined> {
  return new Set(follower.events.map(({ shard }) => shard));
}

/** `prefix0`, `prefix1`, … */
export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

/** Waits until the events leave each key with the value. */
export function sets(follower: Follower, keys: readonly string[], value: string): Promise<void> {
  return follower.until(`${keys.length} writes of ${value}`, () => {
    const copy = copyOf(follower.events);
    return keys.every((key) => copy.get(key) === value);
  });
}

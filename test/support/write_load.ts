/** A random write load of every kind of command. The same seed gives the same commands. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Command, TestClient } from "./client.ts";
import { knows } from "./fill.ts";
import { Random } from "./random.ts";
import { type LoadState, WRITES } from "./writes.ts";

export interface LoadOptions {
  readonly seed?: number;
  /** Stop once so many commands were sent, a transaction or two more. Default 2000, or no end where `until` is given. */
  readonly count?: number;
  /** Stop when this gives true; asked before each batch. */
  readonly until?: () => boolean;
  /** Databases to write to. Default 0, 1 and 5. */
  readonly dbs?: readonly number[];
  /** Keys of each kind in each db: fewer keys, more work on each. Default 30. */
  readonly keys?: number;
  /** Commands sent in one go. Default 50. */
  readonly batch?: number;
  /** Ms to wait between batches. Default 0. */
  readonly pause?: number;
  /** Whole dbs are flushed and swapped now and then. Default true. */
  readonly flush?: boolean;
  /** A second connection, for pops that block until this load pushes. */
  readonly blocker?: TestClient;
}

export interface LoadResult {
  /** Commands sent, MULTI, EXEC and SELECT included. */
  readonly commands: number;
  /** Error replies that belong to such a load, such as XGROUP CREATE of a group that is there. */
  readonly refused: number;
}

/** What random commands on random keys may be answered; anything else is an error of the load itself. */
const REFUSED =
  /no such key|BUSYGROUP|NOGROUP|out of range|equal or smaller|smaller than|would overflow|already exists|are the same|library not found|function not found|not an integer|not a valid float|requires the key to exist/i;

/**
 * Writes until `count` or `until`. Keys that expire within the load are never touched again afterwards, since two servers
 * do not expire them in the same instant; other expiry times lie in the year 2100 or in the past.
 */
export async function writeLoad(client: TestClient, options: LoadOptions = {}): Promise<LoadResult> {
  const { until, dbs = [0, 1, 5], keys = 30, batch = 50, pause = 0, blocker, seed = 1 } = options;
  const count = options.count ?? (until === undefined ? 2_000 : Number.POSITIVE_INFINITY);
  const fieldExpiry = await knows(client, "HPEXPIREAT");
  const tellEntriesRead = await isBefore74(client);
  const random = new Random(seed);
  const state: LoadState = { random, keys, dbs, fieldExpiry, tellEntriesRead, serial: 0, seed };
  const writes = WRITES.filter((one) => options.flush !== false || !one.wholeDb);
  const total = writes.reduce((sum, one) => sum + one.weight, 0);
  const pickWrite = (): Command[] => {
    let at = state.random.next() * total;
    return (writes.find((one) => (at -= one.weight) < 0) ?? writes[0]!).make(state);
  };
  let commands = 0;
  let refused = 0;
  while (commands < count && until?.() !== true) {
    const next: Command[] = [];
    while (next.length < Math.min(batch, count - commands)) next.push(...unit(state, pickWrite));
    for (const reply of await client.attempt(next)) {
      if (!(reply instanceof Error)) continue;
      if (!REFUSED.test(reply.message)) throw reply;
      refused++;
    }
    commands += next.length;
    if (blocker !== undefined && state.random.oneIn(4)) commands += await blockedPop(client, blocker, state);
    if (pause > 0) await sleep(pause);
  }
  await client.command(["SELECT", 0]);
  return { commands, refused };
}

async function isBefore74(client: TestClient): Promise<boolean> {
  const info = await client.info("server");
  // Valkey says 7.2 in the field of old and its own version in another.
  return info.valkey_version === undefined && Number.parseFloat(info.redis_version!) < 7.4;
}

/** One write, or several in a transaction, sometimes in another db. */
function unit(state: LoadState, pickWrite: () => Command[]): Command[] {
  const { random, dbs } = state;
  const select = (): Command[] => (random.oneIn(12) ? [["SELECT", random.pick(dbs)]] : []);
  if (!random.oneIn(15)) return [...select(), ...pickWrite()];
  const inside = Array.from({ length: random.int(0, 5) }, () => [...select(), ...pickWrite()]).flat();
  return [...select(), ["MULTI"], ...inside, ["EXEC"]];
}

/** A client that waits for an element and gets it from the write that brings it. */
async function blockedPop(client: TestClient, blocker: TestClient, state: LoadState): Promise<number> {
  const { random } = state;
  // A key with elements in it would not block.
  const key = `blocked:${state.seed}:${++state.serial}`;
  const pops: Command[] = [
    ["BLPOP", key, 10],
    ["BRPOP", key, 10],
    ["BLMOVE", key, `moved:${random.int(0, 3)}`, "LEFT", "RIGHT", 10],
    ["BLMPOP", 10, 1, key, "LEFT", "COUNT", 2],
  ];
  const db = 0;
  await client.pipeline([["SELECT", db]]);
  await blocker.pipeline([["SELECT", db]]);
  const popped = blocker.command(random.pick(pops));
  while (Number((await client.info("clients")).blocked_clients) === 0) await sleep(1);
  await client.command(["RPUSH", key, random.word(5), random.word(5), random.word(5)]);
  await popped;
  return 2;
}

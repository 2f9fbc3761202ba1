/**
 * Memory of derived notifications, by level: `node --expose-gc --import tsx bench/notification_memory.ts`. Prints bytes a key at
 * level `keys`, and bytes a member beyond that at level `members`, as the growth of heap and array buffers.
 */
import { Derivation } from "../src/notifications/derive/derivation.ts";
import { KeyState } from "../src/notifications/derive/key_state.ts";
import { ServerRules } from "../src/notifications/derive/server_rules.ts";
import type { DeriveLevel } from "../src/notifications/notification.ts";

const gc = (globalThis as { gc?: () => void }).gc;
if (gc === undefined) throw new Error("run with --expose-gc");

function used(): number {
  gc!();
  gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function derivation(level: DeriveLevel): Derivation {
  const state = new KeyState(level, Number.POSITIVE_INFINITY);
  const rules = new ServerRules({ family: "redis", version: 800 });
  return new Derivation(state, rules, { selects: () => true, tolerance: 20, clockOffset: 0 });
}

const encoder = new TextEncoder();
const kept: Derivation[] = [];

/** Fills a state and tells the bytes that it took. */
function grow(level: DeriveLevel, keys: number, members: number): number {
  const before = used();
  const d = derivation(level);
  for (let key = 0; key < keys; key++) {
    const name = encoder.encode(`key:${key}`);
    d.put(name, "set", members === 0 ? undefined : d.fresh("set"));
    d.setTtl(name, 1_700_000_000_000 + key);
    const set = d.contents(name);
    if (set !== undefined && "add" in set)
      for (let member = 0; member < members; member++)
        (set.add as (m: Uint8Array) => void)(encoder.encode(`m:${key}:${member}`));
    d.state.settle();
  }
  kept.push(d);
  return used() - before;
}

grow("keys", 1_000, 0);
for (const keys of [100_000, 500_000, 1_000_000]) {
  process.stdout.write(
    `level keys, ${keys} keys: ${(grow("keys", keys, 0) / keys).toFixed(1)} bytes a key\n`,
  );
  kept.length = 0;
}
for (const [keys, members] of [
  [50_000, 10],
  [10_000, 100],
  [1_000, 1_000],
  [10, 100_000],
] as const) {
  const bytes = grow("members", keys, members) - keys * 32;
  kept.length = 0;
  process.stdout.write(
    `level members, ${keys} sets of ${members}: ${(bytes / keys / members).toFixed(1)} bytes a member more\n`,
  );
}

/** Memory that `DiffOnReset` takes for a key: `node --expose-gc --import tsx bench/diff_memory.ts`. */
import { encodeUtf8 } from "../src/bytes/text.ts";
import { SnapshotDigests, ValueDigest } from "../src/rx/snapshot_digests.ts";

const KEYS = 2_000_000;
const KEY_LENGTH = 16;

function used(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

if (globalThis.gc === undefined) throw new Error("Run with node --expose-gc");
const digests = new SnapshotDigests();
const digest = new ValueDigest();
const before = used();
for (let i = 0; i < KEYS; i++)
  digests.note(0, encodeUtf8(`key:${String(i).padStart(KEY_LENGTH - 4, "0")}`), digest);
const each = (used() - before) / digests.size;
console.log(`${each.toFixed(0)} bytes a key of ${KEY_LENGTH} bytes, ${digests.size} keys`);

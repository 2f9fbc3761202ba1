/** A lock between processes: a folder that whoever holds it touches every second. */
import { mkdir, rm, stat, utimes } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const TOUCH_MS = 1_000;
/** A lock that nobody touched for so long belonged to a process that died. */
const STALE_MS = 15_000;

/**
 * Runs `work` while no other process runs under the same `path`. A holder that was killed is noticed by the age of its
 * last touch, not by its pid: pids mean nothing across containers that share a cache.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  onWait: () => void = () => {},
): Promise<T> {
  for (let waited = false; !(await take(path)); waited = true) {
    if (!waited) onWait();
    await sleep(200);
  }
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), TOUCH_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(path, { recursive: true, force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const age = await stat(path).then(
    (found) => Date.now() - found.mtimeMs,
    () => 0,
  );
  if (age > STALE_MS) await rm(path, { recursive: true, force: true });
  return false;
}

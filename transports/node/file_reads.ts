import { read, readSync } from "node:fs";

/** A read that took longer, in ms, was not answered out of the page cache. */
const QUICK = 2;

/**
 * The reads of one file. What the page cache holds is copied in some 30 µs; sending that through the thread pool costs as
 * much again, and leaves the bytes in the cache of another core than the one that decodes them. So while reads are quick
 * they are made on the spot, each in a turn of the event loop of its own: timers, signals and sockets get theirs between
 * two of them, as before. After a slow one, as of a cold disk, the next goes through the pool, until that is quick.
 */
export class FileReads {
  #quick = false;

  /** Bytes read at `position`, or at the file's current place for `null`. The file must not be closed meanwhile. */
  async read(fd: number, into: Uint8Array, position: number | null): Promise<number> {
    const onTheSpot = this.#quick;
    if (onTheSpot) await nextTurn();
    const begin = performance.now();
    const length = onTheSpot
      ? readSync(fd, into, 0, into.length, position)
      : await readByPool(fd, into, position);
    this.#quick = performance.now() - begin < QUICK;
    return length;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** One read by a callback: `handle.read` takes 20 µs more, a sixth of what a chunk costs. */
export function readByPool(fd: number, into: Uint8Array, position: number | null): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, into, 0, into.length, position, (error, length) => (error ? reject(error) : resolve(length)));
  });
}

/** The longest that bytes may gather in the kernel, ms; well below what tells a reader that waits from one that lags. */
const LONGEST = 4;
/** What a gathered read should give: most of the 256 KiB that one read can take. */
const WORTH = 196_608;
/** A sender that gives less than this in the longest gathering is not worth one: 8 KiB, 2 MB/s. */
const LEAST = 8_192;
/** The time over which the rate is taken, ms. Shorter pauses are the scheduler's, on a machine that shares its cores. */
const WINDOW = 16;

/**
 * Decides when the next read of a socket is worth making. A primary under load sends a few KiB at a time, thousands of
 * times a second, and each read costs 100 µs and more however small it is: waking up, system calls, promises, timers.
 * While bytes keep coming, the next read is put off for as long as a good read needs to gather in the kernel, 4 ms at
 * most: at 50 MB/s that makes 250 reads a second of thousands. A quiet link, and one that is written to (a
 * conversation), is read at once.
 */
export class Pace {
  readonly #enough: number;
  /** Bytes of the last moments, older ones counting less: at a steady rate what comes within the window. */
  #recent = 0;
  #arrivedAt = 0;
  #got = 0;
  #answer = false;

  /** `enough`: a read of this many bytes was worth its cost, and more may lie ready. */
  constructor(enough: number) {
    this.#enough = enough;
  }

  /** Whole ms to put the next read off by, 0 to 4. */
  get delay(): number {
    if (this.#got >= this.#enough || this.#answer) return 0;
    const rate = this.#recent / WINDOW;
    return rate * LONGEST < LEAST ? 0 : Math.min(LONGEST, Math.floor(WORTH / rate));
  }

  /** A read begins now. */
  asked(): void {
    this.#got = 0;
  }

  /** The read that began last gave `bytes`, perhaps after others: TLS hands out record by record. */
  arrived(bytes: number): void {
    const now = performance.now();
    this.#recent = this.#recent * Math.max(0, 1 - (now - this.#arrivedAt) / WINDOW) + bytes;
    this.#arrivedAt = now;
    this.#got += bytes;
    this.#answer = false;
  }

  /** Something was written: an answer to it must not wait. */
  wrote(): void {
    this.#answer = true;
  }
}

import { ReplicaError } from "../errors.ts";
import type { ByteSource, Clock } from "../transport.ts";
import { type AofBatchEvent, AofReader, type AofReset } from "./aof_reader.ts";
import { type AofPartPath, findManifest, readParts } from "./find_aof_parts.ts";
import type { Interrupt } from "./interrupt.ts";
import type { OpenBytes } from "./open_bytes.ts";
import { contextOf, openPart, type ReadAofOptions } from "./read_aof_options.ts";

type Batches<R> = AsyncGenerator<readonly AofBatchEvent[], R>;

/** ms between two looks at the file. */
const INTERVAL = 100;

const RESET: AofReset = {
  kind: "link",
  event: "reset",
  reason: "history",
  lostFrom: undefined,
  lostTo: undefined,
  position: undefined,
  receivedAt: undefined,
};

/**
 * Reads an AOF that a server is writing and goes on for ever: an end is only "not yet". A server that begins a new file
 * lists it in the manifest first and writes no more to the old one; one that rewrites may delete a file before it was read
 * to its end, and then nobody can tell what was in it: a `reset` event, and all begins anew.
 */
export async function* followAof(
  source: string | ByteSource,
  options: ReadAofOptions,
  interrupt: Interrupt,
): Batches<void> {
  if (typeof source !== "string") throw new TypeError("Cannot follow an AOF that is not given by its path");
  const { clock, interval = INTERVAL } = options.follow ?? {};
  if (clock === undefined) {
    throw new ReplicaError(
      "NO_RUNTIME",
      "Cannot follow an AOF: this entry has no clock; give the option follow.clock",
    );
  }
  const manifest = await findManifest(source, options.list);
  const follower = new Follower(new AofReader(options), options, () => wait(clock, interval, interrupt));
  while ((await (yield* follower.history(source, manifest))) === "lost") follower.reset();
}

/** Waits until the next look; `false` when nothing more is wanted. */
function wait(clock: Clock, ms: number, interrupt: Interrupt): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.setTimer(ms, () => resolve(true));
    interrupt.arm(() => {
      cancel();
      resolve(false);
    });
  });
}

class Follower {
  readonly #reader: AofReader;
  readonly #options: ReadAofOptions;
  readonly #wait: () => Promise<boolean>;

  constructor(reader: AofReader, options: ReadAofOptions, waiting: () => Promise<boolean>) {
    this.#reader = reader;
    this.#options = options;
    this.#wait = waiting;
  }

  reset(): void {
    this.#reader.note(RESET);
  }

  /** From the base on until nothing more is wanted, or until a file is gone that should have been read. */
  async *history(path: string, manifest: string | undefined): Batches<"stopped" | "lost"> {
    const look = (): Promise<readonly AofPartPath[]> =>
      manifest === undefined
        ? Promise.resolve([{ path, seq: 1, type: "incr", last: true }])
        : readParts(manifest, this.#options.open);
    let parts = await look();
    while (parts.length === 0) {
      if (!(await this.#wait())) return "stopped";
      parts = await look();
    }
    let part = parts[0]!;
    for (;;) {
      const noted = this.#reader.take();
      if (noted !== undefined) yield noted;
      const end = yield* this.#file(part, look);
      if (typeof end === "string") return end;
      part = end;
    }
  }

  /** Reads one file as it grows; ends with the file after it. */
  async *#file(
    part: AofPartPath,
    look: () => Promise<readonly AofPartPath[]>,
  ): Batches<AofPartPath | "stopped" | "lost"> {
    const reader = this.#reader;
    let offset = 0;
    for (;;) {
      // Asked before reading: what was begun by then is the end of this file.
      const next = nextPart(part, await look());
      if (next === "lost") return "lost";
      const file = await this.#open(part, offset, look);
      if (file === undefined) return "lost";
      try {
        if (offset === 0) reader.start({ context: contextOf(file), type: part.type, last: false });
        if (file.size !== undefined && file.size < offset) return "lost";
        if (file.size !== offset) {
          for await (const chunk of file.chunks) {
            reader.write(chunk);
            offset += chunk.length;
            const batch = reader.take();
            if (batch !== undefined) yield batch;
            reader.check();
            if (reader.stopped) return "stopped";
          }
        }
      } finally {
        await file.close();
      }
      if (next !== undefined) {
        reader.end();
        reader.check();
        return next;
      }
      if (!(await this.#wait())) return "stopped";
    }
  }

  /** `undefined` when the file is gone and the manifest no longer names it. */
  async #open(
    part: AofPartPath,
    offset: number,
    look: () => Promise<readonly AofPartPath[]>,
  ): Promise<OpenBytes | undefined> {
    try {
      return await openPart(part.path, this.#options, offset);
    } catch (error) {
      if (!(error instanceof ReplicaError) || error.code !== "FILE") throw error;
      if ((await look()).some(({ path }) => path === part.path)) throw error;
      return undefined;
    }
  }
}

/**
 * The file that follows `part` by what the manifest says now; `undefined` when it is the one that is written to; `lost` when
 * files between them are gone.
 */
function nextPart(part: AofPartPath, now: readonly AofPartPath[]): AofPartPath | "lost" | undefined {
  const listed = now.some(({ path }) => path === part.path);
  if (part.type === "base") return listed ? now.find(({ type }) => type === "incr") : "lost";
  const next = now.find(({ type, seq }) => type === "incr" && seq > part.seq);
  // Servers number increments without a gap.
  return listed || next?.seq === part.seq + 1 ? next : "lost";
}

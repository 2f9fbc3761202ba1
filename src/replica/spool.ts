import { ReplicaError } from "../errors.ts";
import type { SpoolFile } from "../transport.ts";
import { type Extent, FileSpace } from "./file_space.ts";
import { decodeRecords, encodeRecords, type SpoolRecord, sizeOf } from "./spool_record.ts";

/** Sizes of a spool, in bytes. */
export interface SpoolOptions {
  /** Most that the file may hold. */
  readonly maxBytes: number;
  /** Kept in memory before the file is used at all. Default 4 MiB. */
  readonly windowBytes?: number | undefined;
  /** Written to and read from the file in one piece. Default 1 MiB. */
  readonly blockBytes?: number | undefined;
}

/** Records that go to the file and come back together. */
interface Block {
  /** `undefined` once they are in the file only. */
  records: SpoolRecord[] | undefined;
  bytes: number;
  extent: Extent | undefined;
  /** The consumer is at it, or done with it. */
  taken: boolean;
}

/** Bytes behind what is in use that the file may keep: giving back and taking costs more than they do. */
const SPARE = 32 << 20;
/**
 * A queue of records between a link that must not wait and a consumer that takes its time. It holds a few MiB in memory;
 * what is more goes to a file of bounded size, opened when first needed. Whoever fills it asks `room` before reading on.
 *
 * ```
 *   consumer ← [block][block] … in memory │ [block][block][block] in the file │ [block being filled] ← link
 * ```
 */
export class Spool {
  readonly #open: () => Promise<SpoolFile>;
  readonly #space: FileSpace;
  readonly #window: number;
  readonly #blockBytes: number;
  #blocks: Block[] = [];
  /** Index of the next record of the first block. */
  #next = 0;
  #memory = 0;
  #buffered = 0;
  /** Set when a block found no room in the file. */
  #full = false;
  #file: Promise<SpoolFile> | undefined = undefined;
  #writes: Promise<void> = Promise.resolve();
  /** Bytes that the file may be long. */
  #length = 0;
  /** No more is taken in; `failure` is what follows the last record. */
  #ended: { readonly failure: { readonly error: unknown } | undefined } | undefined = undefined;
  #closed = false;
  #closing: Promise<void> | undefined = undefined;
  #wakeConsumer: (() => void) | undefined = undefined;
  #wakeLink: (() => void) | undefined = undefined;
  #roomPromise: Promise<void> | undefined = undefined;

  /** @param open makes the file; called at most once. */
  constructor(open: () => Promise<SpoolFile>, options: SpoolOptions) {
    this.#open = open;
    this.#space = new FileSpace(options.maxBytes);
    this.#window = options.windowBytes ?? 4 << 20;
    this.#blockBytes = options.blockBytes ?? 1 << 20;
  }

  /** Bytes of records that wait for the consumer. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Bytes of the file in use. */
  get spooled(): number {
    return this.#space.bytes;
  }

  /** Adds a record. Its bytes must not change afterwards. */
  push(record: SpoolRecord): void {
    if (this.#closed || this.#ended !== undefined) return;
    let block = this.#blocks[this.#blocks.length - 1];
    if (block?.records === undefined || block.bytes >= this.#blockBytes) {
      block = { records: [], bytes: 0, extent: undefined, taken: false };
      this.#blocks.push(block);
    }
    const size = sizeOf(record);
    block.records!.push(record);
    block.bytes += size;
    this.#memory += size;
    this.#buffered += record.bytes.length;
    const sealed = block.bytes >= this.#blockBytes;
    if (sealed && !this.#full && this.#memory > this.#window) this.#spill(block);
    this.#wake("consumer");
  }

  /** No more records come; after those there are, `next` gives `undefined`, or throws `failure.error`. */
  end(failure?: { readonly error: unknown }): void {
    this.#ended ??= { failure };
    this.#wake("consumer");
    this.#wake("link");
  }

  /**
   * `undefined` while more may be pushed; else a promise that resolves when it is worth asking again.
   *
   * @throws ReplicaError `FILE` when the file failed.
   */
  room(): Promise<void> | undefined {
    if (this.#ended?.failure !== undefined) throw this.#ended.failure.error;
    // What is on its way to the file is still in memory.
    if (!this.#full && this.#memory <= this.#window + 2 * this.#blockBytes) return undefined;
    if (this.#closed) return undefined;
    this.#roomPromise ??= new Promise((resolve) => {
      this.#wakeLink = resolve;
    });
    return this.#roomPromise;
  }

  /**
   * Takes the next record; waits for one when there is none. `undefined` at the end and after `close`.
   *
   * @throws after the last record what `end` was given, or ReplicaError `FILE` when the file failed.
   */
  async next(): Promise<SpoolRecord | undefined> {
    for (;;) {
      if (this.#closed) return undefined;
      const block = this.#blocks[0];
      if (block === undefined) {
        if (this.#ended?.failure !== undefined) throw this.#ended.failure.error;
        if (this.#ended !== undefined) return undefined;
        await new Promise<void>((resolve) => {
          this.#wakeConsumer = resolve;
        });
        continue;
      }
      block.taken = true;
      block.records ??= await this.#load(block);
      // Closed meanwhile.
      if (this.#blocks[0] !== block) continue;
      const record = block.records[this.#next];
      if (record !== undefined) {
        this.#next++;
        this.#buffered -= record.bytes.length;
        if (this.#next === block.records.length) this.#drop(block);
        return record;
      }
      this.#drop(block);
    }
  }

  /** Ends everything and removes the file. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed = true;
    this.#blocks = [];
    this.#memory = this.#buffered = 0;
    this.#wake("consumer");
    this.#wake("link");
    await this.#writes;
    try {
      await (await this.#file)?.close();
    } catch {
      // It could not be opened, or not be removed: nobody is left to be told.
    }
  }

  /** The first block was taken whole. */
  #drop(block: Block): void {
    this.#blocks.shift();
    this.#next = 0;
    this.#memory -= block.bytes;
    // A write of it may still be under way; one to the same place will come after it.
    if (block.extent !== undefined) this.#release(block.extent);
    if (this.#full) this.#retrySpill();
    this.#wake("link");
  }

  #release(extent: Extent): void {
    this.#space.release(extent);
    const { end } = this.#space;
    if (this.#length - end < SPARE) return;
    this.#length = end;
    // Behind the writes to places that are free now, before those to come.
    this.#writes = this.#writes.then(() => this.#truncate(end));
  }

  async #truncate(length: number): Promise<void> {
    if (this.#closed) return;
    try {
      await (await this.#file)?.truncate?.(length);
    } catch {
      // A file that stays long loses nothing.
    }
  }

  #spill(block: Block): void {
    const extent = this.#space.take(block.bytes);
    if (extent === undefined) {
      this.#full = true;
      return;
    }
    block.extent = extent;
    this.#length = Math.max(this.#length, extent.at + extent.length);
    this.#writes = this.#writes.then(() => this.#write(block, extent.at));
  }

  async #write(block: Block, at: number): Promise<void> {
    if (block.taken || this.#closed || this.#ended?.failure !== undefined) return;
    try {
      this.#file ??= this.#open();
      await (await this.#file).write(encodeRecords(block.records!, block.bytes), at);
    } catch (cause) {
      // What was not written is still in memory: everything taken in so far is handed out, then the error.
      this.end({ error: fileError("write", cause) });
      return;
    }
    if (block.taken) return;
    block.records = undefined;
    this.#memory -= block.bytes;
    this.#wake("link");
  }

  #retrySpill(): void {
    this.#full = false;
    // The first block is being taken, the last one filled.
    for (const block of this.#blocks.slice(1)) {
      if (this.#full || this.#memory <= this.#window) return;
      if (block.extent === undefined && block.bytes >= this.#blockBytes) this.#spill(block);
    }
  }

  async #load(block: Block): Promise<SpoolRecord[]> {
    const { at, length } = block.extent!;
    let bytes: Uint8Array;
    try {
      bytes = await (await this.#file!).read(at, length);
    } catch (cause) {
      throw fileError("read", cause);
    }
    if (bytes.length !== length)
      throw fileError("read", new Error(`${bytes.length} of ${length} bytes are there`));
    this.#memory += block.bytes;
    return decodeRecords(bytes);
  }

  #wake(whom: "consumer" | "link"): void {
    if (whom === "consumer") {
      const wake = this.#wakeConsumer;
      this.#wakeConsumer = undefined;
      wake?.();
    } else {
      const wake = this.#wakeLink;
      this.#wakeLink = undefined;
      this.#roomPromise = undefined;
      wake?.();
    }
  }
}

function fileError(doing: string, cause: unknown): ReplicaError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new ReplicaError("FILE", `Cannot ${doing} the spool: ${text}`, { cause });
}

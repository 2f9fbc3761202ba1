import type { ModuleValue, RdbKey } from "../events.ts";
import { EMPTY } from "./byte_reader.ts";
import { KeyEvent, type KeyExtras, type KeyHead } from "./key_event.ts";
import { PLAIN_STRING, type ValueKind } from "./opcodes.ts";
import { type Layout, Segment } from "./segment.ts";
import { type RdbTotals, totalsOf } from "./totals.ts";
import type { StreamTail } from "./values/stream_tail.ts";

export type { RdbTotals } from "./totals.ts";

/** Bounds of one event. */
export interface PartLimits {
  readonly maxPartElements: number;
  readonly maxPartBytes: number;
}

/**
 * Collects the segments of the value that is being read and cuts them into parts. A part is full when it reached a bound;
 * it goes out when a further element is known to exist, so that `last` is always right. Where the cuts fall depends on the
 * value alone, never on how the input was chunked.
 */
export class PartBuilder {
  readonly #emit: ((event: RdbKey) => void) | undefined;
  readonly #maxElements: number;
  readonly #maxBytes: number;
  /** Keys by the id of their kind, elements, decoded bytes. */
  readonly #keys: number[] = new Array(256).fill(0);
  #elements = 0;
  #bytes = 0;
  #head: KeyHead | undefined = undefined;
  #total: number | undefined = undefined;
  #part = 0;
  /** Elements of the whole value so far. */
  #seen = 0;
  #count = 0;
  #weight = 0;
  #layout: Layout | undefined = undefined;
  #buf: Uint8Array = EMPTY;
  #start = 0;
  #pos = 0;
  #end = 0;
  #run = 0;
  #extra: unknown = undefined;
  #segments: Segment[] = [];
  #tail: StreamTail | undefined = undefined;
  #module: ModuleValue | undefined = undefined;
  #raw: Uint8Array | undefined = undefined;

  /** Without `emit` nothing is kept and only the totals are counted. */
  constructor(limits: PartLimits, emit: ((event: RdbKey) => void) | undefined) {
    this.#emit = emit;
    this.#maxElements = emit === undefined ? Number.MAX_SAFE_INTEGER : limits.maxPartElements;
    this.#maxBytes = emit === undefined ? Number.MAX_SAFE_INTEGER : limits.maxPartBytes;
  }

  /** Takes the events; `undefined` where only totals are counted. */
  get emit(): ((event: RdbKey) => void) | undefined {
    return this.#emit;
  }

  /** Nothing leaves: buffers may be used again. */
  get counting(): boolean {
    return this.#emit === undefined;
  }

  /** `true` while no element of the value has been added. */
  get isEmpty(): boolean {
    return this.#seen === 0;
  }

  /** Begins a value. */
  begin(head: KeyHead): void {
    this.#head = head;
    this.#part = 0;
    this.#seen = 0;
    this.#total = undefined;
    this.#clear();
  }

  /** What was seen so far. */
  get totals(): RdbTotals {
    return totalsOf(this.#keys, this.#elements, this.#bytes);
  }

  /** Counts the key whose value was begun. */
  countKey(kind: ValueKind, bytes: number): void {
    this.#keys[kind.id]!++;
    this.#bytes += bytes;
  }

  /** Counts keys with a plain string each, and the bytes of both. */
  countStrings(keys: number, bytes: number): void {
    this.#keys[PLAIN_STRING]! += keys;
    this.#elements += keys;
    this.#bytes += bytes;
  }

  /** Tells how many elements (bytes for a string) the whole value has. */
  set total(total: number) {
    this.#total = total;
  }

  /** Elements that the open part still takes; sends it off first when it is full. Call it when a further element exists. */
  makeRoom(): number {
    if (this.#count >= this.#maxElements || this.#weight >= this.#maxBytes) this.#flush(false);
    return this.#maxElements - this.#count;
  }

  /** Bytes that the open part still takes. */
  get roomBytes(): number {
    return this.#maxBytes - this.#weight;
  }

  /** Adds `count` entries that lie in `buf[pos..end)` and decode to `bytes` bytes. `start`: see {@link Segment}. */
  add(
    layout: Layout,
    buf: Uint8Array,
    start: number,
    pos: number,
    end: number,
    count: number,
    bytes: number,
    extra: unknown = undefined,
  ): void {
    this.#seen += count;
    this.#elements += count;
    this.#bytes += bytes;
    if (this.#emit === undefined) return;
    this.#count += count;
    this.#weight += bytes;
    if (
      this.#run > 0 &&
      this.#layout === layout &&
      this.#buf === buf &&
      this.#end === pos &&
      this.#extra === extra
    ) {
      this.#end = end;
      this.#run += count;
      return;
    }
    this.#closeSegment();
    this.#layout = layout;
    this.#buf = buf;
    this.#start = start;
    this.#pos = pos;
    this.#end = end;
    this.#run = count;
    this.#extra = extra;
  }

  /** The tail of a stream part, to be filled in; `weigh` counts it towards the bound. */
  get tail(): StreamTail {
    this.#tail ??= { records: [] };
    return this.#tail;
  }

  /** `true` when the open part has a tail already. */
  get hasTail(): boolean {
    return this.#tail !== undefined;
  }

  weigh(bytes: number): void {
    this.#weight += bytes;
  }

  /** A module's value: one element, whatever it holds. */
  setModule(value: ModuleValue): void {
    this.#module = value;
    this.#count = 1;
    this.#elements++;
  }

  /** A piece of the DUMP payload. */
  setRaw(raw: Uint8Array): void {
    this.#raw = raw;
    this.#count = 1;
  }

  /** Says that what is added next belongs to the element before it. */
  continueElement(): void {
    this.#elements--;
  }

  /** Sends off the open part and goes on with the next. */
  cut(): void {
    this.#flush(false);
  }

  /** Sends off the final part. */
  finish(): void {
    this.#flush(true);
    this.#head = undefined;
  }

  /** Sends off what is there of a value that broke. */
  abandon(): void {
    if (this.#head !== undefined && (this.#count > 0 || this.#tail !== undefined)) this.#flush(false);
    this.#head = undefined;
  }

  #flush(last: boolean): void {
    const head = this.#head;
    if (head !== undefined && this.#emit !== undefined) {
      const simple = this.#segments.length === 0 && this.#extra === undefined;
      if (!simple) this.#closeSegment();
      const event = new KeyEvent(
        head.context,
        head.db,
        head.kind,
        head.keyBuf,
        head.keyPos,
        head.expireAt,
        head.offset,
        this.#part,
        last,
        this.#total,
        this.#count,
        simple ? this.#layout : undefined,
        simple ? this.#buf : EMPTY,
        simple ? this.#pos : 0,
        simple ? this.#end : 0,
        this.#extras(head, simple),
      );
      this.#part++;
      this.#clear();
      this.#emit(event as unknown as RdbKey);
    }
  }

  #extras(head: KeyHead, simple: boolean): KeyExtras | undefined {
    const { idle, freq } = head;
    if (
      simple &&
      idle === undefined &&
      freq === undefined &&
      this.#tail === undefined &&
      this.#module === undefined &&
      this.#raw === undefined
    )
      return undefined;
    return {
      idle,
      freq,
      segments: simple ? undefined : this.#segments,
      tail: this.#tail,
      module: this.#module,
      raw: this.#raw,
      unpacked: undefined,
      unpackedAt: 0,
      unpackedLength: 0,
    };
  }

  #closeSegment(): void {
    if (this.#run > 0) {
      this.#segments.push(
        new Segment(this.#layout!, this.#buf, this.#start, this.#pos, this.#end, this.#run, this.#extra),
      );
      this.#run = 0;
    }
  }

  #clear(): void {
    this.#count = this.#weight = this.#run = 0;
    this.#layout = this.#extra = undefined;
    this.#buf = EMPTY;
    if (this.#segments.length > 0) this.#segments = [];
    this.#tail = undefined;
    this.#module = undefined;
    this.#raw = undefined;
  }
}

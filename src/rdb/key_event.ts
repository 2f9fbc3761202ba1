import { utf8 } from "../bytes/text.ts";
import type {
  ArrivalInterval,
  EventContext,
  ModuleValue,
  RdbKey,
  StreamValue,
  ValueType,
} from "../events.ts";
import { EMPTY } from "./byte_reader.ts";
import type { ValueKind } from "./opcodes.ts";
import { stringAt, stringEncoding, stringSize, view } from "./rdb_string.ts";
import { type Layout, Segment } from "./segment.ts";
import { assembleStream, detachTail, type StreamTail } from "./values/stream_tail.ts";

const NO_MODULE: ModuleValue = { name: "", version: 0, decoded: undefined };

/** What few events have; one object, so that the many stay small. */
export interface KeyExtras {
  readonly idle?: number | undefined;
  readonly freq?: number | undefined;
  /** All segments, where one alone does not say everything. */
  readonly segments?: readonly Segment[] | undefined;
  readonly tail?: StreamTail | undefined;
  readonly module?: ModuleValue | undefined;
  /** A piece of the DUMP payload. */
  readonly raw?: Uint8Array | undefined;
  /** Memory where the value of a compressed string lies decompressed, from this index on. */
  readonly unpacked?: Uint8Array | undefined;
  readonly unpackedAt?: number;
  readonly unpackedLength?: number;
}

/** What stands before a value in the input: kept by the decoder while it reads the value, shared by no event. */
export interface KeyHead {
  readonly context: EventContext;
  readonly db: number;
  readonly kind: ValueKind;
  readonly keyBuf: Uint8Array;
  readonly keyPos: number;
  readonly expireAt: number | bigint | undefined;
  readonly idle: number | undefined;
  readonly freq: number | undefined;
  readonly offset: number;
}

/** The text of a key stored at `pos`. */
export function keyTextAt(buf: Uint8Array, pos: number): string {
  const lead = buf[pos]!;
  // A short raw key needs no view on the way to text.
  if (lead < 0x40) return utf8(buf, pos + 1, pos + 1 + lead);
  const key = stringAt(buf, pos);
  return utf8(key, 0, key.length);
}

/**
 * The one class behind all of `RdbKey`. It keeps where things are in the input and makes them when they are read. Its
 * fields are plain, flat and few because millions of these are made a second; the public shape is in the getters.
 */
export class KeyEvent {
  readonly db: number;
  readonly expireAt: number | bigint | undefined;
  readonly offset: number;
  readonly part: number;
  readonly last: boolean;
  readonly total: number | undefined;
  readonly count: number;
  private readonly context: EventContext;
  private readonly valueKind: ValueKind;
  private readonly keyBuf: Uint8Array;
  private readonly keyPos: number;
  private readonly layout: Layout | undefined;
  private readonly buf: Uint8Array;
  private readonly pos: number;
  private readonly end: number;
  private readonly extras: KeyExtras | undefined;

  constructor(
    context: EventContext,
    db: number,
    kind: ValueKind,
    keyBuf: Uint8Array,
    keyPos: number,
    expireAt: number | bigint | undefined,
    offset: number,
    part: number,
    last: boolean,
    total: number | undefined,
    count: number,
    layout: Layout | undefined,
    buf: Uint8Array,
    pos: number,
    end: number,
    extras: KeyExtras | undefined,
  ) {
    this.db = db;
    this.expireAt = expireAt;
    this.offset = offset;
    this.part = part;
    this.last = last;
    this.total = total;
    this.count = count;
    this.context = context;
    this.valueKind = kind;
    this.keyBuf = keyBuf;
    this.keyPos = keyPos;
    this.layout = layout;
    this.buf = buf;
    this.pos = pos;
    this.end = end;
    this.extras = extras;
  }

  get kind(): "rdb" {
    return "rdb";
  }

  get event(): "key" {
    return "key";
  }

  get type(): ValueType {
    return this.valueKind.type;
  }

  get encoding(): string {
    const { valueKind, layout } = this;
    // Without one piece that is the whole string nothing tells how it was packed.
    if (valueKind.form !== "string" || layout === undefined) return valueKind.encoding;
    return stringEncoding(this.buf, this.pos);
  }

  get key(): Uint8Array {
    return stringAt(this.keyBuf, this.keyPos);
  }

  get keyText(): string {
    return keyTextAt(this.keyBuf, this.keyPos);
  }

  get idle(): number | undefined {
    return this.extras?.idle;
  }

  get freq(): number | undefined {
    return this.extras?.freq;
  }

  get receivedAt(): ArrivalInterval | undefined {
    return this.context.receivedAt;
  }

  get shard(): string | undefined {
    return this.context.shard;
  }

  /** Never inside a snapshot: a cut there means a new full resync. */
  get position(): undefined {
    return undefined;
  }

  /** Bytes of the key and of this part as they are stored: a measure of size that makes nothing. */
  get byteLength(): number {
    const { extras } = this;
    let bytes = stringSize(this.keyBuf, this.keyPos) + this.end - this.pos + (extras?.raw?.length ?? 0);
    for (const segment of extras?.segments ?? []) bytes += segment.end - segment.pos;
    return bytes;
  }

  get raw(): Uint8Array | undefined {
    return this.extras?.raw;
  }

  get value(): RdbKey["value"] {
    const { type, extras } = this;
    // A string in one piece, which most values are, needs no list of pieces.
    if (type === "string" && this.layout !== undefined) {
      if (extras?.unpacked !== undefined)
        return view(extras.unpacked, extras.unpackedAt!, extras.unpackedLength!);
      if (extras === undefined) return stringAt(this.buf, this.pos);
    }
    if (type === "module") return extras?.module ?? NO_MODULE;
    const entries = this.entries();
    if (type === "string") return (entries[0] as Uint8Array | undefined) ?? EMPTY;
    if (type === "stream") return assembleStream(entries as StreamValue["entries"][number][], extras?.tail);
    return entries as never;
  }

  detach(): RdbKey {
    const { extras } = this;
    const keyBuf = this.keyBuf.slice(this.keyPos, this.keyPos + stringSize(this.keyBuf, this.keyPos));
    const copied: KeyExtras | undefined = extras && {
      ...extras,
      segments: extras.segments?.map((segment) => segment.detach()),
      tail: extras.tail && detachTail(extras.tail),
      raw: extras.raw?.slice(),
      unpacked: undefined,
    };
    const buf = this.buf.slice(this.pos, this.end);
    return new KeyEvent(
      this.context,
      this.db,
      this.valueKind,
      keyBuf,
      0,
      this.expireAt,
      this.offset,
      this.part,
      this.last,
      this.total,
      this.count,
      this.layout,
      buf,
      0,
      buf.length,
      copied,
    ) as unknown as RdbKey;
  }

  /** What the part's segments make, in an array that need not grow. */
  private entries(): unknown[] {
    const { layout, extras, count } = this;
    const entries: unknown[] = layout === undefined && extras?.segments === undefined ? [] : new Array(count);
    if (layout !== undefined) {
      layout.read(new Segment(layout, this.buf, this.pos, this.pos, this.end, count, undefined), entries, 0);
      return entries;
    }
    let first = 0;
    for (const segment of extras?.segments ?? []) {
      segment.layout.read(segment, entries, first);
      first += segment.count;
    }
    return entries;
  }
}

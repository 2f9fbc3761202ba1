/**
 * A run of entries that lie one after another in one buffer, not yet made into anything. Values are kept as segments
 * until somebody reads them; a value has more than one where it straddled chunks or consists of several packed nodes.
 */
export class Segment {
  readonly layout: Layout;
  readonly buf: Uint8Array;
  /** First byte that belongs to the run, for copying; differs from `pos` where entries need a header before them. */
  readonly start: number;
  /** First byte of the first entry. */
  readonly pos: number;
  readonly end: number;
  readonly count: number;
  /** What the layout needs besides the bytes (a TTL base, a stream node's master id, a template's fields). */
  readonly extra: unknown;

  constructor(
    layout: Layout,
    buf: Uint8Array,
    start: number,
    pos: number,
    end: number,
    count: number,
    extra: unknown,
  ) {
    this.layout = layout;
    this.buf = buf;
    this.start = start;
    this.pos = pos;
    this.end = end;
    this.count = count;
    this.extra = extra;
  }

  /** The same entries on memory of their own. */
  detach(): Segment {
    const { start } = this;
    const copy = this.buf.slice(start, this.end);
    return new Segment(this.layout, copy, 0, this.pos - start, this.end - start, this.count, this.extra);
  }
}

/** Knows how to make the entries of a segment. */
export interface Layout {
  /** Puts the `segment.count` entries into `out`, from index `first` on. */
  read(segment: Segment, out: unknown[], first: number): void;
}

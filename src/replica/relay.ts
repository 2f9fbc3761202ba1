import { encodeUtf8, utf8 } from "../bytes/text.ts";
import type { ArrivalInterval, Position, RedisEvent } from "../events.ts";
import { compileFilter } from "../stream/filter.ts";
import { type History, HistoryReader } from "./history.ts";
import type { HistoryOptions } from "./history_options.ts";
import type { LinkPlace } from "./link_events.ts";
import type { PayloadDecoder } from "./payload.ts";
import type { SpoolRecord } from "./spool_record.ts";

/** What the bytes of a spool's record are. */
const Kind = {
  /** A link event, as JSON. */
  EVENT: 0,
  /** Replication id and offset of a snapshot that begins, as JSON. */
  SNAPSHOT: 1,
  /** Bytes of the snapshot. */
  RDB: 2,
  /** The snapshot was whole. No bytes. */
  SNAPSHOT_END: 3,
  /** The replication id under which the stream goes on after a cut. */
  RESUME: 4,
  /** Bytes of the stream. */
  STREAM: 5,
  /** The stream goes back to its last data. */
  REWIND: 6,
} as const;

const NOTHING: readonly never[] = [];
const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * A history that is not told but kept for later: everything that happens goes as records to `push`, in order. It follows
 * snapshot and stream only as far as the link itself needs, skipping all values: where the snapshot ends, the offset, what to
 * acknowledge.
 */
export class RelayHistory implements History {
  readonly #follower: HistoryReader;
  readonly #push: (record: SpoolRecord) => void;
  readonly #recorder: PayloadDecoder;
  #receivedAt: ArrivalInterval | undefined = undefined;

  constructor(options: HistoryOptions, onGetAck: () => void, push: (record: SpoolRecord) => void) {
    this.#push = push;
    this.#follower = new HistoryReader(
      { ...options, snapshot: false, makePlace: undefined, filter: compileFilter({ commands: [] }) },
      onGetAck,
    );
    const { decoder } = this.#follower;
    this.#recorder = {
      get done(): boolean {
        return decoder.done;
      },
      write: (chunk) => {
        // Also bytes that the follower refuses: whoever reads them later gets what is good of them, then the same error.
        let read = chunk.length;
        try {
          read = decoder.write(chunk);
        } finally {
          this.#record(Kind.RDB, read === chunk.length ? chunk : chunk.subarray(0, read));
        }
        return read;
      },
    };
  }

  get state(): "none" | "snapshot" | "stream" {
    return this.#follower.state;
  }

  get replid(): string {
    return this.#follower.replid;
  }

  get offset(): number {
    return this.#follower.offset;
  }

  get position(): Position | undefined {
    return this.#follower.position;
  }

  get pending(): number {
    return this.#follower.pending;
  }

  get decoder(): PayloadDecoder {
    return this.#recorder;
  }

  get hasEvents(): boolean {
    return false;
  }

  set lag(bytes: number | undefined) {
    this.#follower.lag = bytes;
  }

  set receivedAt(receivedAt: ArrivalInterval | undefined) {
    this.#receivedAt = receivedAt;
    this.#follower.receivedAt = receivedAt;
  }

  takeEvents(): readonly RedisEvent[] {
    return NOTHING;
  }

  note(make: (place: LinkPlace) => RedisEvent): void {
    this.#follower.note((place) => {
      const event = make(place);
      this.#record(Kind.EVENT, encodeUtf8(JSON.stringify(event)));
      return event;
    });
    this.#forget();
  }

  beginSnapshot(replid: string, offset: number): void {
    this.#follower.beginSnapshot(replid, offset);
    this.#record(Kind.SNAPSHOT, encodeUtf8(JSON.stringify({ replid, offset })));
  }

  endSnapshot(): void {
    this.#follower.endSnapshot();
    this.#record(Kind.SNAPSHOT_END, NO_BYTES);
    this.#forget();
  }

  rewind(): boolean {
    const rewound = this.#follower.rewind();
    if (rewound) this.#record(Kind.REWIND, NO_BYTES);
    return rewound;
  }

  resume(replid: string): void {
    this.#follower.resume(replid);
    this.#record(Kind.RESUME, encodeUtf8(replid));
    this.#forget();
  }

  writeStream(chunk: Uint8Array, start: number): boolean {
    this.#record(Kind.STREAM, start === 0 ? chunk : chunk.subarray(start));
    this.#follower.writeStream(chunk, start);
    this.#forget();
    // The record is a view of it.
    return false;
  }

  tellProgress(): void {}

  /** What the follower tells, the reader of the records will tell again. */
  #forget(): void {
    this.#follower.takeEvents();
  }

  #record(kind: number, bytes: Uint8Array): void {
    this.#push({ kind, receivedAt: this.#receivedAt, bytes });
  }
}

/** Tells a history what was recorded. */
export function replay(record: SpoolRecord, history: HistoryReader): void {
  const { kind, bytes, receivedAt } = record;
  history.receivedAt = receivedAt;
  switch (kind) {
    case Kind.EVENT: {
      const event = JSON.parse(utf8(bytes)) as RedisEvent;
      history.note(() => event);
      break;
    }
    case Kind.SNAPSHOT: {
      const { replid, offset } = JSON.parse(utf8(bytes)) as { replid: string; offset: number };
      history.beginSnapshot(replid, offset);
      break;
    }
    case Kind.RDB:
      history.decoder.write(bytes);
      break;
    case Kind.SNAPSHOT_END:
      history.endSnapshot();
      break;
    case Kind.RESUME:
      history.resume(utf8(bytes));
      break;
    case Kind.REWIND:
      history.rewind();
      break;
    case Kind.STREAM:
      history.writeStream(bytes, 0);
      break;
  }
}

/** A point in one replication history from which the stream can be resumed without a hole. A plain, JSON-safe value. */
export interface Position {
  /** Replication id, 40 hex digits. */
  readonly replid: string;
  /** Bytes of the stream processed so far; PSYNC asks for `offset + 1`. */
  readonly offset: number;
  /** Database selected at that offset; a partial resync does not repeat SELECT. */
  readonly db: number;
  /** One position per shard when the source is a cluster; the fields above then speak of the event's own shard. */
  readonly shards?: Readonly<Record<string, Position>> | undefined;
}

/** When the bytes of an event arrived, Unix ms. `earliest < latest` when the read did not have to wait for them. */
export interface ArrivalInterval {
  readonly earliest: number;
  readonly latest: number;
}

/** What every event says of its place. */
export interface Placed {
  /** The last resumable position at or before this event; `undefined` where a cut would mean a new full resync. */
  readonly position: Position | undefined;
  /** When the bytes arrived; `undefined` for files. */
  readonly receivedAt: ArrivalInterval | undefined;
  /** The shard that the event came from, when the source is a cluster. */
  readonly shard?: string | undefined;
}

/** What all events of one chunk share; made once a chunk by whoever drives a decoder. */
export interface EventContext {
  /** Replication id of the history; `undefined` for files. */
  readonly replid: string | undefined;
  readonly receivedAt: ArrivalInterval | undefined;
  readonly shard: string | undefined;
  /** The file the bytes come from; `undefined` on a link. */
  readonly file: string | undefined;
  /** Makes of the shard's own position that of its whole cluster; `undefined` where there is none. */
  readonly place?: ((own: Position) => Position | undefined) | undefined;
}

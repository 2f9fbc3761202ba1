import { ReplicaError } from "../../errors.ts";
import type { StreamIdmp } from "../../events.ts";
import type { ByteReader } from "../byte_reader.ts";
import { readLength, readLength64, readString } from "../rdb_string.ts";
import { readStreamId } from "./stream_id.ts";

/** Exactly-once ids and producers that one stream may bring; servers keep 10,000 a producer. */
const MAX_NAMES = 200_000;
const MAX_NAME = 1 << 20;
const MAX_BYTES = 16 << 20;

interface Producer {
  readonly id: Uint8Array;
  readonly entries: { readonly iid: Uint8Array; readonly id: string }[];
}

/** Reads the exactly-once settings and producers of a stream; the layout stands in `stream.ts`. */
export class IdmpReading {
  /** −1: all of it is to come. */
  #duration = -1;
  #maxEntries = 0;
  /** What is left of the producers, and of the entries of the one that came last. */
  #producersLeft = 0;
  #entriesLeft = 0;
  readonly #producers: Producer[] = [];
  #names = 0;
  #nameBytes = 0;

  /** Reads on; returns them once they are complete, throws UNDERFLOW when it needs more. */
  step(r: ByteReader): StreamIdmp {
    if (this.#duration < 0) this.#begin(r);
    this.#readEntries(r);
    while (this.#producersLeft > 0) {
      this.#readProducer(r);
      this.#readEntries(r);
    }
    const added = readLength64(r);
    return {
      duration: this.#duration,
      maxEntries: this.#maxEntries,
      producers: this.#producers,
      added,
      duplicates: readLength64(r),
    };
  }

  #begin(r: ByteReader): void {
    const duration = readLength(r);
    const maxEntries = readLength(r);
    this.#producersLeft = readLength(r);
    this.#maxEntries = maxEntries;
    this.#duration = duration;
    r.commit();
  }

  #readProducer(r: ByteReader): void {
    const at = r.offset;
    const id = readString(r, MAX_NAME);
    this.#entriesLeft = readLength(r);
    this.#producers.push({ id: this.#keepName(id, at), entries: [] });
    this.#producersLeft--;
    r.commit();
  }

  #readEntries(r: ByteReader): void {
    for (; this.#entriesLeft > 0; this.#entriesLeft--) {
      const at = r.offset;
      const iid = readString(r, MAX_NAME);
      const id = readStreamId(r);
      this.#producers.at(-1)!.entries.push({ iid: this.#keepName(iid, at), id });
      r.commit();
    }
  }

  /** Takes the name of a producer or an entry: these are held until the stream's end, so on memory of their own and bounded. */
  #keepName(name: Uint8Array, at: number): Uint8Array {
    this.#names++;
    this.#nameBytes += name.length;
    if (this.#names > MAX_NAMES || this.#nameBytes > MAX_BYTES)
      throw new ReplicaError("LIMIT", `Cannot decode stream: too many exactly-once ids at byte ${at}`, {
        offset: at,
      });
    return name.slice();
  }
}

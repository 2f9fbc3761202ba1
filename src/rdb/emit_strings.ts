import { readInt64 } from "../bytes/integer.ts";
import { copyScratch } from "../bytes/lzf.ts";
import type { EventContext, RdbKey } from "../events.ts";
import type { ByteReader } from "./byte_reader.ts";
import { afterCompressed, afterPlain, COMPRESSED, counted, plainBytes, unpacked } from "./count_strings.ts";
import { KeyEvent, type KeyExtras } from "./key_event.ts";
import { OPCODE, type ValueKind } from "./opcodes.ts";
import { piece, setAside } from "./slab.ts";
import { STRING } from "./values/string.ts";

/**
 * Bytes that a compressed one may make for its value to be kept decompressed, which is how it is checked: so a chunk's values
 * take no more than so many times the chunk. Others are checked without, and decompressed when they are read.
 */
const MOST_UNPACKED = 8;

/** What the events of a run have in common. */
export interface StringRun {
  readonly context: EventContext;
  readonly db: number;
  /** The row of plain strings. */
  readonly kind: ValueKind;
  readonly emit: (event: RdbKey) => void;
}

/**
 * Sends off keys with plain string values, an expiry before them or not, as long as they are wholly there, one after another;
 * fills {@link counted}. It stops before anything else, which the record reader takes then. Small strings are most of what
 * many servers hold: this is the shortest way from their bytes to their events.
 *
 * `expireAt`: an expiry read already, which the first key takes.
 */
export function emitStrings(r: ByteReader, run: StringRun, expireAt: number | bigint | undefined): void {
  const { buf, end, base } = r;
  const { context, db, kind, emit } = run;
  let { pos } = r;
  let keys = 0;
  let bytes = 0;
  let expiry = expireAt;
  while (pos < end) {
    let at = pos;
    if (buf[at] === OPCODE.EXPIRETIME_MS && at + 9 < end) {
      const time = readInt64(buf, at + 1);
      expiry = time === -1 ? undefined : time;
      at += 9;
    }
    if (buf[at] !== kind.id) break;
    const valuePos = afterPlain(buf, at + 1, end);
    if (valuePos < 0) break;
    const keyBytes = plainBytes;
    const isCompressed = buf[valuePos] === COMPRESSED;
    const next = isCompressed
      ? afterCompressed(buf, valuePos, end, MOST_UNPACKED)
      : afterPlain(buf, valuePos, end);
    if (next < 0) break;
    bytes += keyBytes + plainBytes;
    keys++;
    pos = next;
    emit(
      new KeyEvent(
        context,
        db,
        kind,
        buf,
        at + 1,
        expiry,
        base + at,
        0,
        true,
        undefined,
        1,
        STRING,
        buf,
        valuePos,
        next,
        isCompressed ? keepUnpacked(unpacked, plainBytes) : undefined,
      ) as unknown as RdbKey,
    );
    expiry = undefined;
  }
  r.pos = pos;
  counted.keys = keys;
  counted.bytes = bytes;
}

/** Puts a decompressed value where its event can view it. */
function keepUnpacked(scratch: Uint8Array, length: number): KeyExtras {
  setAside(length);
  copyScratch(scratch, length, piece.buf, piece.start);
  return {
    idle: undefined,
    freq: undefined,
    segments: undefined,
    tail: undefined,
    module: undefined,
    raw: undefined,
    unpacked: piece.buf,
    unpackedAt: piece.start,
    unpackedLength: length,
  };
}

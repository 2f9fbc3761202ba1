import { readInt64 } from "../bytes/integer.ts";
import type { EventContext, RdbKey } from "../events.ts";
import type { ByteReader } from "./byte_reader.ts";
import { afterPlain, counted, plainBytes } from "./count_strings.ts";
import { KeyEvent } from "./key_event.ts";
import { OPCODE, type ValueKind } from "./opcodes.ts";
import { STRING } from "./values/string.ts";

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
    const next = afterPlain(buf, valuePos, end);
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
        undefined,
      ) as unknown as RdbKey,
    );
    expiry = undefined;
  }
  r.pos = pos;
  counted.keys = keys;
  counted.bytes = bytes;
}

/** Holds what a consumer received to the primary's own bytes: nothing lost, nothing doubled, every offset exact. */
import { encodeCommand } from "../../src/resp/encoder.ts";
import type { Tape, TapeHistory } from "./tape.ts";

interface Received {
  readonly offset: number;
  readonly frame: Uint8Array;
}

/** What came under one replication id without a break. */
interface Stretch {
  readonly replid: string;
  readonly from: number;
  readonly commands: Received[];
}

export interface Verified {
  /** Commands equal to the bytes on the tape, with nothing but the link's own commands between them. */
  readonly verified: number;
  /** Commands that the tape does not hold: a primary died before it told both. */
  readonly beyond: number;
}

export class StreamCheck {
  readonly #stretches: Stretch[] = [];
  #last = 0;
  /** A full resync is in order: the first one of a process without a position, or one that a `reset` has announced. */
  #mayBegin = true;

  /** Offset of the last command, or where the stretch began. */
  get last(): number {
    return this.#last;
  }

  reset(): void {
    this.#mayBegin = true;
  }

  fullresync(replid: string, offset: number): void {
    if (!this.#mayBegin) throw new Error(`full resync at ${offset} without a reset before it`);
    this.#mayBegin = false;
    this.#begin(replid, offset);
  }

  continued(replid: string, offset: number): void {
    if (offset < this.#last) throw new Error(`continued at ${offset}, but ${this.#last} was told before`);
    this.#begin(replid, this.#last);
  }

  /** The consumer was restarted at a position; `undefined`: from the beginning. */
  restarted(position: { readonly replid: string; readonly offset: number } | undefined): void {
    this.#mayBegin = position === undefined;
    if (position !== undefined) this.#begin(position.replid, position.offset);
  }

  command(offset: number, args: readonly Uint8Array[]): void {
    const stretch = this.#stretches.at(-1);
    if (stretch === undefined) throw new Error(`a command at ${offset} before any history`);
    if (offset <= this.#last) throw new Error(`offset ${offset} after ${this.#last}`);
    this.#last = offset;
    stretch.commands.push({ offset, frame: encodeCommand([...args]) });
  }

  /** Compares all of it with the tape. `end` is the primary's offset at the end. */
  verify(tape: Pick<Tape, "histories">, end: number): Verified {
    let verified = 0;
    let beyond = 0;
    for (const [index, { replid, from, commands }] of this.#stretches.entries()) {
      const history = tape.histories.get(replid);
      let at = from;
      for (const { offset, frame } of commands) {
        if (isOn(history, offset - frame.length, offset)) {
          if (!history.slice(offset - frame.length, offset).equals(frame)) {
            throw new Error(`the command at ${offset} of ${replid} is not what the primary sent`);
          }
          checkQuiet(history, at, offset - frame.length);
          verified++;
        } else beyond++;
        at = offset;
      }
      if (index === this.#stretches.length - 1) checkQuiet(history, at, end);
    }
    return { verified, beyond };
  }

  #begin(replid: string, from: number): void {
    this.#stretches.push({ replid, from, commands: [] });
    this.#last = from;
  }
}

function isOn(history: TapeHistory | undefined, from: number, to: number): history is TapeHistory {
  return history !== undefined && from >= history.start && to <= history.end;
}

/** Between two commands received the primary may have sent only what belongs to the link. */
function checkQuiet(history: TapeHistory | undefined, from: number, to: number): void {
  if (from === to || !isOn(history, from, to)) return;
  if (to < from) throw new Error(`commands overlap: ${from} comes after ${to}`);
  const bytes = history.slice(from, to);
  for (let at = 0; at < bytes.length; ) {
    const frame = /^\*(\d+)\r\n\$(\d+)\r\n/.exec(bytes.toString("latin1", at, at + 40));
    const name =
      frame && bytes.toString("latin1", at + frame[0].length, at + frame[0].length + Number(frame[2]));
    if (!frame || !["SELECT", "PING", "REPLCONF"].includes(name!.toUpperCase())) {
      throw new Error(
        `lost between ${from} and ${to}: ${JSON.stringify(bytes.toString("latin1", at, at + 80))}`,
      );
    }
    at += frame[0].length + Number(frame[2]) + 2;
    for (let argument = 1; argument < Number(frame[1]); argument++) {
      const size = /^\$(\d+)\r\n/.exec(bytes.toString("latin1", at, at + 20))!;
      at += size[0].length + Number(size[1]) + 2;
    }
  }
}

/** Holds what a consumer received to the primary's own bytes: nothing lost, nothing doubled, every offset exact. */
import { encodeCommand } from "../../src/resp/encoder.ts";
import type { Tape, TapeHistory } from "./tape.ts";

interface Received {
  readonly offset: number;
  readonly frame: Uint8Array;
  readonly greeting: boolean;
}

/** What came under one replication id without a break. */
interface Stretch {
  readonly replid: string;
  readonly from: number;
  readonly commands: Received[];
}

export interface Verified {
  /** Commands equal to the bytes on a tape, with nothing but the link's own commands between them. */
  readonly verified: number;
  /** Commands that no tape holds: a primary died before it told both. */
  readonly beyond: number;
}

/** The part of a tape that commands are compared with. */
export type Recording = Pick<Tape, "histories">;

/** What Sentinels say to each other through the servers that they watch. */
export function isGreeting(args: readonly Uint8Array[]): boolean {
  const [name, channel] = args.slice(0, 2).map((bytes) => Buffer.from(bytes).toString("latin1"));
  return name?.toUpperCase() === "PUBLISH" && channel === "__sentinel__:hello";
}

export class StreamCheck {
  readonly #stretches: Stretch[] = [];
  /** By replication id, how far a consumer got, whether it remembers or not. */
  readonly #processed: Map<string, number> = new Map();
  #last = 0;
  /** A full resync is in order: the first one of a process without a position, or one that a `reset` has announced. */
  #mayBegin = true;

  reset(): void {
    this.#mayBegin = true;
  }

  fullresync(replid: string, offset: number): void {
    if (!this.#mayBegin) throw new Error(`full resync at ${offset} without a reset before it`);
    this.#mayBegin = false;
    this.#begin(replid, offset);
  }

  continued(replid: string, offset: number): void {
    if (offset < this.#last) this.#checkTakenBack(offset);
    this.#begin(replid, Math.min(offset, this.#last));
  }

  /** The consumer was restarted at a position; `undefined`: from the beginning. */
  restarted(position: { readonly replid: string; readonly offset: number } | undefined): void {
    this.#mayBegin = position === undefined;
    if (position === undefined) return;
    const { replid, offset } = position;
    // A position ahead of what was processed may only have passed over what belongs to the link.
    this.#begin(replid, Math.min(offset, this.#processed.get(replid) ?? offset));
  }

  command(offset: number, args: readonly Uint8Array[]): void {
    const stretch = this.#stretches.at(-1);
    if (stretch === undefined) throw new Error(`a command at ${offset} before any history`);
    if (offset <= this.#last) throw new Error(`offset ${offset} after ${this.#last}`);
    this.#advance(stretch.replid, offset);
    stretch.commands.push({ offset, frame: encodeCommand([...args]), greeting: isGreeting(args) });
  }

  /** Compares all of it with the tapes. `end` is the primary's offset at the end. */
  verify(tapes: readonly Recording[], end: number): Verified {
    let verified = 0;
    let beyond = 0;
    for (const [index, { replid, from, commands }] of this.#stretches.entries()) {
      const histories = tapes.flatMap(({ histories }) => histories.get(replid) ?? []);
      let at = from;
      for (const { offset, frame } of commands) {
        const start = offset - frame.length;
        const history = histories.find((one) => start >= one.start && offset <= one.end);
        if (history === undefined) beyond++;
        else {
          if (!history.slice(start, offset).equals(frame)) {
            throw new Error(`the command at ${offset} of ${replid} is not what the primary sent`);
          }
          checkQuiet(histories, at, start);
          verified++;
        }
        at = offset;
      }
      if (index === this.#stretches.length - 1) checkQuiet(histories, at, end);
    }
    return { verified, beyond };
  }

  /** A link that Sentinels lead goes back to the last data; what comes again must be nothing but greetings. */
  #checkTakenBack(offset: number): void {
    for (const { from, commands } of [...this.#stretches].reverse()) {
      const wrong = commands.find((one) => one.offset > offset && !one.greeting);
      if (wrong !== undefined) throw new Error(`continued at ${offset}, but ${wrong.offset} was told before`);
      if (from <= offset) return;
    }
  }

  #begin(replid: string, from: number): void {
    this.#stretches.push({ replid, from, commands: [] });
    this.#advance(replid, from);
  }

  #advance(replid: string, offset: number): void {
    this.#last = offset;
    this.#processed.set(replid, offset);
  }
}

/** Between two commands received the primary may have sent only what belongs to the link. */
function checkQuiet(histories: readonly TapeHistory[], from: number, to: number): void {
  if (to < from) throw new Error(`commands overlap: ${from} comes after ${to}`);
  // A tape that began later knows a part of it.
  const history = histories
    .filter((one) => one.start < to && one.end >= to)
    .sort((a, b) => a.start - b.start)[0];
  if (history === undefined || from === to) return;
  const bytes = history.slice(Math.max(from, history.start), to);
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

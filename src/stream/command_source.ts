import type { EventContext } from "../events.ts";

/** What the commands of one chunk share, so that each of them stays small. */
export class CommandSource {
  readonly bytes: Uint8Array;
  /** Offset of the byte at index 0. */
  readonly base: number;
  readonly context: EventContext;

  constructor(bytes: Uint8Array, base: number, context: EventContext) {
    this.bytes = bytes;
    this.base = base;
    this.context = context;
  }
}

import type { TypedCommand } from "../commands/typed.generated.ts";
import type { UntypedCommand } from "../commands/typed.ts";
import type { Placed } from "./place.ts";

/** One transaction on the wire (MULTI … EXEC): the same object on each of its commands. */
export interface Transaction {
  /** Offset before its MULTI (and before a SELECT right before that). */
  readonly startOffset: number;
}

/** One replicated command. */
export interface AofCommand extends Placed {
  readonly kind: "aof";
  readonly event: "command";
  /** Database the command ran in. */
  readonly db: number;
  /** Upper case; `args[0]` keeps the case of the wire. Container commands: the first word only, `XGROUP`. */
  readonly name: string;
  /** The whole command, name first. Views of the chunk, made when read. */
  readonly args: readonly Uint8Array[];
  /** Bytes of the command on the wire, where they are known. */
  readonly byteLength?: number | undefined;
  /** `args.length`, without making the views. */
  readonly argc: number;
  /** The exact replication offset after the command; in a file the byte offset after it. */
  readonly offset: number;
  /** Set between MULTI and EXEC, both included. */
  readonly tx: Transaction | undefined;
  /** The file it was read from; `undefined` on a link. */
  readonly file: string | undefined;
  /**
   * The command taken apart, made anew at each reading, so keep it in a variable: narrow by `typed.name`. A command or option that nobody knows is an
   * `UntypedCommand`, whose `name` is `undefined` and whose `reason` says why.
   */
  readonly typed: TypedCommand | UntypedCommand;
  /** Argument `index` as a view, `undefined` beyond the end. 0 is the name. */
  arg(index: number): Uint8Array | undefined;
  /** Argument `index` as UTF-8 text. */
  text(index: number): string | undefined;
  /** The same event on memory of its own. */
  detach(): AofCommand;
}

/** `#TS:` annotation of an AOF file. */
export interface AofTimestamp extends Placed {
  readonly kind: "aof";
  readonly event: "timestamp";
  /** Unix ms. */
  readonly at: number;
  readonly offset: number;
  readonly file: string | undefined;
}

/** A command of the stream or of an AOF, or a time annotation of an AOF. */
export type AofEvent = AofCommand | AofTimestamp;

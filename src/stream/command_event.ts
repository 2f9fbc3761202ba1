import { utf8 } from "../bytes/text.ts";
import type { AofCommand, ArrivalInterval, Position } from "../events.ts";
import { commandName } from "./command_name.ts";
import { CommandSource } from "./command_source.ts";
import { afterLine, argumentHeader, argumentLength, argumentViews } from "./frame.ts";
import type { OpenTransaction } from "./open_transaction.ts";

/** From this argument on, walking there from the start each time would make a loop over all of them quadratic. */
const FAR = 16;

/**
 * A command as a place in its chunk: whatever is asked of it is found again in its bytes. One of these is made for each
 * command that passes, so the fields are small integers and shared objects; offsets, which above 2^31 would cost an
 * allocation each, are counted from the source's.
 */
export class CommandEvent implements AofCommand {
  readonly #source: CommandSource;
  readonly #start: number;
  readonly #end: number;
  readonly argc: number;
  readonly db: number;
  readonly tx: OpenTransaction | undefined;
  #args: readonly Uint8Array[] | undefined;

  constructor(
    source: CommandSource,
    start: number,
    end: number,
    argc: number,
    db: number,
    tx: OpenTransaction | undefined,
  ) {
    this.#source = source;
    this.#start = start;
    this.#end = end;
    this.argc = argc;
    this.db = db;
    this.tx = tx;
    this.#args = undefined;
  }

  get kind(): "aof" {
    return "aof";
  }

  get event(): "command" {
    return "command";
  }

  get offset(): number {
    return this.#source.base + this.#end;
  }

  get receivedAt(): ArrivalInterval | undefined {
    return this.#source.context.receivedAt;
  }

  get shard(): string | undefined {
    return this.#source.context.shard;
  }

  get file(): string | undefined {
    return this.#source.context.file;
  }

  get position(): Position | undefined {
    const { replid } = this.#source.context;
    if (replid === undefined) return undefined;
    const { db, offset, tx } = this;
    // A cut between MULTI and EXEC would resume in the middle of the transaction.
    if (tx !== undefined && tx.endOffset !== offset)
      return { replid, offset: tx.startOffset, db: tx.startDb };
    return { replid, offset, db };
  }

  get name(): string {
    const { bytes } = this.#source;
    const header = afterLine(bytes, this.#start);
    const data = afterLine(bytes, header);
    return commandName(bytes, data, data + argumentLength(bytes, header));
  }

  get args(): readonly Uint8Array[] {
    this.#args ??= argumentViews(this.#source.bytes, this.#start, this.argc);
    return this.#args;
  }

  arg(index: number): Uint8Array | undefined {
    if (this.#args !== undefined || index >= FAR) return this.args[index];
    if (!(index >= 0 && index < this.argc)) return undefined;
    const { bytes } = this.#source;
    const header = argumentHeader(bytes, this.#start, index);
    const data = afterLine(bytes, header);
    return new Uint8Array(bytes.buffer, bytes.byteOffset + data, argumentLength(bytes, header));
  }

  text(index: number): string | undefined {
    if (index >= FAR) {
      const bytes = this.args[index];
      return bytes && utf8(bytes);
    }
    if (!(index >= 0 && index < this.argc)) return undefined;
    const { bytes } = this.#source;
    const header = argumentHeader(bytes, this.#start, index);
    const data = afterLine(bytes, header);
    return utf8(bytes, data, data + argumentLength(bytes, header));
  }

  detach(): CommandEvent {
    const { bytes, base, context } = this.#source;
    const own = bytes.slice(this.#start, this.#end);
    const source = new CommandSource(own, base + this.#start, context);
    return new CommandEvent(source, 0, own.length, this.argc, this.db, this.tx);
  }
}

import { utf8 } from "../bytes/text.ts";
import type { TypedCommand } from "../commands/typed.generated.ts";
import { typedCommand, type UntypedCommand } from "../commands/typed.ts";
import type { AofCommand, ArrivalInterval, Position } from "../events.ts";
import { commandName } from "./command_name.ts";
import { CommandSource } from "./command_source.ts";
import { afterLine, argumentData, lengthBefore, lineNumber } from "./frame.ts";
import type { Framed, FrameJudge, Verdict } from "./frame_judge.ts";
import type { OpenTransaction } from "./open_transaction.ts";

const CR = 0x0d;
const ZERO = 0x30;

/** From this argument on, walking there from the start each time would make a loop over all of them quadratic. */
const FAR = 16;

/** The arguments of commands with many, once asked for: a field for them would make every event a sixth larger. */
const manyArguments: WeakMap<CommandEvent, readonly Uint8Array[]> = new WeakMap();

/**
 * A command as a place in its chunk: whatever is asked of it is found again in its bytes. One of these is made for each
 * command that passes, so the fields are small integers and shared objects; offsets, which above 2^31 would cost an
 * allocation each, are counted from the source's.
 */
export class CommandEvent implements AofCommand, Framed {
  readonly #source: CommandSource;
  readonly #start: number;
  readonly #end: number;

  /** `start` and `end` are indices of the whole command in the source. */
  constructor(source: CommandSource, start: number, end: number) {
    this.#source = source;
    this.#start = start;
    this.#end = end;
  }

  get kind(): "aof" {
    return "aof";
  }

  get event(): "command" {
    return "command";
  }

  get db(): number {
    return this.#source.db;
  }

  get tx(): OpenTransaction | undefined {
    return this.#source.tx;
  }

  get argc(): number {
    return lineNumber(this.#source.bytes, this.#start);
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
    const { replid, place } = this.#source.context;
    if (replid === undefined) return undefined;
    const { db, offset, tx } = this;
    // A cut between MULTI and EXEC would resume in the middle of the transaction.
    const inside = tx !== undefined && tx.endOffset !== offset;
    const own = inside ? { replid, offset: tx.startOffset, db: tx.startDb } : { replid, offset, db };
    return place === undefined ? own : place(own);
  }

  get name(): string {
    const { bytes } = this.#source;
    const data = argumentData(bytes, this.#start, 0);
    return commandName(bytes, data, data + lengthBefore(bytes, data));
  }

  get args(): readonly Uint8Array[] {
    // Kept only where making them again is dear: views that live as long as their batch cost more in garbage collection.
    if (this.argc <= FAR) return this.#viewArguments();
    let args = manyArguments.get(this);
    if (args === undefined) {
      args = this.#viewArguments();
      manyArguments.set(this, args);
    }
    return args;
  }

  get typed(): TypedCommand | UntypedCommand {
    return typedCommand(this.args);
  }

  arg(index: number): Uint8Array | undefined {
    if (index >= FAR) return this.args[index];
    const { argc } = this;
    if (!(index >= 0 && index < argc)) return undefined;
    const args = argc > FAR ? manyArguments.get(this) : undefined;
    if (args !== undefined) return args[index];
    const source = this.#source;
    const data = argumentData(source.bytes, this.#start, index);
    return source.view(data, lengthBefore(source.bytes, data));
  }

  text(index: number): string | undefined {
    if (index >= FAR) {
      const bytes = this.args[index];
      return bytes && utf8(bytes);
    }
    if (!(index >= 0 && index < this.argc)) return undefined;
    const { bytes } = this.#source;
    const data = argumentData(bytes, this.#start, index);
    return utf8(bytes, data, data + lengthBefore(bytes, data));
  }

  /** Bytes of the command on the wire. */
  get byteLength(): number {
    return this.#end - this.#start;
  }

  /** Judges argument `index` where it lies, without a view of it; `false` beyond the end. */
  testArg(index: number, test: (bytes: Uint8Array, start: number, end: number) => boolean): boolean {
    if (!(index >= 0 && index < this.argc)) return false;
    const { bytes } = this.#source;
    const data = argumentData(bytes, this.#start, index);
    return test(bytes, data, data + lengthBefore(bytes, data));
  }

  judgeFrame(judge: FrameJudge): Verdict {
    const { bytes, db } = this.#source;
    const header = afterLine(bytes, this.#start);
    const name = afterLine(bytes, header);
    return judge(bytes, lineNumber(bytes, this.#start), name, name + lineNumber(bytes, header), db);
  }

  detach(): CommandEvent {
    const source = this.#source;
    const { base, context, db, tx } = source;
    const start = this.#start;
    // Not `slice`, which a Buffer has with another meaning.
    const own = new Uint8Array(source.view(start, this.#end - start));
    return new CommandEvent(new CommandSource(own, base + start, context, db, tx), 0, own.length);
  }

  #viewArguments(): Uint8Array[] {
    const source = this.#source;
    const { bytes } = source;
    const views = new Array<Uint8Array>(this.argc);
    let at = afterLine(bytes, this.#start);
    for (let i = 0; i < views.length; i++) {
      let length = bytes[at + 1]! - ZERO;
      at += 2;
      for (let byte = bytes[at++]!; byte !== CR; byte = bytes[at++]!) length = length * 10 + byte - ZERO;
      views[i] = source.view(at + 1, length);
      at += length + 3;
    }
    return views;
  }
}

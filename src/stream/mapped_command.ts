import { utf8 } from "../bytes/text.ts";
import type { TypedCommand } from "../commands/typed.generated.ts";
import { typedCommand, type UntypedCommand } from "../commands/typed.ts";
import type { AofCommand, ArrivalInterval, Position, Transaction } from "../events.ts";
import type { Retargeter } from "./retarget.ts";

/** A command under other names: its arguments are rewritten when they are first read. */
export class MappedCommand implements AofCommand {
  readonly #command: AofCommand;
  readonly #retargeter: Retargeter;
  #args: readonly Uint8Array[] | undefined = undefined;

  constructor(command: AofCommand, retargeter: Retargeter) {
    this.#command = command;
    this.#retargeter = retargeter;
  }

  get kind(): "aof" {
    return "aof";
  }

  get event(): "command" {
    return "command";
  }

  get db(): number {
    return this.#command.db;
  }

  get name(): string {
    return this.#command.name;
  }

  get args(): readonly Uint8Array[] {
    const { name, db, args } = this.#command;
    return (this.#args ??= this.#retargeter.command(name, db, args)[0]!.args);
  }

  get argc(): number {
    return this.#command.argc;
  }

  get offset(): number {
    return this.#command.offset;
  }

  get position(): Position | undefined {
    return this.#command.position;
  }

  get receivedAt(): ArrivalInterval | undefined {
    return this.#command.receivedAt;
  }

  get shard(): string | undefined {
    return this.#command.shard;
  }

  get tx(): Transaction | undefined {
    return this.#command.tx;
  }

  get file(): string | undefined {
    return this.#command.file;
  }

  get typed(): TypedCommand | UntypedCommand {
    return typedCommand(this.args);
  }

  arg(index: number): Uint8Array | undefined {
    return this.args[index];
  }

  text(index: number): string | undefined {
    const arg = this.args[index];
    return arg && utf8(arg);
  }

  detach(): MappedCommand {
    return new MappedCommand(this.#command.detach(), this.#retargeter);
  }
}

import { equals } from "../bytes/equals.ts";
import { utf8 } from "../bytes/text.ts";
import { type Plan, planOf } from "./argument_plan.ts";
import { ArgumentReader, type Properties } from "./argument_reader.ts";
import { writeArguments } from "./argument_writer.ts";
import { defaultCommandTable } from "./keys.ts";
import { parseSyntax } from "./syntax.ts";
import type { TypedCommand } from "./typed.generated.ts";
import type { CommandInfo, CommandTable } from "./types.ts";

/** A command that has no typed form: its arguments as they are, and why. */
export interface UntypedCommand {
  readonly name: undefined;
  /** The command's name as far as it is known, upper case: `XGROUP CREATE`; else its first word. */
  readonly command: string;
  readonly args: readonly Uint8Array[];
  /**
   * `unknown`: not in the table. `no-syntax`: in the table, without a grammar. `arguments`: they do not fit the grammar: an
   * option of a newer server, or a malformed command; `detail` says where.
   */
  readonly reason: "unknown" | "no-syntax" | "arguments";
  readonly detail: string | undefined;
}

/** What typed commands were read from. They hold views of it anyway. */
const sources = new WeakMap<object, readonly Uint8Array[]>();

/** Of each row the grammar, worked out when it is first needed. */
const plans = new WeakMap<CommandInfo, Plan>();

/**
 * A command as an object with a property for each argument, in the words of the servers' documentation: `name` tells which
 * command it is, and TypeScript narrows by it. What cannot be typed comes as an `UntypedCommand`, whose `name` is
 * `undefined`; nothing is thrown.
 *
 * Options come in any order and any letter case. Bytes are views of the arguments. Numbers are numbers where that is exact,
 * bigints where 64 bits need it; a number that is not spelled as servers print it has its text beside it (`scoreText`).
 * One of several options is the word itself or an object with the word: `"KEEPTTL"`, `{ PXAT: 1700000000000 }`.
 *
 * @example
 * ```ts
 * import { typedCommand } from "rxreplica/commands";
 *
 * const argv = ["set", "k", "v", "PXAT", "1700000000000"].map((word) => new TextEncoder().encode(word));
 * const command = typedCommand(argv);
 * if (command.name !== "SET") throw new Error("expected a SET");
 * const { expire } = command;
 * if (typeof expire !== "object" || !("PXAT" in expire)) throw new Error("expected a time");
 * if (expire.PXAT !== 1700000000000) throw new Error(`unexpected ${expire.PXAT}`);
 * ```
 */
export function typedCommand(argv: readonly Uint8Array[]): TypedCommand | UntypedCommand;
/**
 * The same with a table of one's own. `Own` is the type of the commands that it adds, each with its `name`.
 */
export function typedCommand<Own extends { readonly name: string }>(
  argv: readonly Uint8Array[],
  table: CommandTable,
): TypedCommand | Own | UntypedCommand;
export function typedCommand(
  argv: readonly Uint8Array[],
  table: CommandTable = defaultCommandTable(),
): TypedCommand | UntypedCommand {
  const info = table.commandInfo(argv);
  if (info === undefined) return untyped(firstWord(argv), argv, "unknown", undefined);
  const plan = planFor(info);
  if (plan === undefined) return untyped(info.name, argv, "no-syntax", undefined);
  const reader = new ArgumentReader(argv, wordsOf(info.name).length);
  const properties = reader.read(plan);
  if (properties === undefined) return untyped(info.name, argv, "arguments", reader.failure);
  const command = { name: info.name, ...properties };
  sources.set(command, argv);
  return command as unknown as TypedCommand;
}

/**
 * The arguments that a typed command stands for, name first. An object that `typedCommand` made gives the very arguments it
 * was read from. Any other, a changed or a copied one too, is written with options in the order of the servers' documentation
 * and words in capitals. Throws `TypeError` for an object that is no typed command.
 *
 * @example
 * ```ts
 * import { encodeTyped } from "rxreplica/commands";
 *
 * const key = new TextEncoder().encode("k");
 * const argv = encodeTyped({ name: "PEXPIREAT", key, atMs: 1700000000000, condition: "GT" });
 * const text = argv.map((word) => new TextDecoder().decode(word)).join(" ");
 * if (text !== "PEXPIREAT k 1700000000000 GT") throw new Error(`unexpected ${text}`);
 * ```
 */
export function encodeTyped(
  command: TypedCommand | UntypedCommand | { readonly name: string },
  table: CommandTable = defaultCommandTable(),
): Uint8Array[] {
  if (command.name === undefined) return [...(command as UntypedCommand).args];
  const info = table.commandInfo(command.name);
  const plan = info === undefined ? undefined : planFor(info);
  if (info === undefined || plan === undefined) {
    throw new TypeError(`Cannot encode command ${command.name}: its grammar is not known`);
  }
  const argv = writeCommand(info, plan, command as unknown as Properties);
  const source = sources.get(command);
  if (source === undefined || table.commandInfo(source)?.name !== info.name) return argv;
  const unchanged = new ArgumentReader(source, wordsOf(info.name).length).read(plan);
  return unchanged !== undefined && sameArguments(argv, writeCommand(info, plan, unchanged))
    ? [...source]
    : argv;
}

function writeCommand(info: CommandInfo, plan: Plan, properties: Properties): Uint8Array[] {
  const argv = wordsOf(info.name).map((word) => Uint8Array.from(word, (sign) => sign.charCodeAt(0)));
  writeArguments(plan, properties, argv);
  return argv;
}

function sameArguments(one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean {
  return one.length === other.length && one.every((arg, index) => equals(arg, other[index]!));
}

function planFor(info: CommandInfo): Plan | undefined {
  if (info.syntax === undefined) return undefined;
  const known = plans.get(info);
  if (known !== undefined) return known;
  const plan = planOf(parseSyntax(info.syntax));
  plans.set(info, plan);
  return plan;
}

function wordsOf(name: string): readonly string[] {
  return name.split(" ");
}

function firstWord(argv: readonly Uint8Array[]): string {
  const [name] = argv;
  return name === undefined ? "" : utf8(name, 0, Math.min(name.length, 64)).toUpperCase();
}

function untyped(
  command: string,
  args: readonly Uint8Array[],
  reason: UntypedCommand["reason"],
  detail: string | undefined,
): UntypedCommand {
  return { name: undefined, command, args, reason, detail };
}

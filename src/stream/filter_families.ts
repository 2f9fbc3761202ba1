import { COMMANDS } from "../commands/table.generated.ts";
import type { CommandFlag, CommandInfo } from "../commands/types.ts";
import type { AofCommand } from "../events.ts";
import type { FilterTable } from "./filter_commands.ts";

/** The servers' command groups; a table of one's own may have others. */
export type CommandFamily =
  | "string"
  | "bitmap"
  | "hash"
  | "list"
  | "set"
  | "sorted-set"
  | "stream"
  | "geo"
  | "hyperloglog"
  | "generic"
  | "module"
  | "array"
  | (string & {});

type Judge = (command: AofCommand) => boolean;

/** Judges commands by their group. Throws `TypeError` for one that the servers do not have, unless the table is the caller's. */
export function judgeByFamily(
  families: readonly string[],
  passUnknown: boolean,
  table: FilterTable,
  own: boolean,
): Judge {
  const known = own ? undefined : new Set(Object.values(COMMANDS).map(({ group }) => group));
  const wanted = compileWords("family", families, known);
  return judgeByInfo((info) => wanted.has(info.group), passUnknown, table);
}

/** Judges commands by what is said about them. Throws `TypeError` for a flag that nothing bears. */
export function judgeByFlag(flags: readonly CommandFlag[], passUnknown: boolean, table: FilterTable): Judge {
  const known = new Set<string>(Object.values(COMMANDS).flatMap((row) => row.flags));
  const wanted = compileWords("flag", flags, known);
  return judgeByInfo((info) => info.flags.some((flag) => wanted.has(flag)), passUnknown, table);
}

function compileWords(
  what: string,
  words: readonly string[],
  known: ReadonlySet<string> | undefined,
): Set<string> {
  for (const word of words) {
    if (typeof word === "string" && word !== "" && (known === undefined || known.has(word))) continue;
    const hint = known === undefined ? "" : `, known are ${[...known].sort().join(", ")}`;
    throw new TypeError(`Cannot compile filter: unknown ${what} ${String(word)}${hint}`);
  }
  return new Set(words);
}

/** Names whose answer is kept: as many as all servers have commands, however many an input makes up. */
const REMEMBERED = 1024;

function judgeByInfo(wants: (info: CommandInfo) => boolean, passUnknown: boolean, table: FilterTable): Judge {
  const answers = new Map<string, boolean | "container">();
  const judge = (info: CommandInfo | undefined): boolean => (info === undefined ? passUnknown : wants(info));
  return (command) => {
    const { name } = command;
    let answer = answers.get(name);
    if (answer === undefined) {
      const info = table.commandInfo(name);
      answer = info !== undefined && info.subcommands.length > 0 ? "container" : judge(info);
      if (answers.size < REMEMBERED) answers.set(name, answer);
    }
    if (answer !== "container") return answer;
    const word = command.arg(1);
    return judge(word === undefined ? undefined : table.commandInfo([command.arg(0)!, word]));
  };
}

/** Rows of the command table as one server tells them, from its COMMAND and COMMAND DOCS replies. */
import {
  commandTitle,
  type PlainReply,
  replyList,
  replyMap,
  type ServerCommand,
  serverCommands,
} from "../../src/commands/server_rows.ts";

/** One server's answers. */
export interface ServerAnswers {
  readonly family: "redis" | "valkey";
  /** `major.minor`. */
  readonly line: string;
  /** Reply to COMMAND. */
  readonly commands: PlainReply;
  /** Reply to COMMAND DOCS. */
  readonly docs: PlainReply;
}

/** A command with what COMMAND DOCS adds. */
export interface ServerRow extends ServerCommand {
  /** The `arguments` of COMMAND DOCS; `undefined` where it does not describe the command. */
  readonly grammar: readonly PlainReply[] | undefined;
}

/** All commands and sub-commands of a server by name, `XGROUP CREATE`. */
export function serverRows(answers: ServerAnswers): Map<string, ServerRow> {
  const docs = docsByName(answers.docs);
  const rows = new Map<string, ServerRow>();
  for (const [name, { row, open }] of serverCommands(answers.commands)) {
    const doc = docs.get(name);
    const [group, since] = [doc?.get("group"), doc?.get("since")];
    rows.set(name, {
      row: {
        ...row,
        ...(typeof group === "string" ? { group } : {}),
        ...(typeof since === "string" ? { since: { [answers.family]: since } } : {}),
      },
      open,
      grammar: typeof since === "string" ? replyList(doc?.get("arguments") ?? []) : undefined,
    });
  }
  return rows;
}

function docsByName(docs: PlainReply): Map<string, ReadonlyMap<PlainReply, PlainReply>> {
  const found = new Map<string, ReadonlyMap<PlainReply, PlainReply>>();
  const queue = [...replyMap(docs)];
  for (let i = 0; i < queue.length; i++) {
    const [name, doc] = queue[i]!;
    found.set(commandTitle(name), replyMap(doc));
    const subcommands = replyMap(doc).get("subcommands");
    if (subcommands !== undefined) queue.push(...replyMap(subcommands));
  }
  return found;
}

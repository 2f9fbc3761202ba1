/** The `arguments` of COMMAND DOCS as the one-line grammar of src/commands/syntax.ts. */

import { type PlainReply, replyList, replyMap } from "../../src/commands/server_rows.ts";
import { RENAMES, RETYPES } from "./naming.ts";

/** Grammar of a command. `used` collects the entries of the naming tables that it took. */
export function syntaxOf(command: string, grammar: readonly PlainReply[], used: Set<string>): string {
  return new SyntaxWriter(command, used).sequence(grammar);
}

class SyntaxWriter {
  readonly #command: string;
  readonly #used: Set<string>;

  constructor(command: string, used: Set<string>) {
    this.#command = command;
    this.#used = used;
  }

  sequence(grammar: readonly PlainReply[]): string {
    return grammar.map((arg, index) => this.#argument(replyMap(arg), grammar[index + 1])).join(" ");
  }

  #argument(arg: ReadonlyMap<PlainReply, PlainReply>, next: PlainReply | undefined): string {
    const flags = replyList(arg.get("flags") ?? []).map(String);
    const isSaidAgain = flags.includes("multiple_token");
    const bare = this.#bare(arg, next, flags.includes("multiple") && !isSaidAgain);
    const token = arg.get("type") === "pure-token" ? undefined : arg.get("token");
    // A block with a name of its own holds its word too: `limit=(LIMIT offset count)`.
    const text =
      token === undefined
        ? bare
        : arg.get("type") === "block"
          ? bare.replace(/^(\w+=\()?/, `$1${wordOf(token)} `)
          : `${wordOf(token)} ${bare}`;
    if (isSaidAgain) return `[${text}]...`;
    if (flags.includes("optional")) return `[${withoutBrackets(text)}]`;
    return token === undefined || /^\w+=/.test(text) ? text : `(${text})`;
  }

  /** Without its token: a value, a flag, a choice or a block. */
  #bare(arg: ReadonlyMap<PlainReply, PlainReply>, next: PlainReply | undefined, multiple: boolean): string {
    const type = String(arg.get("type"));
    const raw = String(arg.get("name"));
    const name = this.#nameOf(raw, multiple);
    const dots = multiple ? "..." : "";
    if (type === "pure-token") return `${name}=${wordOf(arg.get("token")!)}`;
    if (type === "oneof") {
      const alternatives = replyList(arg.get("arguments")!).map((one) => this.#alternative(replyMap(one)));
      return `${name}=(${alternatives.join(" | ")})${dots}`;
    }
    if (type === "block") return this.#block(arg, name, dots);
    if (/^num-?[a-z]+$/.test(raw) && next !== undefined) {
      return `#${this.#nameOf(String(replyMap(next).get("name")), true)}`;
    }
    const kind = this.#kindOf(raw, type);
    return `${name}${kind === "bytes" ? "" : `:${kind}`}${dots}`;
  }

  /** A block that only counts one list, or that is named so, gives its properties to the command itself. */
  #block(arg: ReadonlyMap<PlainReply, PlainReply>, name: string, dots: string): string {
    const items = replyList(arg.get("arguments")!);
    const first = replyMap(items[0]!);
    const counted = items.length === 2 && /^num-?[a-z]+$/.test(String(first.get("name")));
    const hoisted = counted || name === "";
    const content = withoutBrackets(this.sequence(items));
    if (!hoisted) return `${name}=(${content})${dots}`;
    return arg.get("token") === undefined ? `(${content})` : content;
  }

  #alternative(arg: ReadonlyMap<PlainReply, PlainReply>): string {
    const type = String(arg.get("type"));
    const token = arg.get("token");
    if (type === "pure-token") return wordOf(token!);
    const content =
      type === "block"
        ? withoutBrackets(this.sequence(replyList(arg.get("arguments")!)))
        : this.#bare(arg, undefined, false);
    return token === undefined ? content : `${wordOf(token)} ${content}`;
  }

  #nameOf(raw: string, multiple: boolean): string {
    for (const key of [`${this.#command} ${raw}`, multiple ? `${raw}...` : raw]) {
      const renamed = RENAMES[key];
      if (renamed === undefined) continue;
      this.#used.add(key);
      return renamed;
    }
    if (multiple) throw new Error(`The list ${raw} of ${this.#command} has no plural: name it in naming.ts`);
    return raw.toLowerCase().replace(/[-_](\w)/g, (_, sign: string) => sign.toUpperCase());
  }

  #kindOf(raw: string, type: string): string {
    for (const key of [`${this.#command} ${raw}`, raw]) {
      const retyped = RETYPES[key];
      if (retyped === undefined) continue;
      this.#used.add(key);
      return retyped;
    }
    switch (type) {
      case "key":
        return "key";
      case "integer":
      case "unix-time":
        return "int";
      case "double":
        return "double";
      case "string":
      case "pattern":
        return "bytes";
    }
    throw new Error(`Argument ${raw} of ${this.#command} has the unknown type ${type}`);
  }
}

/** A sequence whose first item need not be held together, because it begins what is held together anyway. */
function withoutBrackets(text: string): string {
  return text.replace(/^\(([^()]*)\)/, "$1");
}

function wordOf(token: PlainReply): string {
  const word = String(token);
  return /^[A-Z][A-Z0-9.-]*$/.test(word) ? word : `'${word === '""' ? "" : word}'`;
}

/**
 * The grammar of a command's arguments as one line of text, and the tree it stands for.
 *
 *     key:key value [condition=(NX | XX | IFEQ value)] [get=GET] [expire=(EX seconds:int | KEEPTTL)]
 *
 * | written | means |
 * |---|---|
 * | `value`, `count:int` | one argument: a property of that name; without a type its bytes |
 * | `NX`, `'*'` | this very word, in any letter case; other signs than capitals, digits, `-` and `.` between quotes |
 * | `get=GET` | a word that may be there or not: a boolean property |
 * | `[…]` | may be left out |
 * | `…​...` | once or more: the property is a list |
 * | `#keys` | the number of values in the list `keys`, which follows: no property |
 * | `name=(a \| b)` | one of several; a property: the word itself, the value, or `{ WORD: value }` |
 * | `name=(a b)` | several together: a property that is an object |
 * | `(WORD a b)` | several together, the properties standing with the others |
 *
 * Neighbours that begin with words may come in any order, as servers take options; what is held together keeps its first
 * word first.
 */

/** Kinds of single arguments; see `values.ts`. */
export const VALUE_KINDS = [
  "bytes",
  "key",
  "int",
  "long",
  "double",
  "decimal",
  "id",
  "text",
  "score",
  "lex",
] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

export type SyntaxNode = ValueNode | CountNode | WordNode | FlagNode | ChoiceNode | GroupNode;

interface Repeatable {
  readonly optional: boolean;
  readonly multiple: boolean;
}
export interface ValueNode extends Repeatable {
  readonly kind: "value";
  readonly name: string;
  readonly type: ValueKind;
}
export interface CountNode {
  readonly kind: "count";
  readonly of: string;
}
export interface WordNode {
  readonly kind: "word";
  readonly word: string;
}
export interface FlagNode {
  readonly kind: "flag";
  readonly name: string;
  readonly word: string;
  readonly optional: boolean;
}
export interface ChoiceNode extends Repeatable {
  readonly kind: "choice";
  readonly name: string;
  readonly alternatives: readonly (readonly SyntaxNode[])[];
}
export interface GroupNode extends Repeatable {
  readonly kind: "group";
  /** `undefined`: its properties stand with the others. */
  readonly name: string | undefined;
  readonly items: readonly SyntaxNode[];
}

const TOKEN = /\s+|#[a-z]\w*|[a-z]\w*|[A-Z][A-Z0-9-]*(?:\.[A-Z0-9-]+)*|'[^']*'|\.\.\.|[[\]()|=:]/y;
/** Brackets within each other; what servers have stays below 6. */
const MAX_DEPTH = 16;

/** Reads a grammar. Throws `TypeError` for text that is none. */
export function parseSyntax(text: string): readonly SyntaxNode[] {
  const reader = new SyntaxReader(text);
  const nodes = reader.sequence(0);
  reader.expect(undefined);
  return nodes;
}

class SyntaxReader {
  readonly #text: string;
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const [token] = TOKEN.exec(text) ?? [];
      if (token === undefined) throw this.#error("a sign that is not part of it");
      if (token.trim() !== "") this.#tokens.push(token);
    }
  }

  /** Items up to a closing bracket, a bar or the end. */
  sequence(depth: number): SyntaxNode[] {
    if (depth > MAX_DEPTH) throw this.#error("too many brackets within each other");
    const nodes: SyntaxNode[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined || token === "]" || token === ")" || token === "|") return nodes;
      nodes.push(this.#repeated(this.#element(depth)));
    }
  }

  expect(token: string | undefined): void {
    if (this.#tokens[this.#at] !== token) throw this.#error(`expected ${token ?? "the end"}`);
    this.#at++;
  }

  #element(depth: number): SyntaxNode {
    const token = this.#tokens[this.#at++]!;
    if (token === "[") {
      const items = this.sequence(depth + 1);
      this.expect("]");
      return this.#optional(items);
    }
    if (token === "(") {
      const items = this.sequence(depth + 1);
      this.expect(")");
      return { kind: "group", name: undefined, items, optional: false, multiple: false };
    }
    if (token.startsWith("#")) return { kind: "count", of: token.slice(1) };
    if (isWordToken(token)) return { kind: "word", word: wordOf(token) };
    if (!/^[a-z]/.test(token)) throw this.#error(`unexpected ${token}`);
    if (this.#tokens[this.#at] === "=") {
      this.#at++;
      return this.#named(token, depth);
    }
    let type = "bytes";
    if (this.#tokens[this.#at] === ":") {
      this.#at++;
      type = this.#tokens[this.#at++] ?? "";
    }
    if (!(VALUE_KINDS as readonly string[]).includes(type)) throw this.#error(`no kind of value: ${type}`);
    return { kind: "value", name: token, type: type as ValueKind, optional: false, multiple: false };
  }

  #named(name: string, depth: number): SyntaxNode {
    const token = this.#tokens[this.#at++];
    if (token !== undefined && isWordToken(token)) {
      return { kind: "flag", name, word: wordOf(token), optional: false };
    }
    if (token !== "(") throw this.#error(`expected a word or ( after ${name}=`);
    const alternatives = [this.sequence(depth + 1)];
    while (this.#tokens[this.#at] === "|") {
      this.#at++;
      alternatives.push(this.sequence(depth + 1));
    }
    this.expect(")");
    const common = { name, optional: false, multiple: false } as const;
    return alternatives.length === 1
      ? { kind: "group", ...common, items: alternatives[0]! }
      : { kind: "choice", ...common, alternatives };
  }

  #repeated(node: SyntaxNode): SyntaxNode {
    if (this.#tokens[this.#at] !== "...") return node;
    this.#at++;
    if (!("multiple" in node)) throw this.#error(`a ${node.kind} cannot be repeated`);
    return { ...node, multiple: true };
  }

  #optional(items: readonly SyntaxNode[]): SyntaxNode {
    const [only] = items;
    if (items.length === 1 && only !== undefined && "optional" in only) return { ...only, optional: true };
    return { kind: "group", name: undefined, items, optional: true, multiple: false };
  }

  #error(detail: string): TypeError {
    return new TypeError(`Cannot read syntax ${JSON.stringify(this.#text)}: ${detail}`);
  }
}

function isWordToken(token: string): boolean {
  return token.startsWith("'") || /^[A-Z]/.test(token);
}

function wordOf(token: string): string {
  return token.startsWith("'") ? token.slice(1, -1).toUpperCase() : token;
}

/** Random arguments after a command's grammar: every option, list length and choice comes up, options in any order. */
import { parseSyntax, type SyntaxNode, type ValueKind } from "../../src/commands/syntax.ts";
import type { Random } from "../support/random.ts";

export interface RandomOptions {
  /** Options in the grammar's order and words in capitals, as `encodeTyped` writes them. Default `false`. */
  readonly canonical?: boolean;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Arguments after the name. Keys are `key…`, so that they can be told from anything else. */
export function randomArguments(syntax: string, random: Random, options: RandomOptions = {}): Uint8Array[] {
  return new Writer(random, options.canonical ?? false).sequence(parseSyntax(syntax), 0);
}

class Writer {
  readonly #random: Random;
  readonly #canonical: boolean;
  /** Lengths of lists that were told before them. */
  readonly #counts: Map<string, number> = new Map();

  constructor(random: Random, canonical: boolean) {
    this.#random = random;
    this.#canonical = canonical;
  }

  /** `head`: so many nodes come first in any case. */
  sequence(nodes: readonly SyntaxNode[], head: number): Uint8Array[] {
    const pieces: Uint8Array[][] = [];
    const worded: boolean[] = [];
    let half: number | undefined;
    nodes.forEach((node, index) => {
      half ??=
        isOpenList(node, nodes) && isOpenList(nodes[index + 1], nodes) ? this.#random.int(1, 3) : undefined;
      const piece = this.#node(node, isOpenList(node, nodes) ? half : undefined);
      pieces.push(piece);
      worded.push(beginsWithWord(node));
    });
    if (!this.#canonical) this.#shuffleRuns(pieces, worded, nodes, head);
    return pieces.flat();
  }

  /** Neighbours that begin with words change places, unless a list without an end stands among them. */
  #shuffleRuns(
    pieces: Uint8Array[][],
    worded: readonly boolean[],
    nodes: readonly SyntaxNode[],
    head: number,
  ): void {
    for (let i = head; i + 1 < pieces.length; i++) {
      if (!worded[i] || !worded[i + 1] || this.#random.oneIn(2)) continue;
      const [one, other] = [nodes[i]!, nodes[i + 1]!];
      if (hasOpenList(one) || hasOpenList(other) || sharesWords(one, other)) continue;
      [pieces[i], pieces[i + 1]] = [pieces[i + 1]!, pieces[i]!];
    }
  }

  #node(node: SyntaxNode, half: number | undefined): Uint8Array[] {
    if (node.kind === "word") return [this.#word(node.word)];
    if (node.kind === "count") {
      const count = this.#random.int(1, 4);
      this.#counts.set(node.of, count);
      return [encode(String(count))];
    }
    const counted = node.kind !== "flag" && node.name !== undefined ? this.#counts.get(node.name) : undefined;
    if (node.optional && (counted ?? 0) === 0 && this.#random.oneIn(2)) return [];
    if (node.kind === "flag") return [this.#word(node.word)];
    const times = node.multiple ? (counted ?? half ?? this.#random.int(1, 4)) : 1;
    const pieces: Uint8Array[] = [];
    for (let i = 0; i < times; i++) {
      if (node.kind === "value") pieces.push(this.#value(node.type));
      else if (node.kind === "group") pieces.push(...this.sequence(node.items, 1));
      else pieces.push(...this.sequence(this.#random.pick(node.alternatives), 1));
    }
    return pieces;
  }

  #word(word: string): Uint8Array {
    return encode(!this.#canonical && this.#random.oneIn(3) ? word.toLowerCase() : word);
  }

  #value(kind: ValueKind): Uint8Array {
    const random = this.#random;
    switch (kind) {
      case "key":
        return encode(`key${random.int(0, 999)}`);
      case "bytes":
        return random.oneIn(4)
          ? new Uint8Array(random.bytes(random.int(0, 9)))
          : encode(`v${random.word(3)}`);
      case "int":
        return encode(String(random.pick([0, 1, -1, random.int(0, 1e6), 1_700_000_000_000])));
      case "long":
        return encode(random.pick(["0", "-5", String(random.int(0, 1e9)), "9223372036854775807"]));
      case "double":
      case "decimal":
        return encode(
          random.pick(["0", "1.5", "-3", "2.50", "1e3", "inf", "-inf", "+inf", String(random.next())]),
        );
      case "id":
        return encode(random.pick(["0", "5", "0-1", `${random.int(1, 9999)}-${random.int(0, 9)}`]));
      case "text":
        return encode(random.pick(["u8", "#1", "é", random.word(4)]));
      case "score":
        return encode(random.pick(["-inf", "+inf", "(1", "2.5", "(1.50"]));
      case "lex":
        return encode(random.pick(["-", "+", "[a", "(b", "[", "(\u00e9"]));
    }
  }
}

function isOpenList(node: SyntaxNode | undefined, nodes: readonly SyntaxNode[]): boolean {
  return (
    node !== undefined &&
    "multiple" in node &&
    node.multiple &&
    !nodes.some((other) => other.kind === "count" && "name" in node && other.of === node.name)
  );
}

function hasOpenList(node: SyntaxNode): boolean {
  if (node.kind === "choice") return node.multiple || node.alternatives.flat().some(hasOpenList);
  if (node.kind === "group")
    return node.items.some((item) => isOpenList(item, node.items) || hasOpenList(item));
  return node.kind === "value" && node.multiple;
}

function beginsWithWord(node: SyntaxNode): boolean {
  if (node.kind === "word" || node.kind === "flag") return true;
  if (node.kind === "choice") return node.alternatives.every(([first]) => first?.kind === "word");
  return node.kind === "group" && beginsWithWord(node.items[0]!);
}

/** LMOVE's two directions are told apart by their places only. */
function sharesWords(one: SyntaxNode, other: SyntaxNode): boolean {
  return (
    one.kind === "choice" &&
    other.kind === "choice" &&
    firstWords(one).some((word) => firstWords(other).includes(word))
  );
}

function firstWords(node: Extract<SyntaxNode, { kind: "choice" }>): string[] {
  return node.alternatives.flatMap(([first]) => (first?.kind === "word" ? [first.word] : []));
}

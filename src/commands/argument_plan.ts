import { isWord } from "./arguments.ts";
import type { SyntaxNode } from "./syntax.ts";
import { VALUE_CODECS } from "./values.ts";

/** A grammar made ready for reading and writing. */
export interface Plan {
  readonly steps: readonly PlanStep[];
  /** Fewest arguments it needs. */
  readonly least: number;
  /** Words that it begins with; `undefined` if it can begin with anything. */
  readonly words: readonly string[] | undefined;
}

/** Part of a sequence: one node in its place, or neighbours that begin with words and so may come in any order. */
export interface PlanStep {
  readonly nodes: readonly PlanNode[];
  readonly anyOrder: boolean;
  /** Fewest arguments that the steps after this one need. */
  readonly after: number;
}

/** A node of the grammar with what is worked out about it. */
export interface PlanNode {
  readonly node: SyntaxNode;
  readonly optional: boolean;
  readonly multiple: boolean;
  /** Fewest arguments it needs; 0 when it may be left out. */
  readonly least: number;
  readonly words: readonly string[] | undefined;
  /** Words that end a list here, because what follows begins with them. */
  readonly stops: readonly string[];
  /** A list beside another one of the same length, without a count: each has half of what there is. */
  readonly half: boolean;
  /** Of a group: what is in it. */
  readonly items: Plan | undefined;
  /** Of a choice: what there is to choose from. */
  readonly alternatives: readonly PlanAlternative[];
}

/** One of several: `WORD`, `WORD value`, `WORD a b` or a value without a word. */
export interface PlanAlternative {
  readonly word: string | undefined;
  /** What follows the word. */
  readonly rest: Plan;
  /** The one property that the rest has: it stands for the rest. */
  readonly single: string | undefined;
}

/** Works out the grammar of a command. Throws `TypeError` for one that cannot be read without guessing. */
export function planOf(nodes: readonly SyntaxNode[]): Plan {
  return planSequence(nodes, [], 0);
}

/** `stops`: words that what follows begins with. `head`: so many nodes come first in any case: the head of a group. */
function planSequence(nodes: readonly SyntaxNode[], stops: readonly string[], head: number): Plan {
  const planned: PlanNode[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    planned.unshift(planNode(nodes[i]!, followers(planned, stops), isHalf(nodes, i)));
  }
  const steps: PlanStep[] = [];
  let after = 0;
  for (let end = planned.length; end > 0; ) {
    let start = end - 1;
    const anyOrder = planned[start]!.words !== undefined;
    if (anyOrder) while (start > head && planned[start - 1]!.words !== undefined) start--;
    steps.unshift({ nodes: planned.slice(start, end), anyOrder, after });
    for (let i = start; i < end; i++) after += planned[i]!.least;
    end = start;
  }
  return { steps, least: after, words: planned[0]?.words };
}

/** Whether an argument is one of some words. */
export function isOneOf(argument: Uint8Array | undefined, words: readonly string[]): boolean {
  for (const word of words) if (isWord(argument, word)) return true;
  return false;
}

/** Words that may come right after a list: those of the options that follow it. */
function followers(next: readonly PlanNode[], stops: readonly string[]): readonly string[] {
  const words: string[] = [];
  for (const node of next) {
    if (node.words === undefined) return words;
    words.push(...node.words);
    if (!node.optional) return words;
  }
  return [...words, ...stops];
}

function isHalf(nodes: readonly SyntaxNode[], index: number): boolean {
  const isOpenList = (node: SyntaxNode | undefined) =>
    node?.kind === "value" &&
    node.multiple &&
    !nodes.some((other) => other.kind === "count" && other.of === node.name);
  return isOpenList(nodes[index]) && isOpenList(nodes[index + 1]);
}

function planNode(node: SyntaxNode, stops: readonly string[], half: boolean): PlanNode {
  const optional = "optional" in node && node.optional;
  const multiple = "multiple" in node && node.multiple;
  const common = { node, optional, multiple, stops, half, items: undefined, alternatives: [] };
  if ("name" in node && node.name === "name") throw new TypeError("Cannot call an argument `name`");
  if (node.kind === "choice") {
    const alternatives = node.alternatives.map((alternative) =>
      planAlternative(node.name, alternative, stops),
    );
    const words = alternatives.flatMap(({ word }) => word ?? []);
    const least = Math.min(
      ...alternatives.map(({ word, rest }) => rest.least + (word === undefined ? 0 : 1)),
    );
    return {
      ...common,
      alternatives,
      words: words.length === alternatives.length ? words : undefined,
      least: optional ? 0 : least,
    };
  }
  if (node.kind === "group") {
    const items = planSequence(node.items, stops, 1);
    const [first] = items.steps[0]?.nodes ?? [];
    if (first === undefined || first.optional) throw new TypeError("Cannot begin a group with an option");
    return { ...common, items, words: items.words, least: optional ? 0 : items.least };
  }
  const words = node.kind === "word" || node.kind === "flag" ? [node.word] : undefined;
  return { ...common, words, least: optional ? 0 : 1 };
}

function planAlternative(
  name: string,
  nodes: readonly SyntaxNode[],
  stops: readonly string[],
): PlanAlternative {
  const [first, ...others] = nodes;
  const word = first?.kind === "word" ? first.word : undefined;
  const rest = word === undefined ? nodes : others;
  const named = rest.filter((node) => node.kind !== "count");
  const [only] = named;
  const single = named.length === 1 && only !== undefined && isWhole(only) ? only.name : undefined;
  if (word === undefined && (single === undefined || only?.kind !== "value" || only.multiple)) {
    throw new TypeError(`Cannot choose ${name}: an alternative is neither a word nor one value`);
  }
  return { word, rest: planSequence(rest, stops, word === undefined ? 1 : 0), single };
}

/** Whether a node is one property and no other: a number may have a second one for its spelling. */
function isWhole(node: SyntaxNode): node is Extract<SyntaxNode, { kind: "value" | "choice" }> {
  if (node.kind === "choice") return !node.optional;
  return node.kind === "value" && !node.optional && !VALUE_CODECS[node.type].spelled;
}

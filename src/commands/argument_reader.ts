import { equals } from "../bytes/equals.ts";
import { latin1 } from "../bytes/text.ts";
import { isOneOf, type Plan, type PlanNode, type PlanStep } from "./argument_plan.ts";
import { indexArgument, isWord } from "./arguments.ts";
import { VALUE_CODECS } from "./values.ts";

/** Properties of a typed command, or of an object within it. */
export type Properties = Record<string, unknown>;

/** Appended to a property's name: the text of a number that is not spelled as servers print it. */
export const SPELLING = "Text";

/**
 * Reads the arguments of one command after its grammar: options in any order, every argument accounted for. Nothing is
 * thrown; `failure` tells what did not fit.
 */
export class ArgumentReader {
  failure: string | undefined;
  readonly #argv: readonly Uint8Array[];
  #at: number;
  /** Length of a list by its name, where an argument before it told. */
  readonly #counts: Map<string, number> = new Map();

  /** `start`: index of the first argument after the name. */
  constructor(argv: readonly Uint8Array[], start: number) {
    this.#argv = argv;
    this.#at = start;
  }

  /** All arguments as properties; `undefined` when they do not fit. */
  read(plan: Plan): Properties | undefined {
    const properties: Properties = {};
    if (!this.#sequence(plan, properties, 0)) return undefined;
    if (this.#left === 0) return properties;
    this.#fail("is not known");
    return undefined;
  }

  get #left(): number {
    return this.#argv.length - this.#at;
  }

  /** `reserve`: fewest arguments that whatever comes after the sequence needs. */
  #sequence(plan: Plan, into: Properties, reserve: number): boolean {
    for (const step of plan.steps) {
      const later = step.after + reserve;
      const fits = step.anyOrder
        ? this.#anyOrder(step, into, later)
        : this.#inOrder(step.nodes[0]!, into, later);
      if (!fits) return false;
    }
    return true;
  }

  #inOrder(node: PlanNode, into: Properties, later: number): boolean {
    if (node.optional) {
      setAbsent(node, into);
      if (this.#left <= later && !this.#isDue(node)) return true;
    }
    return this.#node(node, into, later);
  }

  /** Whether an argument before announced values of this list. */
  #isDue({ node, multiple }: PlanNode): boolean {
    return multiple && node.kind === "value" && (this.#counts.get(node.name) ?? 0) > 0;
  }

  /** Options, and other neighbours that begin with words: the next argument tells which one comes. */
  #anyOrder({ nodes }: PlanStep, into: Properties, later: number): boolean {
    let due = 0;
    for (const node of nodes) {
      due += node.least;
      if (node.optional) setAbsent(node, into);
    }
    const seen = new Array<boolean>(nodes.length).fill(false);
    // The last arguments belong to what must come after, even if they read like options.
    while (this.#left > later) {
      const next = this.#argv[this.#at];
      const index = nodes.findIndex((node, i) => (!seen[i] || node.multiple) && isOneOf(next, node.words!));
      if (index < 0) break;
      const node = nodes[index]!;
      if (!seen[index]) due -= node.least;
      seen[index] = true;
      if (!this.#node(node, into, later + due)) return false;
    }
    return due === 0 || this.#fail("is missing or not known");
  }

  #node(plan: PlanNode, into: Properties, later: number): boolean {
    const { node } = plan;
    switch (node.kind) {
      case "word":
        return this.#word(node.word);
      case "flag":
        into[node.name] = true;
        return this.#word(node.word);
      case "count":
        return this.#count(node.of);
    }
    if (node.name !== undefined) {
      return plan.multiple
        ? this.#list(plan, node.name, into, later)
        : this.#one(plan, node.name, into, later);
    }
    if (!plan.multiple) return this.#sequence(plan.items!, into, later);
    const once: Properties = {};
    if (!this.#sequence(plan.items!, once, later)) return false;
    for (const [name, value] of Object.entries(once)) (into[name] as unknown[]).push(value);
    return true;
  }

  #count(of: string): boolean {
    const count = indexArgument(this.#argv[this.#at]);
    if (count === undefined) return this.#fail("is not a count");
    this.#counts.set(of, count);
    this.#at++;
    return true;
  }

  /** A list: as long as was told before, or until what follows begins. One that begins with a word grows by one. */
  #list(plan: PlanNode, name: string, into: Properties, later: number): boolean {
    const worded = plan.words !== undefined;
    const list = worded && Array.isArray(into[name]) ? (into[name] as unknown[]) : [];
    const texts: (string | undefined)[] = [];
    const count = this.#counts.get(name);
    const end = plan.half ? this.#at + (this.#left - later + 1) / 2 : this.#argv.length - later;
    if (plan.half && !Number.isInteger(end)) return this.#fail("has no counterpart");
    while (count === undefined ? this.#at < end : list.length < count) {
      if (count === undefined && list.length > 0 && !worded && isOneOf(this.#argv[this.#at], plan.stops))
        break;
      const once: Properties = {};
      if (!this.#one(plan, name, once, later)) return false;
      list.push(once[name]);
      texts.push(once[name + SPELLING] as string | undefined);
      if (worded) break;
    }
    if (list.length === 0 && count === undefined) return this.#fail("is missing");
    into[name] = list;
    if (texts.some((text) => text !== undefined)) into[name + SPELLING] = texts;
    return true;
  }

  #one(plan: PlanNode, name: string, into: Properties, later: number): boolean {
    const { node } = plan;
    if (node.kind === "choice") return this.#choice(plan, name, into, later);
    if (node.kind === "group") {
      const inner: Properties = {};
      into[name] = inner;
      return this.#sequence(plan.items!, inner, later);
    }
    const bytes = this.#argv[this.#at];
    if (bytes === undefined) return this.#fail("is missing");
    if (node.kind !== "value") return false;
    const codec = VALUE_CODECS[node.type];
    const value = codec.read(bytes);
    if (value === undefined) return this.#fail(`is no ${node.type}`);
    into[name] = value;
    if (codec.spelled && !equals(codec.write(value), bytes)) into[name + SPELLING] = latin1(bytes);
    this.#at++;
    return true;
  }

  /** The word itself, the value, or `{ WORD: value }`. */
  #choice(plan: PlanNode, name: string, into: Properties, later: number): boolean {
    const next = this.#argv[this.#at];
    const chosen =
      plan.alternatives.find(({ word }) => word !== undefined && isWord(next, word)) ??
      plan.alternatives.find(({ word }) => word === undefined);
    if (chosen === undefined) return this.#fail("is missing or not known");
    const { word, rest, single } = chosen;
    if (word !== undefined) this.#at++;
    const inner: Properties = {};
    if (!this.#sequence(rest, inner, later)) return false;
    const value = single === undefined ? inner : inner[single];
    if (word === undefined) into[name] = value;
    else into[name] = rest.steps.length === 0 ? word : { [word]: value };
    return true;
  }

  #word(word: string): boolean {
    if (!isWord(this.#argv[this.#at], word)) return this.#fail(`is not ${word}`);
    this.#at++;
    return true;
  }

  #fail(what: string): false {
    this.failure ??= `argument ${this.#at} ${what}`;
    return false;
  }
}

/** What stands for an option that is left out: `false` for a flag, an empty list; nothing for a value. */
function setAbsent({ node, multiple, items }: PlanNode, into: Properties): void {
  if (node.kind === "flag") into[node.name] = false;
  else if (multiple && "name" in node && node.name !== undefined) into[node.name] = [];
  else if (node.kind === "group" && node.name === undefined) {
    for (const step of items!.steps) {
      for (const item of step.nodes) {
        if (multiple && item.node.kind === "value") into[item.node.name] = [];
        else setAbsent(item, into);
      }
    }
  }
}

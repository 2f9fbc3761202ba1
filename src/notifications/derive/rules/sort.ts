import type { Collection } from "../collections.ts";
import { scoreOf } from "../command_words.ts";
import type { Derivation } from "../derivation.ts";
import { ExactSet } from "../exact_set.ts";
import { ListCount, ListValues } from "../list_state.ts";
import { MemberSet } from "../member_set.ts";
import { ZsetValues } from "../zset_values.ts";
import type { Rule } from "./rule.ts";
import { storeResult } from "./sets.ts";

/** SORT key [BY pattern] [LIMIT offset count] [GET pattern]… [ASC|DESC] [ALPHA] STORE dest */
export const sort: Rule = (d) => {
  const storeAt = d.indexOfWord("STORE", 2);
  if (storeAt < 0) return;
  storeResult(d, d.arg(storeAt + 1), "list", "sortstore", sorted(d));
};

function sorted(d: Derivation): ListCount | ListValues | undefined {
  const source = d.arg(1);
  if (d.presence(source) === "no") return new ListCount(0);
  const contents = d.contents(source);
  if (contents === undefined || !("size" in contents)) return undefined;
  const size = limited(d, contents.size);
  const gets = d.args.filter((_, index) => index >= 2 && d.word(index) === "GET").length;
  const values = elements(contents);
  // What other keys say of the order or of the elements is not kept: only how many there are.
  if (values === undefined || gets > 0 || d.hasWord("BY", 2)) return new ListCount(size * Math.max(1, gets));
  const alpha = d.hasWord("ALPHA", 2);
  const sign = d.hasWord("DESC", 2) ? -1 : 1;
  const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  values.sort((a, b) => sign * (alpha ? byText(a, b) : scoreOf(a) - scoreOf(b) || byText(a, b)));
  const [offset, end] = limits(d, values.length);
  return ListValues.of(values.slice(offset, end));
}

function elements(contents: Collection): string[] | undefined {
  if (contents instanceof ListValues) return contents.values();
  if (contents instanceof ExactSet) return [...contents.members];
  if (contents instanceof ZsetValues) return contents.ordered().map(([member]) => member);
  if (contents instanceof MemberSet) return undefined;
  return undefined;
}

function limited(d: Derivation, size: number): number {
  const [start, end] = limits(d, size);
  return Math.max(0, end - start);
}

function limits(d: Derivation, size: number): readonly [start: number, end: number] {
  const at = d.indexOfWord("LIMIT", 2);
  if (at < 0) return [0, size];
  const start = Math.min(Math.max(0, Number(d.text(at + 1))), size);
  const count = Number(d.text(at + 2));
  return [start, count < 0 ? size : Math.min(size, start + count)];
}

import { scoreOf } from "../command_words.ts";
import type { Scored } from "../zset_values.ts";

/** Members with a score between two bounds, `(` before one that is not included. */
export function byScore(order: readonly Scored[], low: string, high: string): readonly Scored[] {
  const [from, fromOpen] = bound(low);
  const [to, toOpen] = bound(high);
  return order.filter(
    ([, score]) => (fromOpen ? score > from : score >= from) && (toOpen ? score < to : score <= to),
  );
}

function bound(text: string): readonly [score: number, open: boolean] {
  return text.startsWith("(") ? [scoreOf(text.slice(1)), true] : [scoreOf(text), false];
}

/** Members between two others by their bytes: `[a`, `(a`, `-`, `+`. */
export function byLex(order: readonly Scored[], low: string, high: string): readonly Scored[] {
  if (low === "+" || high === "-") return [];
  const from = low.slice(1);
  const to = high.slice(1);
  return order.filter(
    ([member]) =>
      (low === "-" || (low.startsWith("(") ? member > from : member >= from)) &&
      (high === "+" || (high.startsWith("(") ? member < to : member <= to)),
  );
}

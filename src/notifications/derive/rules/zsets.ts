import type { Collection } from "../collections.ts";
import type { Derivation } from "../derivation.ts";
import { ExactSet } from "../exact_set.ts";
import { MemberSet } from "../member_set.ts";
import { type Scored, ZsetValues } from "../zset_values.ts";
import { byLex, byScore } from "./ranges.ts";
import type { Rule } from "./rule.ts";
import { storeResult } from "./sets.ts";

const ZADD_OPTIONS: ReadonlySet<string> = new Set(["NX", "XX", "GT", "LT", "CH", "INCR"]);

const zadd: Rule = (d) => {
  const key = d.arg(1);
  const options = new Set<string>();
  let at = 2;
  for (; at < d.args.length && ZADD_OPTIONS.has(d.word(at)); at++) options.add(d.word(at));
  const zset = d.create(key, "zset");
  const incr = options.has("INCR");
  for (; at + 1 < d.args.length; at += 2) addScored(zset, d, at, options, incr);
  d.emit(incr ? "zincr" : "zadd", key);
};

function addScored(
  zset: Collection | undefined,
  d: Derivation,
  at: number,
  options: ReadonlySet<string>,
  incr: boolean,
): void {
  if (zset instanceof MemberSet) {
    if (!options.has("XX")) zset.add(d.arg(at + 1));
    return;
  }
  if (!(zset instanceof ZsetValues)) return;
  const member = d.text(at + 1);
  const before = zset.scores.get(member);
  let score = d.number(at);
  if (before === undefined) {
    if (!options.has("XX")) zset.set(member, score);
    return;
  }
  if (options.has("NX")) return;
  if (incr) score += before;
  if (options.has("GT") && score <= before) return;
  if (options.has("LT") && score >= before) return;
  zset.set(member, score);
}

const zincrby: Rule = (d) => {
  const key = d.arg(1);
  const zset = d.create(key, "zset");
  addScored(zset, d, 2, new Set(), true);
  d.emit("zincr", key);
};

const zrem: Rule = (d) => {
  const key = d.arg(1);
  const zset = d.contents(key);
  for (let at = 2; at < d.args.length; at++) {
    if (zset instanceof ZsetValues) zset.delete(d.text(at));
    else if (zset instanceof MemberSet) zset.delete(d.arg(at));
  }
  d.emit("zrem", key);
  d.afterRemoval(key);
};

/** Takes `count` members out of which the level may only know how many there are. */
function removeRange(d: Derivation, key: Uint8Array, pick: (zset: ZsetValues) => readonly Scored[]): void {
  const zset = d.contents(key);
  if (zset instanceof ZsetValues) zset.deleteAll([...pick(zset)]);
  else d.setContents(key, undefined);
}

const zpop =
  (event: string, lowest: boolean): Rule =>
  (d) => {
    const key = d.arg(1);
    const zset = d.contents(key);
    const count = d.args.length > 2 ? Number(d.text(2)) : 1;
    if (zset instanceof MemberSet && count >= zset.size) d.setContents(key, new MemberSet());
    else {
      removeRange(d, key, (values) => {
        const order = values.ordered();
        return lowest ? order.slice(0, count) : order.slice(Math.max(0, order.length - count));
      });
    }
    d.emit(event, key);
    d.afterRemoval(key);
  };

const removeBy =
  (event: string, pick: (d: Derivation, order: readonly Scored[]) => readonly Scored[]): Rule =>
  (d) => {
    const key = d.arg(1);
    removeRange(d, key, (zset) => pick(d, zset.ordered()));
    d.emit(event, key);
    d.afterRemoval(key);
  };

/** Elements from index `start` to `end`, both included, negative ones from the end. */
export function slice<T>(order: readonly T[], start: number, end: number): readonly T[] {
  const from = start < 0 ? Math.max(0, order.length + start) : start;
  const to = end < 0 ? order.length + end : end;
  return from > to ? [] : order.slice(from, to + 1);
}

/** Members and scores of a source of Z*STORE; sets count 1 each. `undefined`: not known. */
function scored(d: Derivation, key: Uint8Array): Map<string, number> | undefined {
  if (d.presence(key) === "no") return new Map();
  const contents = d.contents(key);
  if (contents instanceof ZsetValues) return contents.scores;
  if (contents instanceof ExactSet) return new Map([...contents.members].map((member) => [member, 1]));
  return undefined;
}

/** Names of members alone, at level `members`. */
function hashed(d: Derivation, key: Uint8Array): MemberSet | undefined {
  if (d.presence(key) === "no") return new MemberSet();
  const contents = d.contents(key);
  return contents instanceof MemberSet ? contents : undefined;
}

type Combination = "union" | "inter" | "diff";

const zstore =
  (event: string, how: Combination): Rule =>
  (d) => {
    const count = Number(d.text(2));
    const keys = d.args.slice(3, 3 + count);
    const weightsAt = d.indexOfWord("WEIGHTS", 3 + count);
    const weights = keys.map((_, index) => (weightsAt < 0 ? 1 : d.number(weightsAt + 1 + index)));
    const aggregateAt = d.indexOfWord("AGGREGATE", 3 + count);
    const aggregate = aggregateAt < 0 ? "SUM" : d.word(aggregateAt + 1);
    const result = d.state.knows("values")
      ? combineScored(d, keys, weights, aggregate, how)
      : combineHashed(d, keys, how);
    storeResult(d, d.arg(1), "zset", event, result);
  };

function combineHashed(d: Derivation, keys: readonly Uint8Array[], how: Combination): MemberSet | undefined {
  let result: MemberSet | undefined;
  for (const key of keys) {
    const source = hashed(d, key);
    if (source === undefined) return undefined;
    if (result === undefined) result = source.copy();
    else if (how === "union") result.addAll(source);
    else result = result.retain(source, how === "inter");
  }
  return result;
}

function combineScored(
  d: Derivation,
  keys: readonly Uint8Array[],
  weights: readonly number[],
  aggregate: string,
  how: Combination,
): ZsetValues | undefined {
  let result: Map<string, number> | undefined;
  for (const [index, key] of keys.entries()) {
    const source = scored(d, key);
    if (source === undefined) return undefined;
    const weigh = (score: number): number =>
      aggregate === "COUNT" ? weights[index]! : defined(score * weights[index]!);
    if (result === undefined) {
      result = new Map();
      for (const [member, score] of source) result.set(member, how === "diff" ? score : weigh(score));
    } else if (how === "diff") {
      for (const member of source.keys()) result.delete(member);
    } else {
      result = joinScored(result, source, weigh, aggregate, how);
    }
  }
  return new ZsetValues(result ?? []);
}

function joinScored(
  left: Map<string, number>,
  right: ReadonlyMap<string, number>,
  weigh: (score: number) => number,
  aggregate: string,
  how: Combination,
): Map<string, number> {
  const joined = how === "union" ? left : new Map<string, number>();
  for (const [member, score] of right) {
    const before = left.get(member);
    if (before !== undefined) joined.set(member, aggregated(before, weigh(score), aggregate));
    else if (how === "union") joined.set(member, weigh(score));
  }
  return joined;
}

function aggregated(a: number, b: number, how: string): number {
  if (how === "MIN") return Math.min(a, b);
  if (how === "MAX") return Math.max(a, b);
  return defined(a + b);
}

/** Servers make 0 of what is no number, such as the sum of both infinities. */
function defined(score: number): number {
  return Number.isNaN(score) ? 0 : score;
}

/** ZRANGESTORE dst src min max [BYSCORE|BYLEX] [REV] [LIMIT offset count] */
const zrangestore: Rule = (d) => {
  const source = scored(d, d.arg(2));
  storeResult(d, d.arg(1), "zset", "zrangestore", source && new ZsetValues(range(d, new ZsetValues(source))));
};

function range(d: Derivation, zset: ZsetValues): readonly Scored[] {
  const reverse = d.hasWord("REV", 5);
  const scores = d.hasWord("BYSCORE", 5);
  const order = reverse ? [...zset.ordered()].reverse() : zset.ordered();
  let low = d.text(3);
  let high = d.text(4);
  if (!scores && !d.hasWord("BYLEX", 5)) return slice(order, Number(low), Number(high));
  if (reverse) [low, high] = [high, low];
  const picked = scores ? byScore(order, low, high) : byLex(order, low, high);
  const limit = d.indexOfWord("LIMIT", 5);
  if (limit < 0) return picked;
  const offset = Number(d.text(limit + 1));
  const count = Number(d.text(limit + 2));
  if (offset < 0) return [];
  return count < 0 ? picked.slice(offset) : picked.slice(offset, offset + count);
}

export const ZSET_RULES: Readonly<Record<string, Rule>> = {
  ZADD: zadd,
  ZINCRBY: zincrby,
  ZREM: zrem,
  ZPOPMIN: zpop("zpopmin", true),
  ZPOPMAX: zpop("zpopmax", false),
  ZREMRANGEBYRANK: removeBy("zremrangebyrank", (d, order) =>
    slice(order, Number(d.text(2)), Number(d.text(3))),
  ),
  ZREMRANGEBYSCORE: removeBy("zremrangebyscore", (d, order) => byScore(order, d.text(2), d.text(3))),
  ZREMRANGEBYLEX: removeBy("zremrangebylex", (d, order) => byLex(order, d.text(2), d.text(3))),
  ZUNIONSTORE: zstore("zunionstore", "union"),
  ZINTERSTORE: zstore("zinterstore", "inter"),
  ZDIFFSTORE: zstore("zdiffstore", "diff"),
  ZRANGESTORE: zrangestore,
};

import { latin1 } from "../../../bytes/text.ts";
import type { Collection } from "../collections.ts";
import type { Derivation } from "../derivation.ts";
import { ExactSet } from "../exact_set.ts";
import { type Doubt, PERHAPS, SURE } from "../found.ts";
import { MemberSet } from "../member_set.ts";
import type { Rule } from "./rule.ts";

type Members = MemberSet | ExactSet | undefined;

/** Members of one SREM that SPOP makes, at most (`t_set.c`): another of the same key goes on with it. */
const SPOP_BATCH = 1024;

export function members(contents: Collection | undefined): Members {
  return contents instanceof MemberSet || contents instanceof ExactSet ? contents : undefined;
}

const sadd: Rule = (d) => {
  const key = d.arg(1);
  const set = members(d.create(key, "set"));
  if (set !== undefined) for (let at = 2; at < d.args.length; at++) set.add(d.arg(at));
  d.emit("sadd", key);
};

const srem: Rule = (d) => {
  const key = d.arg(1);
  const set = members(d.contents(key));
  if (set !== undefined) for (let at = 2; at < d.args.length; at++) set.delete(d.arg(at));
  const pops = d.serverMade;
  const count = d.args.length - 2;
  // SPOP with a count may be several SREM in one transaction.
  const joins = pops && d.command.tx !== undefined && (d.rules.spopOneByOne ? count === 1 : true);
  const last = d.trail;
  const goesOn =
    joins &&
    last !== undefined &&
    last.event === "srem" &&
    last.db === d.db &&
    latin1(last.key) === latin1(key) &&
    (d.rules.spopOneByOne || last.count >= SPOP_BATCH);
  if (!goesOn) d.emit("srem", key, pops ? { certainty: "generic", mayBe: ["spop"] } : SURE);
  if (joins) {
    d.nextTrail = { event: "srem", key, db: d.db, at: undefined, tx: true, count };
  }
  d.afterRemoval(key);
};

const smove: Rule = (d) => {
  const source = d.arg(1);
  const target = d.arg(2);
  const member = d.arg(3);
  if (latin1(source) === latin1(target)) return;
  members(d.contents(source))?.delete(member);
  d.emit("srem", source);
  d.afterRemoval(source);
  const presence = d.presence(target);
  const there = presence === "no" ? false : members(d.contents(target))?.has(member);
  if (there === true) return;
  members(d.create(target, "set"))?.add(member);
  // Where the target's members are not known the event may be missing at the primary.
  d.emit("sadd", target, there === false ? SURE : PERHAPS);
};

type Combine = (sources: readonly (MemberSet | ExactSet)[]) => Collection;

function union(sources: readonly (MemberSet | ExactSet)[]): Collection {
  const [first, ...rest] = sources;
  const result = first!.copy();
  for (const other of rest) {
    if (result instanceof MemberSet && other instanceof MemberSet) result.addAll(other);
    else if (result instanceof ExactSet && other instanceof ExactSet)
      for (const member of other.members) result.addText(member);
  }
  return result;
}

/** Members of the first source that all others have (`keep`), or that none has. */
function sieve(sources: readonly (MemberSet | ExactSet)[], keep: boolean): Collection {
  const [first, ...rest] = sources;
  let result: MemberSet | ExactSet = first!.copy();
  for (const other of rest) {
    if (result instanceof MemberSet) result = result.retain(other as MemberSet, keep);
    else {
      const others = (other as ExactSet).members;
      result = new ExactSet([...result.members].filter((member) => others.has(member) === keep));
    }
  }
  return result;
}

const store =
  (event: string, combine: Combine): Rule =>
  (d) => {
    const target = d.arg(1);
    storeResult(d, target, "set", event, combineSets(d, d.args.slice(2), combine));
  };

function combineSets(d: Derivation, keys: readonly Uint8Array[], combine: Combine): Collection | undefined {
  const sources: (MemberSet | ExactSet)[] = [];
  for (const key of keys) {
    const set = d.presence(key) === "no" ? members(d.fresh("set")) : members(d.contents(key));
    if (set === undefined) return undefined;
    sources.push(set);
  }
  return combine(sources);
}

/**
 * What a *STORE command leaves: its event, or `del` of the destination when the result is empty. A command without effect is
 * not in the stream, so that a destination that was not there has a result.
 */
export function storeResult(
  d: Derivation,
  target: Uint8Array,
  type: "set" | "zset" | "list",
  event: string,
  result: Collection | undefined,
): void {
  if (result !== undefined && result.size === 0) {
    d.forget(target);
    d.emit("del", target);
    return;
  }
  if (result !== undefined || d.presence(target) === "no") {
    d.replace(target, type, event, result);
    return;
  }
  const doubt: Doubt = { certainty: "likely", mayBe: ["del"] };
  d.replace(target, type, event, undefined, doubt);
  d.doubtExistence(target);
}

export const SET_RULES: Readonly<Record<string, Rule>> = {
  SADD: sadd,
  SREM: srem,
  SMOVE: smove,
  SUNIONSTORE: store("sunionstore", union),
  SINTERSTORE: store("sinterstore", (sources) => sieve(sources, true)),
  SDIFFSTORE: store("sdiffstore", (sources) => sieve(sources, false)),
};

import { latin1 } from "../../../bytes/text.ts";
import type { Derivation } from "../derivation.ts";
import { type Doubt, LIKELY, SURE } from "../found.ts";
import { HashValues } from "../kept_values.ts";
import { MemberSet } from "../member_set.ts";
import type { Rule } from "./rule.ts";

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+|inf|nan)(?:e[+-]?\d+)?$/i;
/** Two active cycles are 100 ms apart (hz 10), at most every 10 ms with a high hz; removals of one come at once. */
const CYCLE_MS = 8;

function fields(d: Derivation, key: Uint8Array): MemberSet | undefined {
  const contents = d.contents(key);
  return contents instanceof MemberSet ? contents : undefined;
}

/** Only a single field with a numeric value can stem from HINCRBYFLOAT (and, in Valkey, HINCRBY over expiring fields). */
function setDoubt(d: Derivation, single: boolean, value: string): Doubt {
  if (!single || !d.serverMade || !NUMBER.test(value)) return SURE;
  return { certainty: "generic", mayBe: d.rules.isValkey ? ["hincrbyfloat", "hincrby"] : ["hincrbyfloat"] };
}

/** Valkey says `hexpired` first when a field that is written had passed its time. */
function tellOverwrittenFields(d: Derivation, key: Uint8Array, names: readonly Uint8Array[]): void {
  if (!d.rules.isValkey || !d.rules.hasFieldExpiry) return;
  const hash = fields(d, key);
  if (hash?.hasTtls !== true) return;
  let found: Doubt | undefined;
  for (const name of names) {
    const expiry = d.expiryOf(hash.ttlOf(name));
    if (expiry === "passed") found = SURE;
    else if (expiry === "near-passed") found ??= LIKELY;
  }
  if (found !== undefined) d.emit("hexpired", key, found);
}

const hset: Rule = (d) => {
  const key = d.arg(1);
  const names = d.args.filter((_, index) => index >= 2 && index % 2 === 0);
  tellOverwrittenFields(d, key, names);
  d.create(key, "hash");
  const hash = fields(d, key);
  if (hash !== undefined) {
    for (const [index, name] of names.entries()) {
      hash.add(name);
      hash.setTtl(name, undefined);
      if (hash instanceof HashValues) hash.setValue(latin1(name), d.text(3 + index * 2));
    }
  }
  const doubt = d.command.name === "HSET" ? setDoubt(d, d.args.length === 4, d.text(3)) : SURE;
  d.emit("hset", key, doubt);
};

const hincrby =
  (event: string): Rule =>
  (d) => {
    tellOverwrittenFields(d, d.arg(1), [d.arg(2)]);
    d.create(d.arg(1), "hash");
    const hash = fields(d, d.arg(1));
    const isNew = hash?.add(d.arg(2)) === true;
    if (hash instanceof HashValues) {
      const name = d.text(2);
      const before = isNew ? "0" : hash.values.get(name);
      const sum = event === "hincrby" && before !== undefined && /^-?\d+$/.test(before);
      hash.setValue(name, sum ? String(BigInt(before) + BigInt(d.text(3))) : undefined);
    }
    d.emit(event, d.arg(1));
  };

/** HSETEX key [FNX|FXX] [PXAT t|EXAT t|KEEPTTL] FIELDS n field value … */
const hsetex: Rule = (d) => {
  const key = d.arg(1);
  const at = d.indexOfWord("FIELDS", 2);
  const count = Number(d.text(at + 1));
  const names = Array.from({ length: count }, (_, index) => d.arg(at + 2 + index * 2));
  const keepTtl = d.indexOfWord("KEEPTTL", 2);
  const kept = keepTtl >= 0 && keepTtl < at;
  const until = fieldTime(d, 2, at);
  tellOverwrittenFields(d, key, names);
  d.create(key, "hash");
  const hash = fields(d, key);
  if (hash !== undefined) {
    for (const [index, name] of names.entries()) {
      hash.add(name);
      if (hash instanceof HashValues) hash.setValue(latin1(name), d.text(at + 3 + index * 2));
      if (!kept) hash.setTtl(name, until);
    }
  }
  const single = count === 1 && (kept || until !== undefined);
  const doubt = setDoubt(d, single, d.text(at + 3));
  d.emit("hset", key, doubt);
  // An increment of a field keeps its time and says nothing of it.
  if (until !== undefined)
    d.emit("hexpire", key, doubt === SURE ? SURE : { certainty: "generic", mayBe: ["none"] });
};

function fieldTime(d: Derivation, from: number, end: number): number | undefined {
  for (let at = from; at < end; at++) {
    if (d.word(at) === "PXAT") return Number(d.text(at + 1));
    if (d.word(at) === "EXAT") return Number(d.text(at + 1)) * 1000;
  }
  return undefined;
}

/** HDEL, of a client or of expiry; several in a row may be one event. */
const hdel: Rule = (d) => {
  const key = d.arg(1);
  const names = d.args.slice(2);
  const hash = fields(d, key);
  const presence = d.presence(key);
  if (hash === undefined && presence !== "no") {
    removeUnknown(d, key, names);
    return;
  }
  const there = hash === undefined ? [] : names.filter((name) => hash.has(name));
  if (there.length === 0) removeNothing(d, key, presence === "yes");
  else removeFields(d, key, hash!, there);
};

function removeUnknown(d: Derivation, key: Uint8Array, names: readonly Uint8Array[]): void {
  // One of several that expiry removes one by one makes no event of its own.
  const follows = d.rules.hdelOneByOne && names.length === 1 && isSameKey(d, key);
  const doubt: Doubt =
    d.rules.hasFieldExpiry && d.serverMade
      ? { certainty: "generic", mayBe: follows ? ["hexpired", "none"] : ["hexpired"] }
      : SURE;
  if (!continues(d, key, names.length, "hdel")) d.emit("hdel", key, doubt);
  leaveTrail(d, key, names.length, "hdel");
  d.afterRemoval(key);
}

/** In Redis only HSETEX with a past time replicates an HDEL of nothing (`t_hash.c`); in Valkey it is not replicated. */
function removeNothing(d: Derivation, key: Uint8Array, exists: boolean): void {
  if (!d.rules.hdelOneByOne || continues(d, key, d.args.length - 2, "hdel")) {
    leaveTrail(d, key, d.args.length - 2, "hdel");
    return;
  }
  if (!exists) d.tellNew(key);
  d.emit("hset", key, LIKELY);
  d.emit("hdel", key, LIKELY);
  if (!exists) d.emit("del", key, LIKELY);
  leaveTrail(d, key, d.args.length - 2, "hdel");
}

function removeFields(d: Derivation, key: Uint8Array, hash: MemberSet, there: readonly Uint8Array[]): void {
  const expiries = there.map((name) => d.expiryOf(hash.ttlOf(name)));
  for (const name of there) hash.delete(name);
  // A client's lower-case HDEL never is an expiry.
  const expired = d.serverMade && expiries.every((expiry) => expiry === "passed" || expiry === "near-passed");
  const near = expiries.some((expiry) => expiry.startsWith("near"));
  const event = expired ? "hexpired" : "hdel";
  const other = expired ? "hdel" : "hexpired";
  const unsure = near || (expired && d.rules.hasFieldExpiry) || expiries.includes("unknown");
  const valkeyPast = d.rules.isValkey && d.rules.hasFieldExpiry && d.serverMade && !expired;
  const doubt: Doubt = valkeyPast
    ? { certainty: "generic", mayBe: ["hexpired"] }
    : unsure
      ? { certainty: "likely", mayBe: [other] }
      : d.rules.hdelOneByOne && d.serverMade && there.length === 1 && d.args.length === 3
        ? { certainty: "generic", mayBe: ["hset+hdel"] }
        : SURE;
  if (!continues(d, key, d.args.length - 2, event)) d.emit(event, key, doubt);
  leaveTrail(d, key, d.args.length - 2, event);
  d.afterRemoval(key);
}

/** Whether the command right before took a field out of the same key. */
function isSameKey({ trail, db }: Derivation, key: Uint8Array): boolean {
  return trail !== undefined && trail.db === db && latin1(trail.key) === latin1(key);
}

/** Whether this HDEL goes on with what the one right before it did: one field each, one key, one event. */
function continues(d: Derivation, key: Uint8Array, count: number, event: string): boolean {
  const last = d.trail;
  if (!d.rules.hdelOneByOne || count !== 1 || !d.serverMade || last === undefined) return false;
  if (last.event !== event || !isSameKey(d, key)) return false;
  const tx = d.command.tx !== undefined;
  if (tx !== last.tx) return false;
  if (tx) return true;
  // Outside a transaction only the active cycle removes one by one; its next run comes later.
  const now = d.command.receivedAt;
  return (
    event === "hexpired" && now !== undefined && last.at !== undefined && now.earliest - last.at < CYCLE_MS
  );
}

function leaveTrail(d: Derivation, key: Uint8Array, count: number, event: string): void {
  if (!d.rules.hdelOneByOne || count !== 1 || !d.serverMade) return;
  d.nextTrail = {
    event,
    key,
    db: d.db,
    at: d.command.receivedAt?.latest,
    tx: d.command.tx !== undefined,
    count,
  };
}

/** HGETDEL key FIELDS n field … (Valkey): expired fields are passed over. */
const hgetdel: Rule = (d) => {
  const key = d.arg(1);
  const hash = fields(d, key);
  for (let at = d.indexOfWord("FIELDS", 2) + 2; at < d.args.length; at++) hash?.delete(d.arg(at));
  d.emit("hdel", key);
  d.afterRemoval(key);
};

/** HPEXPIREAT key t [NX|XX|GT|LT] FIELDS n field … */
const hpexpireat: Rule = (d) => {
  const key = d.arg(1);
  const at = d.indexOfWord("FIELDS", 3);
  const until = Number(d.text(2)) * (d.command.name === "HEXPIREAT" ? 1000 : 1);
  const condition = at > 3 ? d.word(3) : "";
  const hash = fields(d, key);
  if (hash !== undefined) {
    for (let index = at + 2; index < d.args.length; index++) {
      const name = d.arg(index);
      if (hash.has(name) && mayExpire(condition, hash.ttlOf(name), until)) hash.setTtl(name, until);
    }
  }
  d.emit("hexpire", key);
};

/** Whether a new expiry time is taken, the old one being `before`; none counts as infinite. */
function mayExpire(condition: string, before: number | undefined, until: number): boolean {
  if (condition === "NX") return before === undefined;
  if (condition === "XX") return before !== undefined;
  if (condition === "GT") return before !== undefined && until > before;
  if (condition === "LT") return before === undefined || until < before;
  return true;
}

const hpersist: Rule = (d) => {
  const hash = fields(d, d.arg(1));
  for (let at = d.indexOfWord("FIELDS", 2) + 2; at < d.args.length; at++) hash?.setTtl(d.arg(at), undefined);
  d.emit("hpersist", d.arg(1));
};

export const HASH_RULES: Readonly<Record<string, Rule>> = {
  HSET: hset,
  HMSET: hset,
  HSETNX: hset,
  HINCRBY: hincrby("hincrby"),
  HINCRBYFLOAT: hincrby("hincrbyfloat"),
  HSETEX: hsetex,
  HDEL: hdel,
  HGETDEL: hgetdel,
  HPEXPIREAT: hpexpireat,
  HEXPIREAT: hpexpireat,
  HPERSIST: hpersist,
};

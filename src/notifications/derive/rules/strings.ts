import type { Derivation } from "../derivation.ts";
import { type Doubt, SURE } from "../found.ts";
import { StringValue } from "../kept_values.ts";
import type { Rule } from "./rule.ts";

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** SET and what servers turn into it. INCRBYFLOAT and INCREX come as SET too (`t_string.c`). */
const set: Rule = (d) => {
  const key = d.arg(1);
  const keepTtl = d.hasWord("KEEPTTL", 3);
  const until = expiryOf(d, 3);
  const ttl = keepTtl ? d.ttlOf(key) : until;
  const doubt = setDoubt(d, keepTtl, until !== undefined);
  if (doubt !== SURE && d.rules.tellsOverwritten) {
    const presence = d.presence(key);
    if (presence === "no") d.tellNew(key);
    // A sum is no overwriting; which of both it was is not known.
    else if (presence === "yes") d.emit("overwritten", key, { certainty: "generic", mayBe: ["none"] });
    d.put(key, "string", d.string(d.text(2)));
    d.emit("set", key, doubt);
  } else {
    d.replace(key, "string", "set", d.string(d.text(2)), doubt);
  }
  d.markEmptyString(key, d.arg(2).length === 0);
  d.setTtl(key, ttl);
  if (until !== undefined) d.emit("expire", key);
};

/** The expiry time among options, Unix ms; relative ones (Redis ≤ 6.2) count from arrival. */
function expiryOf(d: Derivation, from: number): number | undefined {
  for (let at = from; at + 1 < d.args.length; at++) {
    const word = d.word(at);
    const value = Number(d.text(at + 1));
    if (word === "PXAT") return value;
    if (word === "EXAT") return value * 1000;
    if (word === "PX" || word === "EX") return (d.interval?.latest ?? 0) + value * (word === "EX" ? 1000 : 1);
  }
  return undefined;
}

/** Only `SET k number KEEPTTL`, and with INCREX (Redis 8.8) `SET k number [PXAT t]`, can stem from another command. */
function setDoubt(d: Derivation, keepTtl: boolean, expires: boolean): Doubt {
  const length = d.args.length;
  if (!d.serverMade || length > 5 || !NUMBER.test(d.text(2))) return SURE;
  const type = d.presence(d.arg(1)) === "yes" ? d.typeOf(d.arg(1)) : "string";
  if (type !== "string" && type !== undefined) return SURE;
  const { family, version } = d.rules.server;
  const increx = family === "redis" && version >= 808;
  if (keepTtl && length === 4) {
    return { certainty: "generic", mayBe: increx ? ["incrbyfloat", "incrby"] : ["incrbyfloat"] };
  }
  if (increx && (length === 3 || (expires && length === 5))) {
    const mayBe = ["incrby", "incrbyfloat"];
    // INCREX … PERSIST leaves the same.
    if (length === 3 && d.ttlOf(d.arg(1)) !== undefined) mayBe.push("incrby+persist", "incrbyfloat+persist");
    return { certainty: "generic", mayBe };
  }
  return SURE;
}

const setex =
  (unit: number): Rule =>
  (d) => {
    const key = d.arg(1);
    d.replace(key, "string", "set", d.string(d.text(3)));
    d.markEmptyString(key, d.arg(3).length === 0);
    d.setTtl(key, (d.interval?.latest ?? 0) + Number(d.text(2)) * unit);
    d.emit("expire", key);
  };

const plainSet: Rule = (d) => {
  d.replace(d.arg(1), "string", "set", d.string(d.text(2)));
  d.markEmptyString(d.arg(1), d.arg(2).length === 0);
};

const mset: Rule = (d) => {
  for (let at = 1; at + 1 < d.args.length; at += 2) {
    d.replace(d.arg(at), "string", "set", d.string(d.text(at + 1)));
    d.markEmptyString(d.arg(at), d.arg(at + 1).length === 0);
  }
};

/** MSETEX count key value … [NX|XX] [PXAT t|EXAT t|KEEPTTL]: Redis says `expire` before `set`, Valkey after. */
const msetex: Rule = (d) => {
  const count = Number(d.text(1));
  const options = 2 + count * 2;
  const until = expiryOf(d, options);
  const keepTtl = d.hasWord("KEEPTTL", options);
  for (let at = 2; at + 1 < options && at + 1 < d.args.length; at += 2) {
    const key = d.arg(at);
    const kept = keepTtl ? d.ttlOf(key) : undefined;
    d.replace(key, "string", undefined, d.string(d.text(at + 1)));
    d.markEmptyString(key, d.arg(at + 1).length === 0);
    d.setTtl(key, until ?? kept);
    const events = until === undefined ? ["set"] : d.rules.isValkey ? ["set", "expire"] : ["expire", "set"];
    for (const event of events) d.emit(event, key);
  }
};

/** A command that changes a string in place; `grows`: what it leaves is not empty. */
const change =
  (event: string, grows = true): Rule =>
  (d) => {
    const key = d.arg(1);
    const wasEmpty = d.isEmptyString(key) !== "no";
    const contents = d.create(key, "string");
    if (contents instanceof StringValue) changeText(d, contents);
    d.markEmptyString(key, !grows && wasEmpty);
    d.emit(event, key);
  };

const SIGNS: Readonly<Record<string, bigint>> = { INCR: 1n, INCRBY: 1n, DECR: -1n, DECRBY: -1n };

/** What a command leaves of a string that is kept; bits and registers are not followed. */
function changeText(d: Derivation, contents: StringValue): void {
  const { name } = d.command;
  const { text } = contents;
  const sign = SIGNS[name];
  const by = d.args.length > 2 ? d.text(2) : "1";
  if (name === "APPEND") contents.text += by;
  else if (name === "SETRANGE") {
    const at = Number(by);
    const piece = d.text(3);
    contents.text = text.slice(0, at).padEnd(at, "\0") + piece + text.slice(at + piece.length);
  } else if (sign !== undefined && /^-?\d*$/.test(text) && /^-?\d+$/.test(by)) {
    contents.text = String(BigInt(text) + sign * BigInt(by));
  } else d.setContents(d.arg(1), undefined);
}

const append: Rule = (d) => change("append", d.arg(2).length > 0)(d);

/** BITOP op dest source…: with nothing but missing and empty sources the destination goes, and was there before. */
const bitop: Rule = (d) => {
  const dest = d.arg(2);
  const sources = d.args.slice(3).map((key) => d.isEmptyString(key));
  if (sources.includes("no") || d.presence(dest) === "no") {
    d.replace(dest, "string", "set", undefined);
  } else if (sources.includes("maybe")) {
    d.replace(dest, "string", "set", undefined, { certainty: "likely", mayBe: ["del"] });
    d.doubtExistence(dest);
  } else {
    d.forget(dest);
    d.emit("del", dest, d.state.level === "stateless" ? { certainty: "likely", mayBe: ["set"] } : SURE);
  }
};

export const STRING_RULES: Readonly<Record<string, Rule>> = {
  SET: set,
  SETNX: plainSet,
  GETSET: plainSet,
  SETEX: setex(1000),
  PSETEX: setex(1),
  MSET: mset,
  MSETNX: mset,
  MSETEX: msetex,
  APPEND: append,
  SETRANGE: change("setrange"),
  SETBIT: change("setbit"),
  BITFIELD: change("setbit"),
  INCR: change("incrby"),
  DECR: change("incrby"),
  INCRBY: change("incrby"),
  DECRBY: change("incrby"),
  INCRBYFLOAT: change("incrbyfloat"),
  PFADD: change("pfadd"),
  PFMERGE: change("pfadd"),
  BITOP: bitop,
};

import { latin1 } from "../../../bytes/text.ts";
import { decodeDump } from "../../../rdb/decode_dump.ts";
import type { Derivation } from "../derivation.ts";
import { PERHAPS, SURE } from "../found.ts";
import { EMPTY_STRING, MAYBE } from "../key_table.ts";
import { seedValue } from "../seed.ts";
import type { Rule } from "./rule.ts";

const del: Rule = (d) => {
  const keys = d.args.slice(1);
  // A server removes one key a command, and writes the name in upper case.
  if (keys.length === 1 && d.serverMade) removeOne(d, keys[0]!);
  else for (const key of keys) removeByClient(d, key);
};

function removeByClient(d: Derivation, key: Uint8Array): void {
  const presence = d.presence(key);
  if (presence === "no") return;
  d.forget(key);
  d.emit("del", key, presence === "yes" ? SURE : PERHAPS);
}

/** One key: a client's DEL, expiry, eviction, the last pop of a set, or an expiry time in the past. */
function removeOne(d: Derivation, key: Uint8Array): void {
  const presence = d.presence(key);
  if (presence === "no") return;
  const ttl = d.ttlOf(key);
  const type = d.typeOf(key);
  const expiry = d.expiryOf(ttl);
  d.forget(key);
  if (expiry === "passed") d.emit("expired", key);
  else if (expiry === "near-passed") d.emit("expired", key, { certainty: "likely", mayBe: ["del"] });
  else {
    const mayBe = ["evicted"];
    if (type === "set" || type === undefined) mayBe.push("spop+del");
    if (presence === "maybe" || expiry === "unknown" || expiry === "near-ahead" || d.rules.isValkey)
      mayBe.push("expired");
    d.emit("del", key, { certainty: "generic", mayBe });
  }
}

/** DELEX runs on a key that is there. */
const delex: Rule = (d) => {
  d.forget(d.arg(1));
  d.emit("del", d.arg(1));
};

const expire =
  (unit: number, relative: boolean): Rule =>
  (d) => {
    const key = d.arg(1);
    const value = Number(d.text(2)) * unit;
    d.setTtl(key, relative ? (d.interval?.latest ?? 0) + value : value);
    d.emit("expire", key);
  };

const persist: Rule = (d) => {
  d.setTtl(d.arg(1), undefined);
  if (d.rules.tellsMoves) d.emit("persist", d.arg(1));
};

const rename: Rule = (d) => {
  const source = d.arg(1);
  const target = d.arg(2);
  if (latin1(source) === latin1(target)) return;
  const before = d.presence(target);
  const oldType = d.typeOf(target);
  d.tellNew(target);
  transfer(d, source, d.db, target, d.db, true);
  d.emit("rename_from", source);
  d.emit("rename_to", target);
  if (before === "yes") d.tellOverwritten(target, oldType, d.typeOf(target));
};

const move: Rule = (d) => {
  const key = d.arg(1);
  const db = Number(d.text(2));
  d.tellNew(key, db);
  transfer(d, key, d.db, key, db, true);
  if (!d.rules.tellsMoves) return;
  d.emit("move_from", key);
  d.emit("move_to", key, SURE, db);
};

const copy: Rule = (d) => {
  const target = d.arg(2);
  const at = d.indexOfWord("DB", 3);
  const db = at < 0 ? d.db : Number(d.text(at + 1));
  const before = d.presence(target, db);
  const oldType = d.typeOf(target, db);
  d.tellNew(target, db);
  transfer(d, d.arg(1), d.db, target, db, false);
  if (d.rules.tellsCopies) d.emit("copy_to", target, SURE, db);
  if (before === "yes") d.tellOverwritten(target, oldType, d.typeOf(target, db), db);
};

/** Gives what is known of one key to another, and takes it from the first if it moves. */
function transfer(
  d: Derivation,
  source: Uint8Array,
  sourceDb: number,
  target: Uint8Array,
  targetDb: number,
  moves: boolean,
): void {
  const known = d.follows(source, sourceDb);
  const from = d.table(sourceDb);
  const slot = known ? from.find(source) : -1;
  if (slot < 0) {
    d.put(target, undefined, undefined, targetDb);
    if (moves && known) d.forget(source, sourceDb);
    return;
  }
  const type = from.typeAt(slot);
  const ttl = from.ttlAt(slot);
  const empty = from.has(slot, EMPTY_STRING);
  const contents = moves ? d.state.take(from, slot) : from.contentsAt(slot)?.copy();
  if (moves) d.forget(source, sourceDb);
  d.put(target, type, contents, targetDb);
  d.setTtl(target, ttl, targetDb);
  if (!empty || !d.follows(target, targetDb)) return;
  const table = d.table(targetDb);
  table.mark(table.find(target), EMPTY_STRING, true);
}

/** RESTORE key ttl payload [REPLACE] [ABSTTL] …: the payload is decoded as far as the level needs it. */
const restore: Rule = (d) => {
  const key = d.arg(1);
  const before = d.presence(key);
  const oldType = d.typeOf(key);
  d.tellNew(key);
  if (d.follows(key)) {
    d.put(key, undefined, undefined);
    try {
      for (const part of decodeDump(d.arg(3), { checksum: "off" }).parts) seedValue(d, d.db, key, part);
    } catch {
      // A type that is not known here: there is a key, and nothing more can be said of it.
    }
    const ttl = Number(d.text(2));
    d.setTtl(key, ttl === 0 ? undefined : d.hasWord("ABSTTL", 4) ? ttl : (d.interval?.latest ?? 0) + ttl);
  }
  if (d.rules.tellsMoves) d.emit("restore", key);
  if (before === "yes") d.tellOverwritten(key, oldType, d.typeOf(key));
};

/** The keys of some slots go, and no event tells (Redis ≥ 8.4). Which they are is not kept: any key may be gone. */
const trimSlots: Rule = (d) => {
  for (const table of d.state.tables()) {
    for (const slot of table.slots()) table.mark(slot, MAYBE, true);
  }
};

export const KEY_RULES: Readonly<Record<string, Rule>> = {
  DEL: del,
  UNLINK: del,
  DELEX: delex,
  EXPIRE: expire(1000, true),
  PEXPIRE: expire(1, true),
  EXPIREAT: expire(1000, false),
  PEXPIREAT: expire(1, false),
  PERSIST: persist,
  RENAME: rename,
  RENAMENX: rename,
  MOVE: move,
  COPY: copy,
  RESTORE: restore,
  "RESTORE-ASKING": restore,
  FLUSHDB: (d) => d.state.flush(d.db),
  FLUSHALL: (d) => d.state.flush(undefined),
  SWAPDB: (d) => {
    const { dbs } = d;
    d.state.swap(Number(d.text(1)), Number(d.text(2)), (db) => dbs === undefined || dbs.has(db));
  },
  TRIMSLOTS: trimSlots,
};

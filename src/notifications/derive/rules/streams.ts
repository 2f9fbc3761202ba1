import { latin1 } from "../../../bytes/text.ts";
import type { Derivation } from "../derivation.ts";
import { type Doubt, PERHAPS, SURE } from "../found.ts";
import { parseId } from "../stream_id.ts";
import { StreamState } from "../stream_state.ts";
import type { Rule } from "./rule.ts";

function stream(d: Derivation, key: Uint8Array): StreamState | undefined {
  const contents = d.contents(key);
  return contents instanceof StreamState ? contents : undefined;
}

/** XADD key [NOMKSTREAM] [KEEPREF|DELREF|ACKED] [IDMP …] [MAXLEN|MINID [=|~] n [LIMIT n]] id field value … */
const xadd: Rule = (d) => {
  const key = d.arg(1);
  let at = 2;
  let trim: { readonly by: string; readonly to: string } | undefined;
  let acked = false;
  let idempotent = false;
  for (;;) {
    const word = d.word(at);
    if (word === "NOMKSTREAM" || word === "KEEPREF" || word === "DELREF") at++;
    else if (word === "ACKED") {
      acked = true;
      at++;
    } else if (word === "IDMP") {
      idempotent = true;
      at += 3;
    } else if (word === "IDMPAUTO") {
      idempotent = true;
      at += 2;
    } else if (word === "MAXLEN" || word === "MINID") {
      const sign = d.text(at + 1);
      const value = sign === "=" || sign === "~" ? at + 2 : at + 1;
      trim = { by: word, to: d.text(value) };
      at = value + 1;
    } else if (word === "LIMIT") at += 2;
    else break;
  }
  const id = d.text(at);
  // An id that was not made is a duplicate that was not added.
  if (idempotent && id === "*") return;
  d.create(key, "stream");
  const entries = stream(d, key);
  entries?.add(parseId(id) ?? [0, 0]);
  d.emit("xadd", key);
  if (trim === undefined) return;
  const count = removable(entries, trim.by, trim.to);
  if (acked) {
    if (count !== 0) doubtTrim(d, key);
  } else if (count === undefined) {
    d.emit("xtrim", key, PERHAPS);
    forgetCount(d, key);
  } else if (count > 0) {
    entries?.trim(count);
    d.emit("xtrim", key);
  }
};

/** ACKED keeps entries that a group still needs, which takes pending lists to know. */
function doubtTrim(d: Derivation, key: Uint8Array): void {
  d.emit("xtrim", key, PERHAPS);
  forgetCount(d, key);
}

/** The stream is there, with its groups, but how many entries it has is not known any more. */
function forgetCount(d: Derivation, key: Uint8Array): void {
  stream(d, key)?.forgetEntries();
}

/** How many entries a trim takes away; `undefined` where the state does not tell. */
function removable(entries: StreamState | undefined, by: string, to: string): number | undefined {
  if (entries === undefined || Number.isNaN(entries.size)) return undefined;
  if (by === "MAXLEN") return Math.max(0, entries.size - Number(to));
  const id = parseId(to);
  return id === undefined ? undefined : entries.before(id);
}

const xtrim: Rule = (d) => {
  const key = d.arg(1);
  const sign = d.text(3);
  const value = sign === "=" || sign === "~" ? 4 : 3;
  const entries = stream(d, key);
  const count = d.hasWord("ACKED", value) ? undefined : removable(entries, d.word(2), d.text(value));
  if (count !== undefined) entries?.trim(count);
  else if (entries !== undefined) forgetCount(d, key);
  d.emit("xtrim", key);
};

/** Removes the entries whose ids stand from `from` on. */
function removeIds(d: Derivation, key: Uint8Array, from: number, end: number): void {
  const entries = stream(d, key);
  if (entries === undefined || Number.isNaN(entries.size)) return;
  for (let at = from; at < end; at++) {
    const id = parseId(d.text(at));
    if (id !== undefined && entries.delete(id) === undefined) {
      // Without ids the count is known only if all were there, which the stream does not say.
      if (end - from === 1) entries.size--;
      else forgetCount(d, key);
      return;
    }
  }
}

const xdel: Rule = (d) => {
  removeIds(d, d.arg(1), 2, d.args.length);
  d.emit("xdel", d.arg(1));
};

/** XDELEX key [KEEPREF|DELREF|ACKED] IDS n id … */
const xdelex: Rule = (d) => {
  const at = d.indexOfWord("IDS", 2);
  if (d.hasWord("ACKED", 2)) forgetCount(d, d.arg(1));
  else removeIds(d, d.arg(1), at + 2, d.args.length);
  d.emit("xdel", d.arg(1));
};

/** XACKDEL key group …: whether an id was pending takes pending lists to know, which are not kept. */
const xackdel: Rule = (d) => {
  const key = d.arg(1);
  const at = d.indexOfWord("IDS", 3);
  if (d.hasWord("ACKED", 3)) forgetCount(d, key);
  else removeIds(d, key, at + 2, d.args.length);
  d.emit("xdel", key, PERHAPS);
};

const xgroup: Rule = (d) => {
  const key = d.arg(2);
  const group = d.text(3);
  const name = `${latin1(key)}\0${group}`;
  switch (d.word(1)) {
    case "CREATE":
      d.create(key, "stream");
      stream(d, key)?.addGroup(group);
      d.emit("xgroup-create", key);
      break;
    case "CREATECONSUMER":
      stream(d, key)?.addConsumer(group, d.text(4));
      if (d.command.tx !== undefined) d.readGroups.add(name);
      d.emit("xgroup-createconsumer", key);
      break;
    case "DELCONSUMER":
      stream(d, key)?.groups.get(group)?.delete(d.text(4));
      d.emit("xgroup-delconsumer", key);
      break;
    case "DESTROY":
      stream(d, key)?.groups.delete(group);
      d.emit("xgroup-destroy", key);
      break;
    case "SETID":
      setId(d, key, name);
      break;
  }
};

/** XREADGROUP tells replicas where a group is by the same command as a client's XGROUP SETID. */
function setId(d: Derivation, key: Uint8Array, group: string): void {
  const servers = d.hasWord("ENTRIESREAD", 5) && d.serverMade;
  const inTransaction = d.command.tx !== undefined;
  if (servers && inTransaction && d.rules.tellsGroupId && d.readGroups.has(group)) return;
  const doubt: Doubt = servers ? { certainty: "generic", mayBe: ["none"] } : SURE;
  d.emit("xgroup-setid", key, doubt);
  if (!servers || !inTransaction || !d.rules.setIdFirst) return;
  // Its CREATECONSUMER may follow.
  const found = d.found.pop();
  if (found !== undefined) d.held = { found, group };
}

const xclaim: Rule = (d) => {
  const key = d.arg(1);
  const group = d.text(2);
  if (d.command.tx !== undefined) d.readGroups.add(`${latin1(key)}\0${group}`);
  const entries = stream(d, key);
  if (entries === undefined) {
    if (d.presence(key) !== "no" && d.rules.tellsConsumers && d.state.knows("members")) {
      d.emit("xgroup-createconsumer", key, PERHAPS);
    }
    return;
  }
  if (entries.addConsumer(group, d.text(3)) && d.rules.tellsConsumers) d.emit("xgroup-createconsumer", key);
};

const said =
  (event: string): Rule =>
  (d) =>
    d.emit(event, d.arg(1));

export const STREAM_RULES: Readonly<Record<string, Rule>> = {
  XADD: xadd,
  XTRIM: xtrim,
  XDEL: xdel,
  XDELEX: xdelex,
  XACKDEL: xackdel,
  XSETID: said("xsetid"),
  XGROUP: xgroup,
  XCLAIM: xclaim,
};

import { latin1 } from "../../../bytes/text.ts";
import type { Derivation } from "../derivation.ts";
import { ListCount, ListValues } from "../list_state.ts";
import type { Rule } from "./rule.ts";

type Elements = ListCount | ListValues | undefined;

function list(d: Derivation, key: Uint8Array): Elements {
  const contents = d.contents(key);
  return contents instanceof ListCount || contents instanceof ListValues ? contents : undefined;
}

function pushOne(elements: Elements, element: string | undefined, front: boolean): void {
  if (elements instanceof ListCount) elements.size++;
  else elements?.push(element ?? "", front);
}

function popOne(elements: Elements, front: boolean): string | undefined {
  if (elements instanceof ListValues) return elements.pop(front);
  if (elements !== undefined && elements.size > 0) elements.size--;
  return undefined;
}

const push =
  (event: string, front: boolean): Rule =>
  (d) => {
    d.create(d.arg(1), "list");
    const elements = list(d, d.arg(1));
    for (let at = 2; at < d.args.length; at++) pushOne(elements, latin1(d.arg(at)), front);
    d.emit(event, d.arg(1));
  };

const pop =
  (event: string, front: boolean): Rule =>
  (d) => {
    const key = d.arg(1);
    const elements = list(d, key);
    const count = d.args.length > 2 ? Number(d.text(2)) : 1;
    if (elements instanceof ListCount) elements.size = Math.max(0, elements.size - count);
    else if (elements !== undefined) {
      for (let left = Math.min(count, elements.size); left > 0; left--) elements.pop(front);
    }
    d.emit(event, key);
    d.afterRemoval(key);
  };

/** LMOVE and RPOPLPUSH: the push is said first. */
function move(d: Derivation, fromFront: boolean, toFront: boolean): void {
  const source = d.arg(1);
  const target = d.arg(2);
  const said = toFront ? "lpush" : "rpush";
  const taken = fromFront ? "lpop" : "rpop";
  if (latin1(source) === latin1(target)) {
    const elements = list(d, source);
    if (elements instanceof ListValues) elements.push(elements.pop(fromFront) ?? "", toFront);
    d.emit(said, target);
    d.emit(taken, source);
    return;
  }
  const from = list(d, source);
  const element = popOne(from, fromFront);
  d.create(target, "list");
  const to = list(d, target);
  if (to instanceof ListValues && element === undefined) d.setContents(target, new ListCount(to.size + 1));
  else pushOne(to, element, toFront);
  d.emit(said, target);
  d.emit(taken, source);
  d.afterRemoval(source);
}

const ltrim: Rule = (d) => {
  const key = d.arg(1);
  const elements = list(d, key);
  if (elements !== undefined) {
    const { size } = elements;
    let start = Number(d.text(2));
    let end = Number(d.text(3));
    if (start < 0) start = Math.max(0, size + start);
    if (end < 0) end = size + end;
    const kept = Math.max(0, Math.min(end, size - 1) - start + 1);
    if (elements instanceof ListCount) elements.size = kept;
    else elements.keep(start, start + kept);
  }
  d.emit("ltrim", key);
  d.afterRemoval(key);
};

const lrem: Rule = (d) => {
  const key = d.arg(1);
  const elements = list(d, key);
  const count = Number(d.text(2));
  if (elements instanceof ListValues) elements.remove(count, d.text(3));
  // One element was removed at least, or the command would not be in the stream.
  else if (elements !== undefined) {
    if (Math.abs(count) === 1 || elements.size === 1) elements.size--;
    else d.setContents(key, undefined);
  }
  d.emit("lrem", key);
  d.afterRemoval(key);
};

const linsert: Rule = (d) => {
  const elements = list(d, d.arg(1));
  if (elements instanceof ListCount) elements.size++;
  else elements?.insert(d.text(3), d.text(4), d.word(2) === "BEFORE");
  d.emit("linsert", d.arg(1));
};

const lset: Rule = (d) => {
  const elements = list(d, d.arg(1));
  if (elements instanceof ListValues) elements.set(Number(d.text(2)), d.text(3));
  d.emit("lset", d.arg(1));
};

export const LIST_RULES: Readonly<Record<string, Rule>> = {
  LPUSH: push("lpush", true),
  LPUSHX: push("lpush", true),
  RPUSH: push("rpush", false),
  RPUSHX: push("rpush", false),
  LPOP: pop("lpop", true),
  RPOP: pop("rpop", false),
  RPOPLPUSH: (d) => move(d, false, true),
  LMOVE: (d) => move(d, d.word(3) === "LEFT", d.word(4) === "LEFT"),
  LTRIM: ltrim,
  LREM: lrem,
  LINSERT: linsert,
  LSET: lset,
};

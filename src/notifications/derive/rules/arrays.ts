import { ArrayState } from "../array_state.ts";
import type { Derivation } from "../derivation.ts";
import { MemberSet } from "../member_set.ts";
import type { Rule } from "./rule.ts";

function array(d: Derivation, key: Uint8Array): ArrayState | undefined {
  const contents = d.contents(key);
  return contents instanceof ArrayState ? contents : undefined;
}

/** A command that puts elements: `place` says where. */
const put =
  (event: string, place: (d: Derivation, elements: ArrayState) => void): Rule =>
  (d) => {
    const key = d.arg(1);
    d.create(key, "array");
    const elements = array(d, key);
    if (elements !== undefined) place(d, elements);
    d.emit(event, key);
  };

const arset = put("arset", (d, elements) => {
  const first = BigInt(d.text(2));
  for (let at = 3; at < d.args.length; at++) elements.indexes.add(String(first + BigInt(at - 3)));
});

const armset = put("armset", (d, elements) => {
  for (let at = 2; at < d.args.length; at += 2) elements.indexes.add(d.text(at));
});

const arinsert = put("arinsert", (d, elements) => {
  for (let at = 2; at < d.args.length; at++) elements.indexes.add(String(elements.cursor++));
});

/** ARRING key size value …: goes round in `size` places. */
const arring = put("arring", (d, elements) => {
  const size = BigInt(d.text(2));
  for (const index of elements.indexes) if (BigInt(index) >= size) elements.indexes.delete(index);
  for (let at = 3; at < d.args.length; at++) {
    elements.indexes.add(String(elements.cursor % size));
    elements.cursor = (elements.cursor + 1n) % size;
  }
});

const ardel: Rule = (d) => {
  const elements = array(d, d.arg(1));
  for (let at = 2; at < d.args.length; at++) elements?.indexes.delete(d.text(at));
  d.emit("ardel", d.arg(1));
  d.afterRemoval(d.arg(1));
};

const ardelrange: Rule = (d) => {
  const elements = array(d, d.arg(1));
  for (let at = 2; at + 1 < d.args.length && elements !== undefined; at += 2) {
    const from = BigInt(d.text(at));
    const to = BigInt(d.text(at + 1));
    for (const index of elements.indexes) {
      if (BigInt(index) >= from && BigInt(index) <= to) elements.indexes.delete(index);
    }
  }
  d.emit("ardelrange", d.arg(1));
  d.afterRemoval(d.arg(1));
};

/** VADD key [REDUCE n] FP32 blob|VALUES n v… element: a vector set says `new` and nothing else. */
const vadd: Rule = (d) => {
  const key = d.arg(1);
  let at = d.word(2) === "REDUCE" ? 4 : 2;
  at += d.word(at) === "VALUES" ? 2 + Number(d.text(at + 1)) : 2;
  const isNew = d.presence(key) === "no";
  d.create(key, "module");
  if (isNew && d.state.knows("members")) d.setContents(key, new MemberSet());
  const elements = d.contents(key);
  if (elements instanceof MemberSet) elements.add(d.arg(at));
};

/** The key goes without a word when its last element does. */
const vrem: Rule = (d) => {
  const key = d.arg(1);
  const elements = d.contents(key);
  if (!(elements instanceof MemberSet)) {
    d.doubtExistence(key);
    return;
  }
  elements.delete(d.arg(2));
  if (elements.size === 0) d.forget(key);
};

export const ARRAY_RULES: Readonly<Record<string, Rule>> = {
  ARSET: arset,
  ARMSET: armset,
  ARINSERT: arinsert,
  ARRING: arring,
  ARSEEK: (d) => {
    const elements = array(d, d.arg(1));
    if (elements !== undefined) elements.cursor = BigInt(d.text(2));
    d.emit("arseek", d.arg(1));
  },
  ARDEL: ardel,
  ARDELRANGE: ardelrange,
  VADD: vadd,
  VREM: vrem,
};

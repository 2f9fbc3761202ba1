import { encodeUtf8, latin1 } from "../bytes/text.ts";
import type { Plan, PlanNode } from "./argument_plan.ts";
import { type Properties, SPELLING } from "./argument_reader.ts";
import { VALUE_CODECS } from "./values.ts";

/** Writes the arguments that a typed command stands for, options in the grammar's order. Throws `TypeError`. */
export function writeArguments(plan: Plan, properties: Properties, output: Uint8Array[]): void {
  for (const step of plan.steps) {
    for (const node of step.nodes) writeNode(node, properties, output);
  }
}

function writeNode(plan: PlanNode, from: Properties, output: Uint8Array[]): void {
  const { node } = plan;
  switch (node.kind) {
    case "word":
      output.push(encodeUtf8(node.word));
      return;
    case "flag":
      if (from[node.name] === true || !node.optional) output.push(encodeUtf8(node.word));
      return;
    case "count":
      output.push(encodeUtf8(String(listOf(from, node.of).length)));
      return;
  }
  if (plan.optional && !isPresent(plan, from)) return;
  if (node.name === undefined) {
    if (plan.multiple) writeAgain(plan, from, output);
    else writeArguments(plan.items!, from, output);
    return;
  }
  if (!plan.multiple) {
    writeOne(plan, node.name, from[node.name], from[node.name + SPELLING], output);
    return;
  }
  const texts = from[node.name + SPELLING];
  listOf(from, node.name).forEach((value, index) => {
    writeOne(plan, node.name!, value, Array.isArray(texts) ? texts[index] : undefined, output);
  });
}

/** A group without a name is there when its first property is. */
function isPresent({ node, items }: PlanNode, from: Properties): boolean {
  if (node.kind === "group" && node.name === undefined) {
    for (const step of items!.steps) {
      for (const item of step.nodes) {
        if (item.node.kind !== "word" && item.node.kind !== "count") return isPresent(item, from);
      }
    }
    return false;
  }
  const value = "name" in node ? from[node.name!] : undefined;
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}

function writeAgain(plan: PlanNode, from: Properties, output: Uint8Array[]): void {
  const names = plan.items!.steps.flatMap((step) =>
    step.nodes.flatMap(({ node }) => (node.kind === "value" ? node.name : [])),
  );
  const times = Math.max(...names.map((name) => listOf(from, name).length));
  for (let i = 0; i < times; i++) {
    const once: Properties = {};
    for (const name of names) once[name] = listOf(from, name)[i];
    writeArguments(plan.items!, once, output);
  }
}

function writeOne(plan: PlanNode, name: string, value: unknown, text: unknown, output: Uint8Array[]): void {
  const { node } = plan;
  if (value === undefined || value === null) throw new TypeError(`Cannot encode command: ${name} is missing`);
  if (node.kind === "choice") writeChoice(plan, name, value, output);
  else if (node.kind === "group") writeArguments(plan.items!, value as Properties, output);
  else if (node.kind === "value") output.push(writeValue(node.type, value, text));
}

function writeValue(type: keyof typeof VALUE_CODECS, value: unknown, text: unknown): Uint8Array {
  const codec = VALUE_CODECS[type];
  const usual = codec.write(value);
  if (!codec.spelled || typeof text !== "string") return usual;
  // The spelling counts as long as nobody changed the number.
  const spelled = encodeUtf8(text);
  const meant = codec.read(spelled);
  return meant !== undefined && latin1(codec.write(meant)) === latin1(usual) ? spelled : usual;
}

function writeChoice(plan: PlanNode, name: string, value: unknown, output: Uint8Array[]): void {
  for (const { word, rest, single } of plan.alternatives) {
    if (word === undefined) continue;
    if (rest.steps.length === 0) {
      if (value !== word) continue;
      output.push(encodeUtf8(word));
      return;
    }
    if (typeof value !== "object" || value instanceof Uint8Array || !(word in (value as object))) continue;
    const chosen = (value as Properties)[word];
    output.push(encodeUtf8(word));
    writeArguments(rest, single === undefined ? (chosen as Properties) : { [single]: chosen }, output);
    return;
  }
  const plain = plan.alternatives.find(({ word }) => word === undefined);
  if (plain === undefined) throw new TypeError(`Cannot encode command: ${name} is none of what it can be`);
  writeArguments(plain.rest, { [plain.single!]: value }, output);
}

function listOf(from: Properties, name: string): readonly unknown[] {
  const list = from[name];
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw new TypeError(`Cannot encode command: ${name} is no list`);
  return list;
}

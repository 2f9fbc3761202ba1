/** Writes the types of typed commands as a TypeScript module. */
import { planOf } from "../../src/commands/argument_plan.ts";
import { parseSyntax, type SyntaxNode, type ValueKind } from "../../src/commands/syntax.ts";
import type { CommandRow, CommandRows } from "../../src/commands/types.ts";

const TYPES: Readonly<Record<ValueKind, string>> = {
  bytes: "Uint8Array",
  key: "Uint8Array",
  int: "number",
  long: "number | bigint",
  double: "number",
  decimal: "string",
  id: "string",
  text: "string",
  score: "ScoreBound",
  lex: "LexBound",
};
const SPELLED: ReadonlySet<ValueKind> = new Set<ValueKind>(["double", "score"]);

/** The text of `typed.generated.ts`, not yet formatted. */
export function typesModule(rows: CommandRows, made: readonly string[]): string {
  const typed = Object.entries(rows).filter(([, row]) => row.syntax !== undefined);
  const interfaces = typed.map(([name, row]) => interfaceOf(name, row));
  return [
    `// Made by \`npm run generate:commands\` from ${made.join(" and ")}: do not edit, change scripts/commands/overrides.ts.`,
    `import type { LexBound, ScoreBound } from "./values.ts";`,
    "",
    ...interfaces,
    "/** Any command that has a typed form; `name` tells which. */",
    `export type TypedCommand = ${typed.map(([name]) => `\n  | ${typeName(name)}`).join("")};`,
    "",
    '/** Typed commands by name: `TypedCommands["SET"]`. */',
    "export interface TypedCommands {",
    ...typed.map(([name]) => `  readonly ${property(name)}: ${typeName(name)};`),
    "}",
    "",
  ].join("\n");
}

function interfaceOf(name: string, { syntax, since }: CommandRow): string {
  const nodes = parseSyntax(syntax!);
  planOf(nodes);
  const families = Object.entries(since ?? {}).map(([family, version]) => `${title(family)} ${version}`);
  const notes = families.length > 0 ? ` Since ${families.join(", ")}.` : "";
  return [
    `/** \`${[name, syntax].join(" ").trim()}\`.${notes} */`,
    `export interface ${typeName(name)} {`,
    `  readonly name: ${JSON.stringify(name)};`,
    ...propertiesOf(nodes, false),
    "}",
    "",
  ].join("\n");
}

/** `maybe`: they stand in a group that may be left out; `listed`: in one that may be said again. */
function propertiesOf(nodes: readonly SyntaxNode[], maybe: boolean, listed: boolean = false): string[] {
  return nodes.flatMap((node): string[] => {
    switch (node.kind) {
      case "word":
      case "count":
        return [];
      case "flag":
        return [`  readonly ${node.name}: boolean;`];
      case "group":
        if (node.name === undefined) {
          return propertiesOf(node.items, maybe || node.optional, listed || node.multiple);
        }
    }
    const name = node.name!;
    const isList = node.multiple || listed;
    const optional = (node.optional || maybe) && !isList;
    const type = typeOf(node);
    const lines = [
      `  readonly ${name}${optional ? "?" : ""}: ${isList ? `readonly ${wrapped(type)}[]` : type}${optional ? " | undefined" : ""};`,
    ];
    if (node.kind === "value" && SPELLED.has(node.type)) {
      const text = isList ? "readonly (string | undefined)[]" : "string";
      lines.push(`  readonly ${name}Text?: ${text} | undefined;`);
    }
    return lines;
  });
}

function typeOf(node: Exclude<SyntaxNode, { kind: "word" | "count" | "flag" }>): string {
  if (node.kind === "value") return TYPES[node.type];
  if (node.kind === "group") return objectOf(node.items);
  return node.alternatives.map(alternativeOf).join(" | ");
}

function alternativeOf(nodes: readonly SyntaxNode[]): string {
  const [first] = nodes;
  const word = first?.kind === "word" ? first.word : undefined;
  const rest = (word === undefined ? nodes : nodes.slice(1)).filter((node) => node.kind !== "count");
  if (word !== undefined && rest.length === 0) return JSON.stringify(word);
  const { single } = planOf([choiceWith(nodes)]).steps[0]!.nodes[0]!.alternatives[0]!;
  const only = rest[0];
  let type = objectOf(rest);
  if (single !== undefined && only !== undefined && (only.kind === "value" || only.kind === "choice")) {
    type = only.multiple ? `readonly ${wrapped(typeOf(only))}[]` : typeOf(only);
  }
  return word === undefined ? type : `{ readonly ${property(word)}: ${type} }`;
}

/** The reader's own rule tells whether one property stands for the rest. */
function choiceWith(nodes: readonly SyntaxNode[]): SyntaxNode {
  return { kind: "choice", name: "choice", alternatives: [nodes], optional: false, multiple: false };
}

function objectOf(nodes: readonly SyntaxNode[]): string {
  return `{ ${propertiesOf(nodes, false)
    .map((line) => line.trim())
    .join(" ")} }`;
}

function wrapped(type: string): string {
  return type.includes("|") ? `(${type})` : type;
}

function typeName(name: string): string {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  return `${words.map(title).join("")}Command`;
}

function title(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function property(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

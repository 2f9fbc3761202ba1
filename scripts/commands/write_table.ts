/** Writes rows as a TypeScript module. */
import type { CommandRow, CommandRows } from "../../src/commands/types.ts";

/** The order of fields in a row, which keeps a new run's difference small. */
const FIELDS: readonly (keyof CommandRow)[] = [
  "arity",
  "group",
  "flags",
  "since",
  "keys",
  "special",
  "whole",
  "syntax",
  "from",
];

/** The text of `table.generated.ts`, a row a line. `made`: the servers asked, such as `redis 8.0`. */
export function tableModule(rows: CommandRows, made: readonly string[]): string {
  const lines = Object.entries(rows).map(([name, row]) => {
    const fields = FIELDS.filter((field) => row[field] !== undefined).map(
      (field) => `${field}: ${literal(row[field])}`,
    );
    return `  ${property(name)}: { ${fields.join(", ")} },`;
  });
  return [
    `// Made by \`npm run generate:commands\` from ${made.join(" and ")}: do not edit, change scripts/commands/overrides.ts.`,
    "// biome-ignore-all format: a command a line is easier to read and to compare",
    `import type { CommandRows } from "./types.ts";`,
    "",
    "export const COMMANDS: CommandRows = {",
    ...lines,
    "};",
    "",
  ].join("\n");
}

/** A value as source text. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${property(name)}: ${literal(field)}`);
  return `{ ${fields.join(", ")} }`;
}

function property(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

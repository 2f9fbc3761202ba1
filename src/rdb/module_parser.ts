/** One item of a module's value. Module authors write signed numbers as `unsigned` too, in two's complement. */
export type ModuleItem =
  | { readonly type: "signed" | "unsigned"; readonly value: number | bigint }
  | { readonly type: "float" | "double"; readonly value: number }
  | { readonly type: "string"; readonly value: Uint8Array };

/**
 * Makes something of a module's value. `items` is read lazily, `version` is the encoding version that the module wrote.
 * What it throws ends this key only: a `warning` event of code `MODULE` comes in its place.
 */
export type ModuleParser = (items: Iterable<ModuleItem>, version: number) => unknown;

/** Parsers by module type name, such as `ReJSON-RL`. */
export type ModuleParsers = Readonly<Record<string, ModuleParser>>;

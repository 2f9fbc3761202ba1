import { readSource, resolveFrom, withoutComments } from "./sources.ts";

/** A name that an entry exports. */
export interface PublicName {
  readonly name: string;
  /** What it is in the language; a constant and a type of one name are a `const`. */
  readonly form: "function" | "class" | "const" | "interface" | "type";
  /** The file that declares it. */
  readonly path: string;
  /** Its docstring, without margins; empty without one. */
  readonly doc: string;
}

/** Every name that the file exports, what it passes on from others included, by name. */
export function exportsOf(path: string): Map<string, PublicName> {
  const found = new Map<string, PublicName>();
  const source = readSource(path);
  const code = withoutComments(source);
  for (const [, type, from] of code.matchAll(/^export (type )?\* from "([^"]+)";/gm)) {
    for (const [name, one] of exportsOf(resolveFrom(path, from!))) found.set(name, asType(one, type));
  }
  for (const [, type, list, from] of code.matchAll(/^export (type )?\{([^}]*)\}(?: from "([^"]+)")?;/gm)) {
    for (const { own, name, typeOnly } of namesOf(list!)) {
      const origin = from ?? importOf(code, own);
      const one = origin === undefined ? undefined : exportsOf(resolveFrom(path, origin)).get(own);
      if (one === undefined) throw new Error(`${path} exports ${own}, which nothing declares`);
      found.set(name, asType({ ...one, name }, type ?? typeOnly));
    }
  }
  const declaration = /^export (?:abstract |async )?(function\*?|class|const|interface|type) (\w+)/gm;
  for (const match of source.matchAll(declaration)) {
    const form = match[1]!.replace("*", "") as PublicName["form"];
    const name = match[2]!;
    const before = found.get(name);
    const doc = before?.doc || docBefore(source, match.index);
    // A constant and the type of its values go by one name; overloads are one function.
    found.set(name, { name, form: before?.form === "const" ? "const" : form, path, doc });
  }
  return found;
}

/** The name as it is seen through `export type`: a class is its type only. */
function asType(one: PublicName, type: string | undefined): PublicName {
  return type === undefined || one.form === "interface" ? one : { ...one, form: "type" };
}

/** `a, type B, c as d`: what it is called there and here, and whether it is a type only. */
function namesOf(
  list: string,
): { readonly own: string; readonly name: string; readonly typeOnly: string | undefined }[] {
  return [...list.matchAll(/(type )?(\w+)(?: as (\w+))?\s*(?:,|$)/g)].map(([, typeOnly, own, name]) => ({
    own: own!,
    name: name ?? own!,
    typeOnly,
  }));
}

/** Where a file has an imported name from. */
function importOf(code: string, name: string): string | undefined {
  for (const [, list, from] of code.matchAll(/^import (?:type )?\{([^}]*)\} from "([^"]+)";/gm)) {
    if (namesOf(list!).some((one) => one.name === name)) return from;
  }
  return undefined;
}

/** The docstring that ends right before `index`. */
function docBefore(source: string, index: number): string {
  const before = source.slice(0, index);
  if (!before.endsWith("*/\n")) return "";
  const doc = before.slice(before.lastIndexOf("/**") + 3, -3);
  return doc.replace(/^\s*\* ?/gm, "").trim();
}

/** The first sentence of a docstring, as Markdown. */
export function firstSentence(doc: string): string {
  const [paragraph] = doc.split("\n\n");
  const text = paragraph!
    .replace(/\{@link (?:core\.)?([^}]+)\}/g, "`$1`")
    .replace(/\s+/g, " ")
    .trim();
  return /^(.*?[.])(?= [A-Z`]|$)/.exec(text)?.[1] ?? text;
}

/**
 * Compares the keys that two dumps in the program's line format hold, by what can be compared: a live server cannot tell how
 * a file packed a value, and gives unordered things in any order.
 */

export interface CompareOptions {
  /** Version in the RDB file's header: what an older stream does not hold, a server fills in when it loads it. */
  readonly rdbVersion: number;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { readonly [name: string]: Json };
type Line = JsonObject & { readonly kind: string };

/** At most this many differences are told: the first ones say what is wrong. */
const MAX_DIFFERENCES = 20;
const SHOWN = 200;

/**
 * Tells how the keys and functions in `ours` differ from those in `truth`; empty when they do not. Lines are compared by
 * (db, key) in any order, values in parts joined before. Members of sets, zsets, hashes, pending entries and consumers are
 * unordered. `idle`, `freq`, `encoding` and `raw` are not compared, nor stream fields that the file's version does not hold.
 */
export function compareNdjson(
  ours: Iterable<string>,
  truth: Iterable<string>,
  options: CompareOptions,
): readonly string[] {
  const differences: string[] = [];
  const expected = entriesOf(truth, options, differences);
  const actual = entriesOf(ours, options, differences);
  for (const [id, text] of expected) {
    const found = actual.get(id);
    if (found === undefined) differences.push(`missing: ${id}`);
    else if (found !== text) differences.push(difference(id, found, text));
  }
  for (const id of actual.keys()) if (!expected.has(id)) differences.push(`not in the truth: ${id}`);
  const more = differences.length - MAX_DIFFERENCES;
  return more <= 0 ? differences : [...differences.slice(0, MAX_DIFFERENCES), `… and ${more} more`];
}

function difference(id: string, ours: string, truth: string): string {
  let at = 0;
  while (ours[at] === truth[at]) at++;
  const from = Math.max(0, at - 40);
  return `differs: ${id.slice(0, SHOWN)}\n  ours  …${ours.slice(from, from + SHOWN)}\n  truth …${truth.slice(from, from + SHOWN)}`;
}

/** Each entry's canonical form by its identity. */
function entriesOf(
  lines: Iterable<string>,
  options: CompareOptions,
  differences: string[],
): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const line of joinParts(lines, differences)) {
    const isFunction = line.type === "function";
    const id = JSON.stringify(isFunction ? ["function", line.value!] : [line.db!, line.key!]);
    if (entries.has(id)) differences.push(`twice: ${id}`);
    entries.set(id, isFunction ? id : canonicalText(line, options));
  }
  return entries;
}

function canonicalText(line: Line, options: CompareOptions): string {
  const { type, value, expireAt } = line;
  return JSON.stringify({ type, expireAt, value: canonicalValue(String(type), value!, options) });
}

function canonicalValue(type: string, value: Json, options: CompareOptions): Json {
  if (type === "set" || type === "zset" || type === "hash") return sorted(value);
  if (type === "stream") return canonicalStream(value as JsonObject, options);
  return value;
}

function canonicalStream(stream: JsonObject, { rdbVersion }: CompareOptions): Json {
  const since = (version: number, fields: JsonObject): JsonObject => (rdbVersion >= version ? fields : {});
  const { lastId, length, entries, firstId, maxDeletedId, entriesAdded } = stream;
  const groups = ((stream.groups ?? []) as readonly JsonObject[]).map((group) => ({
    name: group.name!,
    lastId: group.lastId!,
    ...since(10, { entriesRead: group.entriesRead ?? null }),
    pel: sorted(group.pel!),
    consumers: sorted(
      (group.consumers as readonly JsonObject[]).map((consumer) => ({
        name: consumer.name!,
        seenTime: consumer.seenTime!,
        // An older format has one time only, and the server takes it for both.
        ...since(11, { activeTime: consumer.activeTime ?? -1 }),
        pel: sorted(consumer.pel!),
      })),
    ),
  }));
  return {
    lastId: lastId!,
    length: length!,
    entries: entries!,
    ...since(10, { firstId: firstId!, maxDeletedId: maxDeletedId!, entriesAdded: entriesAdded! }),
    groups: sorted(groups),
  };
}

function sorted(values: Json): Json {
  return (values as readonly Json[])
    .map((value) => JSON.stringify(value))
    .sort()
    .map((text) => JSON.parse(text) as Json);
}

/** The lines that are keys or functions, those in parts joined to one. */
function* joinParts(lines: Iterable<string>, differences: string[]): Iterable<Line> {
  let open: Line[] = [];
  for (const text of lines) {
    if (text === "") continue;
    const line = JSON.parse(text) as Line;
    if (line.kind !== "rdb" || (line.type !== "function" && !("db" in line))) continue;
    if (!("part" in line)) {
      if (open.length > 0) differences.push(`no last part: ${JSON.stringify(open[0]!.key)}`);
      open = [];
      yield line;
      continue;
    }
    if (line.part !== open.length) differences.push(`part out of order: ${text.slice(0, SHOWN)}`);
    open.push(line);
    if (line.last !== true) continue;
    yield {
      ...open[0]!,
      value: joinValues(
        String(line.type),
        open.map((part) => part.value!),
      ),
    };
    open = [];
  }
  if (open.length > 0) differences.push(`no last part: ${JSON.stringify(open[0]!.key)}`);
}

function joinValues(type: string, values: readonly Json[]): Json {
  if (type === "string") return joinStrings(values);
  if (type !== "stream") return (values as readonly (readonly Json[])[]).flat();
  const parts = values as readonly JsonObject[];
  return {
    ...Object.assign({}, ...parts),
    entries: parts.flatMap((part) => (part.entries ?? []) as readonly Json[]),
    groups: joinGroups(parts.flatMap((part) => (part.groups ?? []) as readonly JsonObject[])),
  } as Json;
}

/** Fragments of text may be cut inside a character, and are base64 then. */
function joinStrings(values: readonly Json[]): Json {
  const whole = Buffer.concat(
    values.map((value) =>
      typeof value === "string"
        ? Buffer.from(value)
        : Buffer.from(String((value as JsonObject).base64), "base64"),
    ),
  );
  const text = whole.toString();
  return Buffer.from(text).equals(whole) ? text : { base64: whole.toString("base64") };
}

/** Pieces with the same name belong together. */
function joinGroups(pieces: readonly JsonObject[]): readonly JsonObject[] {
  const groups = new Map<string, JsonObject>();
  for (const piece of pieces) {
    const name = JSON.stringify(piece.name);
    const before = groups.get(name);
    groups.set(name, before === undefined ? piece : { ...before, ...joinLists(before, piece) });
  }
  return [...groups.values()];
}

function joinLists(a: JsonObject, b: JsonObject): JsonObject {
  const pel = [...(a.pel as readonly Json[]), ...(b.pel as readonly Json[])];
  const consumers = new Map<string, JsonObject>();
  for (const consumer of [
    ...(a.consumers as readonly JsonObject[]),
    ...(b.consumers as readonly JsonObject[]),
  ]) {
    const name = JSON.stringify(consumer.name);
    const before = consumers.get(name);
    const joined = before && [...(before.pel as readonly Json[]), ...(consumer.pel as readonly Json[])];
    consumers.set(name, joined === undefined ? consumer : { ...consumer, pel: joined });
  }
  return { pel, consumers: [...consumers.values()] };
}

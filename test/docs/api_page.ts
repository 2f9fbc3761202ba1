import { exportsOf, firstSentence, type PublicName } from "../support/exports.ts";
import { readSource } from "../support/sources.ts";

/** A chapter of the reference: the names that certain files declare. */
interface Chapter {
  readonly title: string;
  /** What to read on the subject. */
  readonly see: string;
  /** Files, or folders that end in `/`, whose names it has. The first chapter that has a file takes it. */
  readonly files: readonly string[];
}

const MAIN: readonly Chapter[] = [
  {
    title: "Attaching to a server",
    see: "[guide.md](guide.md), [resilience.md](resilience.md), [topology.md](topology.md)",
    files: ["src/rx/replicate.ts", "src/rx/from_batches.ts", "src/rx/replica_status.ts", "src/replica/"],
  },
  {
    title: "Reading files",
    see: "[supported.md](supported.md)",
    files: [
      "src/rx/read_rdb.ts",
      "src/rx/rdb_batches.ts",
      "src/rx/read_aof.ts",
      "src/rx/read_aof_options.ts",
      "src/rx/aof_batches.ts",
      "src/rx/aof_reader.ts",
      "src/aof/",
      "src/rdb/",
    ],
  },
  {
    title: "Filters",
    see: "[guide.md](guide.md#choosing-what-comes)",
    files: [
      ...["commands", "dbs", "events", "families", "flags", "keys", "slots", "types"].map(
        (name) => `src/rx/filter_${name}.ts`,
      ),
      "src/rx/of_kind.ts",
      "src/stream/filter.ts",
      "src/stream/filter_commands.ts",
      "src/stream/filter_families.ts",
      "src/stream/filter_keys.ts",
      "src/stream/filter_slots.ts",
    ],
  },
  {
    title: "Flow and shape",
    see: "[guide.md](guide.md#at-the-consumers-pace)",
    files: [
      "src/rx/create_gate.ts",
      "src/rx/batch.ts",
      "src/rx/coalesce.ts",
      "src/rx/collect_values.ts",
      "src/rx/event_bytes.ts",
      "src/rx/event_keys.ts",
      "src/rx/group_by_key.ts",
      "src/rx/map_keys.ts",
      "src/rx/partition.ts",
      "src/rx/rate_limit.ts",
      "src/rx/transactions.ts",
      "src/rx/with_images.ts",
    ],
  },
  {
    title: "Checkpoints and state",
    see: "[resilience.md](resilience.md#checkpoints-at-least-once)",
    files: [
      "src/rx/checkpoint.ts",
      "src/rx/create_key_store.ts",
      "src/rx/create_memory_store.ts",
      "src/rx/diff_on_reset.ts",
      "src/rx/saved.ts",
      "src/rx/saved_text.ts",
    ],
  },
  {
    title: "Applying to another server",
    see: "[mirror.md](mirror.md)",
    files: [
      "src/rx/apply_to.ts",
      "src/rx/import_mode.ts",
      "src/rx/target_batch.ts",
      "src/rx/target_client.ts",
      "src/rx/target_position.ts",
      "src/rx/to_commands.ts",
      "src/stream/",
    ],
  },
  {
    title: "Keyspace notifications",
    see: "[notifications.md](notifications.md)",
    files: [
      "src/rx/derive_notifications.ts",
      "src/rx/match_labels.ts",
      "src/rx/merge_notifications.ts",
      "src/rx/notifications.ts",
      "src/notifications/",
    ],
  },
  { title: "Events", see: "[guide.md](guide.md#events)", files: ["src/events.ts", "src/events/"] },
  { title: "Transports", see: "[transports.md](transports.md)", files: ["src/transport.ts"] },
  { title: "Errors", see: "[guide.md](guide.md#errors)", files: ["src/errors.ts"] },
];

const GENERATED = "src/commands/typed.generated.ts";

/** Parts of the page that the sources write, by the name in their marks `<!-- name -->` … `<!-- end -->`. */
export function apiParts(): Map<string, string> {
  const main = [...exportsOf("mod.ts").values()];
  const parts = new Map([["main", chapters(main)]]);
  const known = new Set(main.map(({ name, path }) => `${path} ${name}`));
  for (const runtime of ["node", "deno", "bun"]) {
    const own = [...exportsOf(`transports/${runtime}/mod.ts`).values()];
    parts.set(runtime, table(own.filter(({ name, path }) => !known.has(`${path} ${name}`))));
  }
  parts.set("memory", table([...exportsOf("transports/memory/mod.ts").values()]));
  for (const layer of ["rdb", "resp", "commands"]) {
    const names = [...exportsOf(`src/${layer}/mod.ts`).values()];
    const written = names.filter(({ path }) => path !== GENERATED);
    const also = written.filter(({ path, name }) => known.has(`${path} ${name}`));
    const own = written.filter((one) => !also.includes(one));
    parts.set(layer, table(own) + listed("The same as in `rxreplica`", also));
    const generated = names.filter(({ path }) => path === GENERATED);
    if (generated.length > 0) parts.set("typed", listed("Typed commands", generated).trimStart());
  }
  return parts;
}

/** The page with each part in its place. */
export function withParts(page: string, parts: ReadonlyMap<string, string>): string {
  return page.replace(/<!-- (\w+) -->\n[\s\S]*?<!-- end -->/g, (all, name: string) => {
    const part = parts.get(name);
    return part === undefined ? all : `<!-- ${name} -->\n${part}<!-- end -->`;
  });
}

/** Names that no chapter has, or that nothing is said of. */
export function complaints(): string[] {
  const entries = Object.values(
    (JSON.parse(readSource("deno.json")) as { exports: Record<string, string> }).exports,
  );
  const names = entries.flatMap((path) => [...exportsOf(path.replace("./", "")).values()]);
  const silent = names
    .filter(({ doc }) => firstSentence(doc) === "")
    .map(({ name }) => `${name}: no docstring`);
  const homeless = [...exportsOf("mod.ts").values()].filter(({ path }) => chapterOf(path) === undefined);
  return [...new Set([...silent, ...homeless.map(({ name, path }) => `${name} of ${path}: in no chapter`)])];
}

function chapters(names: readonly PublicName[]): string {
  return MAIN.map((chapter) => {
    const own = names.filter(({ path }) => chapterOf(path) === chapter);
    return `### ${chapter.title}\n\nSee ${chapter.see}.\n\n${table(own)}\n`;
  })
    .join("")
    .trimEnd()
    .concat("\n");
}

function chapterOf(path: string): Chapter | undefined {
  const has = ({ files }: Chapter) =>
    files.some((file) => (file.endsWith("/") ? path.startsWith(file) : path === file));
  return MAIN.find(has);
}

/** Functions, classes and constants first, then types, each by name. */
function table(names: readonly PublicName[]): string {
  const isType = ({ form }: PublicName) => form === "interface" || form === "type";
  const sorted = [...names].sort(
    (a, b) => Number(isType(a)) - Number(isType(b)) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const rows = sorted.map(
    (one) =>
      `| [\`${one.name}\`](../${one.path}) | ${isType(one) ? "type" : one.form} | ${cell(firstSentence(one.doc))} |\n`,
  );
  return `| name | is | what |\n|---|---|---|\n${rows.join("")}`;
}

function listed(title: string, names: readonly PublicName[]): string {
  if (names.length === 0) return "";
  return `\n${title}: ${names
    .map(({ name }) => `\`${name}\``)
    .sort()
    .join(", ")}.\n`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

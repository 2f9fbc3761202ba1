import { EXIT } from "./errors.ts";
import type { PrintOptions } from "./options.ts";
import { listenForStop } from "./signals.ts";
import { isPath, type Modes, openSource } from "./sources/open_source.ts";
import { filterOf, filtersKeys } from "./sources/selection.ts";

/** Opens a source and prints its events, or with `--count` their totals. Returns the exit status. */
export async function runSource(source: string, options: PrintOptions, modes: Modes): Promise<number> {
  if (options.count === true && isPath(source) && (await countRdbFile(source, options))) return EXIT.ok;
  const { signal } = listenForStop();
  const opened = await openSource(source, options, modes, signal);
  if (options.count === true) {
    const { countEvents } = await import("./count_events.ts");
    await countEvents(opened, signal);
  } else {
    const { printEvents } = await import("./print_events.ts");
    await printEvents(opened, options, { stop: signal });
  }
  return EXIT.ok;
}

/** The same from the position that `file` keeps, which then moves with what is printed. */
export async function resumeSource(
  source: string,
  options: PrintOptions,
  modes: Modes,
  file: string,
): Promise<number> {
  const [{ createPositionKeeper }, { printEvents }] = await Promise.all([
    import("./position_keeper.ts"),
    import("./print_events.ts"),
  ]);
  const keeper = await createPositionKeeper(file);
  const position = await keeper.load();
  const { signal } = listenForStop();
  const opened = await openSource(source, options, { ...modes, position }, signal);
  await printEvents(opened, options, { stop: signal, keeper });
  return EXIT.ok;
}

/** RDB files are counted below the level of events. */
async function countRdbFile(path: string, options: PrintOptions): Promise<boolean> {
  const { countRdb } = await import("./count_rdb.ts");
  const { keysOnly } = options;
  if (!filtersKeys(options)) return await countRdb(path, { keysOnly });
  const { compileFilter } = await import("../src/stream/filter.ts");
  const filter = compileFilter(filterOf(options));
  return await countRdb(path, { keysOnly, judge: (header) => filter.select(header) === "data" });
}

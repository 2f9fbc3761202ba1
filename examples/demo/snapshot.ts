/** What the demo tells about a snapshot: how far it has come, and one key of each type. */
import { showCount } from "../../cli/format/show.ts";
import { textLine } from "../../cli/format/text.ts";
import type { RdbEvent, RdbKey } from "../../src/events.ts";
import { cutAt, cyan, dim, type Loading, line, room } from "./screen.ts";

interface Seen {
  keys: number;
  /** The first key of this type with a name that explains itself. */
  example: string | undefined;
}

/** The generated keys only make the snapshot long. */
const FILLING = /^session:/;
const TYPES = ["string", "list", "set", "zset", "hash", "stream", "function"] as const;
const NAME_COLUMNS = 10;
const COUNT_COLUMNS = 8;

export class SnapshotView {
  readonly loading: Loading = { keys: 0, bytes: 0 };
  readonly #seen = new Map<string, Seen>();

  see(event: RdbEvent): void {
    if (event.event === "key") {
      this.loading.keys++;
      this.loading.bytes = event.offset;
      this.#note(event.type, FILLING.test(event.keyText) ? undefined : () => describe(event));
    } else if (event.event === "function") {
      this.#note("function", () => event.codeText.split("\n", 1)[0]!);
    }
  }

  /** Prints how many there were of each type, with an example. */
  print(): void {
    for (const type of TYPES) {
      const seen = this.#seen.get(type);
      if (seen === undefined) continue;
      const { keys, example } = seen;
      const count = showCount(keys).padStart(COUNT_COLUMNS);
      const start = NAME_COLUMNS + COUNT_COLUMNS + 3;
      line(`${cyan(type.padEnd(NAME_COLUMNS))}${count}   ${dim(cutAt(example ?? "", room(start)))}`);
    }
  }

  #note(type: string, describe: (() => string) | undefined): void {
    let seen = this.#seen.get(type);
    if (seen === undefined) this.#seen.set(type, (seen = { keys: 0, example: undefined }));
    seen.keys++;
    if (describe !== undefined) seen.example ??= describe();
  }
}

/** Key and value, as the program prints them, without the type and db in front. */
function describe(event: RdbKey): string {
  return textLine(event, { width: 160 }).slice("string  0  ".length);
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Block } from "../../cli/format/block.ts";
import { writeNdjson } from "../../cli/format/ndjson.ts";
import { openSource } from "../../cli/sources/open_source.ts";
import type { RdbBegin, RedisEvent } from "../../src/events.ts";
import { compareNdjson } from "../support/ndjson_compare.ts";
import { findCorpus, namesIn } from "./corpus.ts";

/** What becomes of the files that no server here loads: an error's code, or a line that must be there. */
const UNLOADABLE: ReadonlyMap<string, { readonly code: string } | { readonly line: RegExp }> = new Map([
  ["asset-corrupt_empty_keys", { code: "MALFORMED" }],
  ["asset-corrupt_ziplist", { code: "MALFORMED" }],
  ["dump-json-module", { line: /"type":"module",.*"value":\{"name":"ReJSON-RL","version":\d+\}/ }],
  ["dump-module-2", { line: /"type":"module",.*"value":\{"name":"[^"]{9}","version":\d+\}/ }],
  // Modules before 4.0 wrote no end, so that nobody but the module can tell where the value stops.
  ["module", { code: "UNSUPPORTED" }],
  // Servers take the count 255 for a wrong one, we for "not told", as with 254.
  [
    "zipmap_big_len",
    { line: /"key":"zimap_doesnt_compress",.*"value":\[\["MKD1G6","2"\],\["YNNXK","F7TI"\]\]/ },
  ],
]);

const corpus = findCorpus("rdb");

/** What `dump` prints of a file, as far as it can be decoded. */
async function dump(path: string): Promise<{ lines: string[]; begin: RdbBegin | undefined; error: unknown }> {
  const block = new Block();
  let begin: RdbBegin | undefined;
  let error: unknown;
  const source = await openSource(path, {}, { snapshot: true, stream: false }, new AbortController().signal);
  try {
    for await (const batch of source.batches) {
      for (const event of batch as readonly RedisEvent[]) {
        if (event.kind === "rdb" && event.event === "begin") begin = event;
        writeNdjson(block, event);
      }
    }
  } catch (thrown) {
    error = thrown;
  }
  return { lines: new TextDecoder().decode(block.take()).split("\n"), begin, error };
}

if ("missing" in corpus) {
  console.warn(`corpus tests skipped: ${corpus.missing}`);
  test.skip(`files of the corpus (${corpus.missing})`);
} else {
  const { folder } = corpus;
  describe("dump of a file that a server loaded says what the server says", () => {
    const names = namesIn(folder, ".rdb").filter((name) => existsSync(join(folder, `${name}.ndjson`)));
    test.each(names)("%s", async (name) => {
      const { lines, begin, error } = await dump(join(folder, `${name}.rdb`));
      expect(error).toBeUndefined();
      const truth = readFileSync(join(folder, `${name}.ndjson`), "utf8").split("\n");
      const version = begin!.version;
      expect(compareNdjson(lines, truth, { rdbVersion: version })).toEqual([]);
    });
  });

  describe("dump of a file that no server here loads", () => {
    const names = namesIn(folder, ".rdb").filter((name) => !existsSync(join(folder, `${name}.ndjson`)));
    test.each(names)("%s", async (name) => {
      const { lines, error } = await dump(join(folder, `${name}.rdb`));
      const expected = UNLOADABLE.get(name);
      if (expected === undefined) throw new Error("no expectation for this file");
      if ("code" in expected) expect(error).toMatchObject({ ...expected, offset: expect.any(Number) });
      else {
        expect(error).toBeUndefined();
        expect(lines.filter((line) => expected.line.test(line))).not.toEqual([]);
      }
    });
  });
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Block } from "../../cli/format/block.ts";
import { writeNdjson } from "../../cli/format/ndjson.ts";
import { RdbDecoder } from "../../src/rdb/mod.ts";
import { findCorpus, namesIn } from "../corpus/corpus.ts";
import { compareNdjson } from "../support/ndjson_compare.ts";
import { Random } from "../support/random.ts";
import { cut, decodeChunks } from "./support.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/rdb/", import.meta.url));

/** The program's lines for a file, and its version. */
function linesOf(chunks: Iterable<Uint8Array>): { lines: string[]; version: number } {
  const block = new Block();
  const decoder = new RdbDecoder({ onEvent: (event) => writeNdjson(block, event) });
  for (const chunk of chunks) decoder.write(chunk);
  decoder.end();
  return { lines: new TextDecoder().decode(block.take()).split("\n"), version: decoder.version };
}

describe("files that servers wrote say what the servers said", () => {
  test.each(namesIn(FIXTURES, ".rdb"))("%s", (name) => {
    const file = readFileSync(join(FIXTURES, `${name}.rdb`));
    const truth = readFileSync(join(FIXTURES, `${name}.ndjson`), "utf8").split("\n");
    const { lines, version } = linesOf([file]);
    expect(compareNdjson(lines, truth, { rdbVersion: version })).toEqual([]);
    // A comparison that finds nothing must be able to find something.
    expect(compareNdjson(lines.slice(0, -3), truth, { rdbVersion: version })).not.toEqual([]);
  });
});

/** Files, the small ones of the corpus too where it is there. */
function* files(largest: number): Generator<readonly [name: string, path: string]> {
  for (const name of namesIn(FIXTURES, ".rdb")) yield [name, join(FIXTURES, `${name}.rdb`)];
  const corpus = findCorpus("rdb");
  if ("missing" in corpus) return;
  for (const name of namesIn(corpus.folder, ".rdb")) {
    const path = join(corpus.folder, `${name}.rdb`);
    if (readFileSync(path).length <= largest) yield [`corpus ${name}`, path];
  }
}

describe("files give the same events however they are cut", () => {
  const random = new Random(11);
  test.each([...files(400_000)])("%s", (_, path) => {
    if (!existsSync(path)) return;
    const file = readFileSync(path);
    for (const limits of [{}, { maxPackedBytes: 0, maxPartElements: 50, maxPartBytes: 3000 }]) {
      const whole = decodeChunks([file], { limits });
      const sizes = Array.from({ length: 20 }, () => random.int(1, random.pick([3, 40, 5000])));
      expect(decodeChunks(cut(file, sizes), { limits })).toEqual(whole);
      if (limits.maxPackedBytes === undefined)
        expect(decodeChunks(cut(file, [1]), { limits })).toEqual(whole);
    }
  });
});

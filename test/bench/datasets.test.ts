import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Command } from "../../bench/data/commands.ts";
import { RDB_DATASETS, RDB_NAMES, type RdbDataset } from "../../bench/data/datasets.ts";
import { enlarge } from "../../bench/data/enlarge.ts";
import { makeDataset } from "../../bench/data/make.ts";
import { RdbDecoder } from "../../src/rdb/mod.ts";
import { openFile } from "../../transports/node/files.ts";

/** What a file holds. Streams count as entries; their fields are views too. */
interface Content {
  keys: number;
  elements: number;
  views: number;
  /** Decoded bytes of keys and elements. */
  bytes: number;
}

/** Plays commands in plain words, so that what a server saved of them can be told beforehand. */
function contentOf(commands: Iterable<Command>): Content {
  const keys = new Map<string, Map<string, string> | string[] | number>();
  const content: Content = { keys: 0, elements: 0, views: 0, bytes: 0 };
  for (const [name, first, ...rest] of commands) {
    const key = String(first);
    const words = rest.map(String);
    const map = (): Map<string, string> => {
      if (!keys.has(key)) keys.set(key, new Map());
      return keys.get(key) as Map<string, string>;
    };
    const list = (): string[] => {
      if (!keys.has(key)) keys.set(key, []);
      return keys.get(key) as string[];
    };
    if (name === "SET") keys.set(key, [words[0]!]);
    else if (name === "SETRANGE") {
      const length = Number(words[0]) + words[1]!.length;
      keys.set(key, Math.max(length, (keys.get(key) as number | undefined) ?? 0));
    } else if (name === "HSET") for (let i = 0; i < words.length; i += 2) map().set(words[i]!, words[i + 1]!);
    else if (name === "ZADD") for (let i = 0; i < words.length; i += 2) map().set(words[i + 1]!, "");
    else if (name === "SADD") for (const word of words) map().set(word, "");
    else if (name === "RPUSH") list().push(...words);
    else if (name === "XADD") map().set(words[0]!, `stream ${words.slice(1).join("")}`);
  }
  for (const [key, value] of keys) {
    content.keys++;
    content.bytes += key.length;
    if (typeof value === "number") {
      content.elements++;
      content.views++;
      content.bytes += value;
    } else if (Array.isArray(value)) {
      content.elements += value.length;
      content.views += value.length;
      for (const item of value) content.bytes += item.length;
    } else {
      for (const [field, text] of value) {
        content.elements++;
        if (text.startsWith("stream ")) {
          content.views += 4;
          content.bytes += text.length - "stream ".length;
        } else {
          content.views += text === "" ? 1 : 2;
          content.bytes += field.length + text.length;
        }
      }
    }
  }
  return content;
}

async function count(path: string): Promise<Omit<Content, "views">> {
  const decoder = new RdbDecoder({ onEvent: () => {}, totalsOnly: true });
  const file = await openFile(path);
  for await (const chunk of file.chunks) decoder.write(chunk);
  decoder.end();
  const { keys, elements, bytes } = decoder.totals;
  return { keys, elements, bytes };
}

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const views = fileURLToPath(new URL("../../bench/children/views.ts", import.meta.url));

async function view(path: string): Promise<Content> {
  const { stdout } = await promisify(execFile)("node", ["--import", tsx, views, path]);
  return JSON.parse(stdout) as Content;
}

const SCALES: Readonly<Record<RdbDataset, number>> = {
  small: 0.002,
  collections: 0.005,
  mixed: 0.005,
  lzf: 0.005,
  big: 0.02,
};

describe("the benchmarks' datasets", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rxreplica-bench-"));
    process.env.RXREPLICA_BENCH_CACHE = folder;
  });
  afterAll(async () => {
    delete process.env.RXREPLICA_BENCH_CACHE;
    await rm(folder, { recursive: true });
  });

  it.each(RDB_NAMES)(
    "%s: a server saves what the generator says, and every case sees all of it",
    async (name) => {
      const scale = SCALES[name];
      const expected = contentOf(RDB_DATASETS[name](scale));
      const path = await makeDataset(name, scale);
      const { keys, elements, bytes } = expected;
      expect(keys).toBeGreaterThan(3);
      expect(await count(path)).toEqual({ keys, elements, bytes });
      expect(await view(path)).toEqual({ ...expected, views: expect.any(Number) });
      if (name !== "big") expect((await view(path)).views).toBe(expected.views);
      // A dataset that is there is not made again.
      expect(await makeDataset(name, scale)).toBe(path);
    },
  );

  it.each(["mixed", "big"] as const)("%s: ten times as much holds ten times as much", async (name) => {
    const path = await makeDataset(name, SCALES[name]);
    const large = `${path}.large`;
    await enlarge(path, large, { times: 10, values: name === "big" });
    const one = await count(path);
    const ten = await count(large);
    const keyBytes = name === "big" ? "hash".length + "zset".length + "list".length + "string".length : 0;
    expect(ten).toEqual(
      name === "big"
        ? { keys: 4, elements: (one.elements - 1) * 10 + 1, bytes: (one.bytes - keyBytes) * 10 + keyBytes }
        : { keys: one.keys * 10, elements: one.elements * 10, bytes: one.bytes * 10 },
    );
  });
});

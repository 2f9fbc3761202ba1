/** RDB files of all ages into the newest servers: what a mirror makes of one is what the server itself loads. */
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom } from "rxjs";
import { beforeAll, describe, expect, test } from "vitest";
import { connectTarget, parseTarget } from "../../cli/mirror/target.ts";
import { type Applied, applyTo } from "../../src/rx/apply_to.ts";
import { readRdb } from "../../src/rx/read_rdb.ts";
import { toCommands } from "../../src/rx/to_commands.ts";
import { findCorpus, namesIn } from "../corpus/corpus.ts";
import { describeWithServers } from "../servers/describe.ts";
import { type ServerKind, startServer, type TestServer } from "../servers/mod.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { expectSame } from "./rig.ts";

const found = findCorpus("rdb");
const folder = "folder" in found ? found.folder : "";
if ("missing" in found) console.warn(`corpus tests skipped: ${found.missing}`);
// Files without a description are those that no server loads.
const names = folder === "" ? [] : namesIn(folder, ".ndjson");
const files = await Promise.all(
  names.map(async (name) => {
    const bytes = new Uint8Array(await readFile(join(folder, `${name}.rdb`)));
    return { name, bytes, kind: bytes[0] === 0x56 ? ("valkey-9.1" as const) : ("redis-8.0" as const) };
  }),
);

/**
 * Streams whose length in the file is not that of their entries, as servers before 6.2 could write it after XTRIM. A server believes
 * it, and RESTORE passes it on; by commands the stream has the entries it has.
 */
const MISCOUNTED: Readonly<Record<string, string>> = { "dump-stream": "trim", stream_listpacks_1: "trim" };

interface Pair {
  readonly reference: TestClient;
  readonly server: TestServer;
  readonly target: TestClient;
  readonly url: string;
}

async function startPair(kind: ServerKind): Promise<Pair> {
  const [server, other] = await Promise.all([startServer({ kind }), startServer({ kind })]);
  const [reference, target] = [await connectClient(server), await connectClient(other)];
  return { reference, server, target, url: other.url };
}

async function mirrorFile(bytes: Uint8Array, url: string, via: string): Promise<Applied | undefined> {
  const client = await connectTarget(parseTarget(url), {});
  try {
    const events = readRdb(bytes, { level: via === "restore" ? "raw" : "data" });
    const applying = events.pipe(toCommands(), applyTo(client, { existing: "flush" }));
    return await lastValueFrom(applying, { defaultValue: undefined });
  } finally {
    client.close();
  }
}

describe.skipIf(folder === "")(
  `A mirror of the files in the corpus${"missing" in found ? ` (${found.missing})` : ""}`,
  () => {
    for (const kind of ["redis-8.0", "valkey-9.1"] as const) {
      const mine = files.filter((file) => file.kind === kind);
      describeWithServers(`to ${kind}`, [kind], () => {
        let pair: Pair;
        beforeAll(async () => {
          pair = await startPair(kind);
        });

        test.each(
          mine.flatMap(({ name, bytes }) => ["commands", "restore"].map((via) => ({ name, via, bytes }))),
        )("$name via $via", async ({ name, via, bytes }) => {
          const { reference, server, target, url } = pair;
          await copyFile(join(folder, `${name}.rdb`), join(server.dir, "dump.rdb"));
          await reference.command(["FUNCTION", "FLUSH"]);
          await reference.command(["DEBUG", "RELOAD", "NOSAVE"]);
          const applied = await mirrorFile(bytes, url, via);
          const miscounted = via === "commands" ? MISCOUNTED[name] : undefined;
          if (miscounted !== undefined) {
            for (const client of [reference, target]) expect(await client.text("DEL", miscounted)).toBe("1");
          }
          await expectSame(reference, target);
          expect(applied?.totals.refused ?? 0).toBe(0);
        });
      });
    }
  },
);

/** What the byte functions claim of servers, asked of real ones. */
import { expect, it } from "vitest";
import { Crc64, compileGlob, isUtf8, keySlot, lzfDecompress } from "../../src/bytes/mod.ts";
import { describeServers } from "../servers/describe.ts";
import { startServer } from "../servers/mod.ts";
import { connectClient } from "../support/client.ts";

let state = 99;
const random = (below: number): number => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state >>> 8) % below;
};
const word = (letters: readonly string[], length: number): string =>
  Array.from({ length }, () => letters[random(letters.length)]).join("");

describeServers("bytes", (kind) => {
  it("compileGlob matches the keys that KEYS finds", async () => {
    const server = await startServer({ kind });
    const client = await connectClient(server);
    try {
      const keys = new Set(
        Array.from({ length: 300 }, () => word(["a", "b", "c", "]", "-", "\\", "^", "["], 1 + random(5))),
      );
      await client.pipeline([...keys].map((key) => ["SET", key, "1"]));
      for (let round = 0; round < 1500; round++) {
        const pattern = word(["*", "?", "[", "]", "^", "-", "\\", "a", "b", "c"], 1 + random(9));
        const found = (await client.command(["KEYS", pattern])) as Buffer[];
        const glob = compileGlob(pattern);
        const matched = [...keys].filter((key) => glob(Buffer.from(key)));
        expect([pattern, ...matched.sort()]).toEqual([pattern, ...found.map(String).sort()]);
      }
    } finally {
      client.close();
      await server.stop();
    }
  });

  it("Crc64 and lzfDecompress read what DUMP packs", async () => {
    const server = await startServer({ kind });
    const client = await connectClient(server);
    try {
      const letters = ["lorem ", "ipsum ", "dolor ", "sit ", "amet ", "x", "yz", "é"];
      let compressed = 0;
      for (let round = 0; round < 200; round++) {
        const value = Buffer.from(word(letters, 10 + random(600)));
        expect(isUtf8(value)).toBe(true);
        await client.command(["SET", "k", value]);
        const dump = (await client.command(["DUMP", "k"])) as Buffer;
        const crc = new Crc64();
        crc.update(dump, 0, dump.length - 8);
        expect(crc.matches(dump, dump.length - 8)).toBe(true);
        if (dump[1] !== 0xc3) continue;
        let at = 2;
        const length = (): number => {
          const lead = dump[at++]!;
          return lead < 0x40 ? lead : ((lead & 0x3f) << 8) | dump[at++]!;
        };
        const [packed, plain] = [length(), length()];
        const output = new Uint8Array(plain);
        lzfDecompress(dump, at, at + packed, output, 0, plain);
        expect(value.equals(output)).toBe(true);
        compressed++;
      }
      expect(compressed).toBeGreaterThan(150);
    } finally {
      client.close();
      await server.stop();
    }
  });

  it("keySlot is CLUSTER KEYSLOT", async () => {
    const server = await startServer({ kind, args: ["--cluster-enabled", "yes"] });
    const client = await connectClient(server);
    try {
      for (let round = 0; round < 200; round++) {
        const key = word(["{", "}", "a", "b", "user", "é"], random(8));
        expect([key, keySlot(Buffer.from(key))]).toEqual([
          key,
          await client.command(["CLUSTER", "KEYSLOT", key]),
        ]);
      }
    } finally {
      client.close();
      await server.stop();
    }
  });
});

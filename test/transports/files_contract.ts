import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ReplicaError } from "../../src/errors.ts";
import type { ListFolder, OpenFile, OpenSpool } from "../../src/transport.ts";
import type { TextStore } from "../../transports/shared/text_store.ts";

/** Runs the contract of files and stores against one runtime's. `files` is the module of `open`, for a child process. */
export function filesContract(
  name: string,
  files: string,
  { openFile: open, listFolder }: { readonly openFile: OpenFile; readonly listFolder: ListFolder },
  openSpool: OpenSpool,
  textStore: (path: string) => TextStore,
): void {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rxreplica-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  describe(`${name}: openFile`, () => {
    const content = new Uint8Array(1_300_001).map((_, index) => (index * 31) % 251);
    let path: string;
    beforeAll(async () => {
      path = join(folder, "content");
      await writeFile(path, content);
    });

    test.each([
      [undefined, undefined],
      [1000, 0],
      [262_144, 7],
      [2_000_000, 1_300_000],
      [undefined, 1_300_001],
      [undefined, 9_999_999],
    ])("reads in chunks of %s from %s", async (chunkSize, start) => {
      const file = await open(path, { chunkSize, start });
      expect(file.size).toBe(content.length);
      const chunks: Uint8Array[] = [];
      for await (const chunk of file.chunks) {
        expect(Object.getPrototypeOf(chunk)).toBe(Uint8Array.prototype);
        expect(chunk.length).toBeLessThanOrEqual(chunkSize ?? 262_144);
        chunks.push(chunk);
      }
      // Compared at the end: kept chunks are not written again.
      expect(Buffer.compare(Buffer.concat(chunks), content.subarray(start ?? 0))).toBe(0);
      await file.close();
    });

    test("fills one buffer again and again when told so", async () => {
      const file = await open(path, { chunkSize: 4096, reuseBuffers: true });
      const buffers = new Set<ArrayBufferLike>();
      let sum = 0;
      for await (const chunk of file.chunks) {
        buffers.add(chunk.buffer);
        for (const byte of chunk) sum += byte;
      }
      expect(sum).toBe(content.reduce((total, byte) => total + byte, 0));
      expect(buffers.size).toBeLessThanOrEqual(2);
    });

    test("stops when closed or left, again and again", async () => {
      const file = await open(path, { chunkSize: 4096 });
      const chunks = file.chunks[Symbol.asyncIterator]();
      expect((await chunks.next()).done).toBe(false);
      await Promise.all([file.close(), file.close()]);
      expect((await chunks.next()).done).toBe(true);
      const left = await open(path, { chunkSize: 4096 });
      for await (const _ of left.chunks) break;
      expect((await left.chunks[Symbol.asyncIterator]().next()).done).toBe(true);
    });

    test("missing files and folders are FILE with the path", async () => {
      for (const [bad, words] of [
        [join(folder, "missing"), "no such file"],
        [folder, "directory"],
      ] as const) {
        const error = await open(bad).then(
          () => undefined,
          (failure: unknown) => failure,
        );
        expect(error).toBeInstanceOf(ReplicaError);
        expect(error).toMatchObject({ code: "FILE", file: bad });
        expect((error as Error).message).toContain(words);
      }
    });

    test("refuses sizes that are none", async () => {
      await expect(open(path, { chunkSize: 0 })).rejects.toThrow(RangeError);
      await expect(open(path, { start: -1 })).rejects.toThrow(RangeError);
    });

    test("reads standard input from a pipe, as it comes", async () => {
      const child = spawn(...reader(files), { stdio: ["pipe", "pipe", "inherit"] });
      const lines = child.stdout[Symbol.asyncIterator]();
      child.stdin.write("first");
      // Told before anything else was written: a chunk is not waited full.
      expect(String((await lines.next()).value)).toBe("size undefined\nfirst\n");
      child.stdin.end("second");
      expect(String((await lines.next()).value)).toBe("second\n");
    });

    test("reads standard input from a file, from a start", async () => {
      await writeFile(join(folder, "short"), "0123456789");
      const [command, parameters] = reader(files);
      const child = spawn("sh", ["-c", '"$@" < "$FILE"', "sh", command, ...parameters], {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, FILE: join(folder, "short"), START: "4" },
      });
      let text = "";
      for await (const chunk of child.stdout) text += String(chunk);
      expect(text).toMatch(/^size (10|undefined)\n456789\n$/);
    });
  });

  describe(`${name}: listFolder`, () => {
    test("names the entries in order; no folder is undefined", async () => {
      const place = join(folder, "listed");
      await mkdir(place);
      for (const entry of ["b.2.aof", "a.manifest", "ü"]) await writeFile(join(place, entry), "");
      expect(await listFolder(place)).toEqual(["a.manifest", "b.2.aof", "ü"]);
      expect(await listFolder(join(place, "a.manifest"))).toBeUndefined();
      expect(await listFolder(join(place, "missing"))).toBeUndefined();
    });
  });

  describe(`${name}: openSpool`, () => {
    test("reads back what was written anywhere, begins empty, and is gone when closed", async () => {
      const path = join(folder, "spool");
      await writeFile(path, "from before");
      const file = await openSpool(path);
      const parts = Array.from({ length: 50 }, (_, index) => new Uint8Array(20_000 + index).fill(index));
      await Promise.all(parts.map((part, index) => file.write(part, 30_000 * (49 - index))));
      const read = await Promise.all(
        parts.map((part, index) => file.read(30_000 * (49 - index), part.length)),
      );
      expect(read.map((bytes, index) => Buffer.compare(bytes, parts[index]!))).toEqual(parts.map(() => 0));
      expect((await file.read(30_000 * 49 + 19_990, 100)).length).toBe(10);
      expect((await file.read(9_000_000, 5)).length).toBe(0);
      await file.write(new Uint8Array(3).fill(7), 10);
      expect([...(await file.read(9, 5))]).toEqual([49, 7, 7, 7, 49]);
      await file.truncate!(12);
      expect([...(await file.read(9, 5))]).toEqual([49, 7, 7]);
      await Promise.all([file.close(), file.close()]);
      expect(await readdir(folder)).not.toContain("spool");
    });

    test("errors are FILE with the path", async () => {
      const path = join(folder, "nowhere", "spool");
      await expect(openSpool(path)).rejects.toMatchObject({ code: "FILE", file: path });
      const file = await openSpool(join(folder, "closed"));
      await file.close();
      await expect(file.read(0, 1)).rejects.toMatchObject({ code: "FILE" });
      await expect(file.write(new Uint8Array(1), 0)).rejects.toMatchObject({ code: "FILE" });
    });
  });

  describe(`${name}: text store`, () => {
    test("keeps the last text, and leaves nothing else behind", async () => {
      const place = join(folder, "store");
      await mkdir(place);
      const store = textStore(join(place, "position"));
      expect(await store.load()).toBeUndefined();
      await store.save("one");
      expect(await store.load()).toBe("one");
      await Promise.all([store.save("two, longer than before ✓"), store.save("three")]);
      expect(await textStore(join(place, "position")).load()).toBe("three");
      expect(await readdir(place)).toEqual(["position"]);
      expect((await stat(join(place, "position"))).mode & 0o777).toBe(0o600);
    });

    test("never shows a text half written", async () => {
      const path = join(folder, "torn");
      const store = textStore(path);
      const texts = ["a", "b"].map((letter) => letter.repeat(200_000));
      await store.save(texts[0]!);
      let saving = true;
      const saved = (async () => {
        for (let index = 0; index < 40; index += 1) await store.save(texts[index % 2]!);
        saving = false;
      })();
      let seen = 0;
      while (saving) {
        expect(texts).toContain(await store.load());
        seen += 1;
      }
      await saved;
      expect(seen).toBeGreaterThan(0);
    });

    test("a folder that is missing is FILE", async () => {
      const path = join(folder, "nowhere", "position");
      await expect(textStore(path).save("x")).rejects.toMatchObject({ code: "FILE", file: path });
      await expect(textStore(folder).load()).rejects.toMatchObject({ code: "FILE" });
    });
  });
}

/** How this runtime is started on the child that prints its standard input chunk by chunk. */
function reader(files: string): [command: string, parameters: string[]] {
  const script = fileURLToPath(new URL("stdin_child.ts", import.meta.url));
  const before = "Deno" in globalThis ? ["run", "-A"] : "Bun" in globalThis ? [] : ["--import", "tsx"];
  return [process.execPath, [...before, script, files]];
}

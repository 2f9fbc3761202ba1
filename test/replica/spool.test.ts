import { describe, expect, test } from "vitest";
import { type Extent, FileSpace } from "../../src/replica/file_space.ts";
import { Spool, type SpoolOptions } from "../../src/replica/spool.ts";
import type { SpoolRecord } from "../../src/replica/spool_record.ts";
import { settle } from "./support/fake_clock.ts";
import { MemorySpoolFile } from "./support/spool_files.ts";
import { seeded } from "./support/wire.ts";

describe("FileSpace", () => {
  test("never gives out a byte twice, and all of it again and again", () => {
    const random = seeded(3);
    const space = new FileSpace(1000);
    const live = new Set<Extent>();
    let given = 0;
    for (let round = 0; round < 20_000; round++) {
      const extent = random() < 0.55 ? space.take(1 + Math.floor(random() * 200)) : undefined;
      if (extent !== undefined) {
        expect(extent.at).toBeGreaterThanOrEqual(0);
        expect(extent.at + extent.length).toBeLessThanOrEqual(1000);
        for (const other of live) {
          expect(extent.at + extent.length <= other.at || other.at + other.length <= extent.at).toBe(true);
        }
        live.add(extent);
        given += extent.length;
      } else if (live.size > 0) {
        // Mostly the oldest first, sometimes another.
        const all = [...live];
        const back = all[random() < 0.9 ? 0 : Math.floor(random() * all.length)]!;
        space.release(back);
        space.release(back);
        live.delete(back);
      }
      expect(space.end).toBe(Math.max(0, ...[...live].map(({ at, length }) => at + length)));
      expect(space.bytes).toBe([...live].reduce((sum, { length }) => sum + length, 0));
    }
    expect(given).toBeGreaterThan(100_000);
    for (const extent of live) space.release(extent);
    expect(space.take(1000)).toMatchObject({ at: 0 });
    expect(space.take(1)).toBeUndefined();
    expect(new FileSpace(10).take(11)).toBeUndefined();
  });
});

const SMALL: SpoolOptions = { maxBytes: 10_000, windowBytes: 500, blockBytes: 100 };

const rig = (options: SpoolOptions = SMALL) => {
  const file = new MemorySpoolFile();
  let opened = 0;
  const spool = new Spool(async () => {
    opened++;
    return file;
  }, options);
  return { file, spool, opened: () => opened };
};

const record = (n: number, size = 30): SpoolRecord => ({
  kind: n % 6,
  receivedAt: n % 3 === 0 ? undefined : { earliest: n, latest: n + 0.5 },
  bytes: new Uint8Array(size).fill(n),
});

describe("Spool", () => {
  test("stays in memory while little waits", async () => {
    const { spool, opened } = rig();
    for (let n = 0; n < 100; n++) {
      spool.push(record(n));
      expect(await spool.next()).toEqual(record(n));
    }
    expect(spool.buffered).toBe(0);
    expect(opened()).toBe(0);
    await spool.close();
  });

  test("gives everything back in order, however fast either side is", async () => {
    let used = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const random = seeded(seed);
      const { spool, file } = rig();
      let pushed = 0;
      let taken = 0;
      let bytes = 0;
      const eager = random();
      while (taken < 400) {
        if (pushed < 400 && random() < eager && spool.room() === undefined) {
          const made = record(pushed, Math.floor(random() * 90));
          spool.push({ ...made, bytes: made.bytes });
          bytes += made.bytes.length;
          pushed++;
        } else if (pushed > taken) {
          const got = (await spool.next())!;
          expect(got).toMatchObject({ kind: taken % 6, receivedAt: record(taken).receivedAt });
          expect(got.bytes.every((byte) => byte === taken % 256)).toBe(true);
          bytes -= got.bytes.length;
          taken++;
        }
        expect(spool.buffered).toBe(bytes);
        if (random() < 0.2) await settle();
      }
      expect(file.size).toBeLessThanOrEqual(SMALL.maxBytes);
      if (file.size > 0) used++;
      spool.end();
      expect(await spool.next()).toBeUndefined();
      await spool.close();
    }
    expect(used).toBeGreaterThan(10);
  });

  test("holds the link back when file and memory are full, and lets it go on then", async () => {
    const { spool, file } = rig({ maxBytes: 2000, windowBytes: 500, blockBytes: 100 });
    let pushed = 0;
    const fill = async (): Promise<void> => {
      while (spool.room() === undefined) {
        spool.push(record(pushed++));
        await settle();
      }
    };
    await fill();
    expect(pushed).toBeGreaterThan(30);
    expect(pushed).toBeLessThan(80);
    let free = false;
    void spool.room()?.then(() => {
      free = true;
    });
    let taken = 0;
    while (!free) {
      expect((await spool.next())?.bytes[0]).toBe(taken++);
      await settle();
    }
    await fill();
    for (; taken < pushed; taken++) expect((await spool.next())?.bytes[0]).toBe(taken % 256);
    expect(file.size).toBeLessThanOrEqual(2000);
    await spool.close();
  });

  test("bounds what waits for a slow disk", async () => {
    const { spool, file } = rig();
    let open = (): void => {};
    file.gate = new Promise((resolve) => {
      open = resolve;
    });
    let pushed = 0;
    while (spool.room() === undefined && pushed < 1000) spool.push(record(pushed++));
    expect(pushed).toBeLessThan(30);
    const room = spool.room();
    open();
    await room;
    for (let n = 0; n < pushed; n++) expect((await spool.next())?.bytes[0]).toBe(n);
    await spool.close();
  });

  test("uses no more of the disk than waits, and gives it back", async () => {
    const MIB = 1 << 20;
    const { spool, file } = rig({ maxBytes: 256 * MIB, windowBytes: 2 * MIB, blockBytes: MIB });
    let pushed = 0;
    let taken = 0;
    const push = async (count: number): Promise<void> => {
      for (const upTo = pushed + count; pushed < upTo; ) {
        await spool.room();
        spool.push(record(pushed++, MIB));
      }
    };
    const take = async (upTo: number): Promise<void> => {
      while (taken < upTo) expect((await spool.next())?.bytes[9]).toBe(taken++);
    };
    // Never empty, and never more than 8 MiB behind: much more passes through a file of little more.
    for (let round = 0; round < 15; round++) {
      await push(4);
      await take(pushed - 4);
    }
    expect(file.size).toBeGreaterThan(MIB);
    expect(file.size).toBeLessThan(12 * MIB);
    // A burst, and its end.
    await push(40);
    expect(file.length).toBeGreaterThan(33 * MIB);
    await take(pushed);
    await settle();
    expect(file.length).toBe(0);
    await spool.close();
  });

  test("takes records of any size", async () => {
    const { spool } = rig();
    const sizes = [0, 1, 99, 100, 101, 5000, 0, 20_000, 3];
    for (const [n, size] of sizes.entries()) spool.push(record(n, size));
    await settle();
    for (const [n, size] of sizes.entries())
      expect((await spool.next())?.bytes).toEqual(new Uint8Array(size).fill(n));
    await spool.close();
  });

  test("waits for the next record, and for the end", async () => {
    const { spool } = rig();
    const first = spool.next();
    await settle();
    spool.push(record(1));
    expect(await first).toEqual(record(1));
    const last = spool.next();
    await settle();
    spool.end();
    expect(await last).toBeUndefined();
    spool.push(record(2));
    expect(await spool.next()).toBeUndefined();
    await spool.close();
  });

  test("throws the link's error after the last record", async () => {
    const { spool } = rig();
    spool.push(record(1));
    spool.end({ error: new Error("link") });
    expect(await spool.next()).toEqual(record(1));
    await expect(spool.next()).rejects.toThrow("link");
    await spool.close();
  });

  test("closes at once: who waits gets nothing, the file is removed", async () => {
    const { spool, file } = rig();
    for (let n = 0; n < 100 && spool.room() === undefined; n++) {
      spool.push(record(n));
      await settle();
    }
    await spool.close();
    await spool.close();
    expect(file.closed).toBe(true);
    expect(await spool.next()).toBeUndefined();
    const idle = rig().spool;
    const next = idle.next();
    await settle();
    await idle.close();
    expect(await next).toBeUndefined();
  });

  test("tells a disk that cannot be written, after everything taken in", async () => {
    const { spool, file } = rig();
    file.failWrites = new Error("disk full");
    let pushed = 0;
    await expect(async () => {
      while (spool.room() === undefined) {
        spool.push(record(pushed++));
        await settle();
      }
    }).rejects.toMatchObject({ code: "FILE" });
    for (let n = 0; n < pushed; n++) expect((await spool.next())?.bytes[0]).toBe(n);
    await expect(spool.next()).rejects.toMatchObject({
      code: "FILE",
      message: "Cannot write the spool: disk full",
    });
    await spool.close();
  });

  test("tells a file that cannot be read or opened", async () => {
    const { spool, file } = rig();
    for (let n = 0; n < 60; n++) spool.push(record(n));
    await settle();
    file.failReads = new Error("gone");
    await expect(async () => {
      for (;;) if ((await spool.next()) === undefined) throw new Error("ended");
    }).rejects.toMatchObject({ code: "FILE", message: "Cannot read the spool: gone" });
    await spool.close();
    const never = new Spool(() => Promise.reject(new Error("no such folder")), SMALL);
    for (let n = 0; n < 60; n++) never.push(record(n));
    await settle();
    expect(() => never.room()).toThrow("no such folder");
    await never.close();
  });
});

import { lastValueFrom, toArray } from "rxjs";
import { describe, expect, test } from "vitest";
import { ReplicaError } from "../../src/errors.ts";
import { encodeCommand } from "../../src/resp/mod.ts";
import { aofBatches } from "../../src/rx/aof_batches.ts";
import type { AofBatchEvent } from "../../src/rx/aof_reader.ts";
import { readAof } from "../../src/rx/read_aof.ts";
import type { ReadAofOptions } from "../../src/rx/read_aof_options.ts";
import type { Clock, ListFolder, OpenFile } from "../../src/transport.ts";
import { hex, keyRecord, rdbFile } from "../rdb/support.ts";
import { bytesOf } from "../resp/support.ts";

const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const stream = (...lines: readonly string[]) => join(...lines.map((line) => encodeCommand(line.split(" "))));

/** Files in memory, handed out in small chunks; tells what is open. */
class Files {
  readonly contents: Map<string, Uint8Array> = new Map();
  readonly opened: string[] = [];
  live = 0;

  put(path: string, ...parts: readonly (Uint8Array | string)[]): this {
    this.contents.set(path, join(...parts.map((part) => (typeof part === "string" ? bytesOf(part) : part))));
    return this;
  }

  append(path: string, bytes: Uint8Array): void {
    this.contents.set(path, join(this.contents.get(path)!, bytes));
  }

  readonly open: OpenFile = async (path, options = {}) => {
    const bytes = this.contents.get(path);
    if (bytes === undefined) throw new ReplicaError("FILE", `Cannot open ${path}`, { file: path });
    this.opened.push(path);
    this.live++;
    let closed = false;
    return {
      size: bytes.length,
      chunks: (async function* () {
        const size = Math.min(options.chunkSize ?? 11, 11);
        for (let at = options.start ?? 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
      })(),
      close: async () => {
        if (!closed) this.live--;
        closed = true;
      },
    };
  };

  readonly list: ListFolder = async (path) => {
    const names = [...this.contents.keys()].filter((each) => each.startsWith(`${path.replace(/\/$/, "")}/`));
    return names.length === 0 ? undefined : names.map((each) => each.slice(each.lastIndexOf("/") + 1));
  };
}

function brief(event: AofBatchEvent): string {
  if (event.kind === "rdb") return event.event === "key" ? `key ${event.keyText}` : event.event;
  if (event.kind === "link") {
    if (event.event === "truncated") return `truncated ${event.file} ${event.validTo} ${event.safeTo}`;
    return event.event === "warning" ? `warning ${event.code}` : event.event;
  }
  if (event.event === "timestamp") return `at ${event.at}`;
  return `${event.db} ${event.args.map((_, index) => event.text(index)).join(" ")} ${event.file}@${event.offset}`;
}

async function read(source: string | Uint8Array, options: ReadAofOptions) {
  const events: string[] = [];
  try {
    for await (const batch of aofBatches(source, options))
      for (const event of batch) events.push(brief(event));
  } catch (error) {
    if (!(error instanceof ReplicaError)) throw error;
    return { events, error: { code: error.code, offset: error.offset, file: error.file } };
  }
  return { events, error: undefined };
}

const base = rdbFile(10, keyRecord("old", hex("00 01 61")));

function multiPart(): Files {
  return new Files()
    .put(
      "dir/a.manifest",
      "file a.1.base.rdb seq 1 type b\nfile a.1.incr seq 1 type i\nfile a.2.incr seq 2 type i\nfile a.0 seq 1 type h\n",
    )
    .put("dir/a.1.base.rdb", base)
    .put("dir/a.1.incr", stream("SELECT 3", "SET a 1"))
    .put("dir/a.2.incr", stream("SET b 1"))
    .put("dir/a.0", "never read");
}

const EVENTS = ["begin", "key old", "end", "3 SET a 1 dir/a.1.incr@50", "0 SET b 1 dir/a.2.incr@27"];

describe("aofBatches", () => {
  test("reads the files of a manifest in order, each from db 0, and closes them", async () => {
    const files = multiPart();
    expect(await read("dir/a.manifest", { open: files.open })).toEqual({ events: EVENTS, error: undefined });
    expect(files.opened).toEqual(["dir/a.manifest", "dir/a.1.base.rdb", "dir/a.1.incr", "dir/a.2.incr"]);
    expect(files.live).toBe(0);
  });

  test("finds the manifest in a folder", async () => {
    const files = multiPart().put("dir/temp-a.manifest", "half written");
    for (const path of ["dir", "dir/"]) {
      expect(await read(path, files)).toEqual({ events: EVENTS.map((line) => line), error: undefined });
    }
  });

  test("refuses a folder without a manifest or with several", async () => {
    const none = new Files().put("dir/a.aof", stream("PING"));
    expect((await read("dir", none)).error).toMatchObject({ code: "FILE", file: "dir" });
    const two = multiPart().put("dir/b.manifest", "x");
    expect((await read("dir", two)).error).toMatchObject({ code: "FILE", file: "dir" });
  });

  test("reads a single file by path and as bytes", async () => {
    const files = new Files().put("x.aof", base, stream("SET a 1"));
    const end = base.length + 27;
    expect((await read("x.aof", files)).events).toEqual([
      "begin",
      "key old",
      "end",
      `0 SET a 1 x.aof@${end}`,
    ]);
    expect((await read(files.contents.get("x.aof")!, {})).events.at(-1)).toBe(`0 SET a 1 undefined@${end}`);
  });

  test("a listed file that is missing is an error", async () => {
    const files = multiPart();
    files.contents.delete("dir/a.2.incr");
    const { events, error } = await read("dir/a.manifest", files);
    expect(error).toMatchObject({ code: "FILE", file: "dir/a.2.incr" });
    expect(events).toEqual(EVENTS.slice(0, 4));
    expect(files.live).toBe(0);
  });

  test("a wrong manifest is an error that names it, and nothing outside its folder is opened", async () => {
    const files = new Files()
      .put("dir/a.manifest", "file ../secret seq 1 type i\n")
      .put("secret", stream("PING"));
    expect((await read("dir/a.manifest", files)).error).toEqual({
      code: "MALFORMED",
      offset: 0,
      file: "dir/a.manifest",
    });
    expect(files.opened).toEqual(["dir/a.manifest"]);
    expect(files.live).toBe(0);
  });

  test("empty files and a manifest of dead files hold no data", async () => {
    const files = new Files()
      .put("a.manifest", "file a seq 1 type b\nfile b seq 1 type i\n")
      .put("a")
      .put("b");
    expect(await read("a.manifest", files)).toEqual({ events: [], error: undefined });
    files.put("a.manifest", "file a seq 1 type h\n");
    expect(await read("a.manifest", files)).toEqual({ events: [], error: undefined });
  });

  test("tolerates a cut only in the last file", async () => {
    const last = multiPart().put("dir/a.2.incr", stream("SET b 1").slice(0, 20));
    expect(await read("dir/a.manifest", last)).toEqual({
      events: [...EVENTS.slice(0, 4), "truncated dir/a.2.incr 0 0"],
      error: undefined,
    });
    const middle = multiPart().put("dir/a.1.incr", stream("SET b 1", "MULTI"));
    expect(await read("dir/a.manifest", middle)).toEqual({
      events: [...EVENTS.slice(0, 3), "0 SET b 1 dir/a.1.incr@27", "0 MULTI dir/a.1.incr@42"],
      error: { code: "TRUNCATED", offset: 42, file: "dir/a.1.incr" },
    });
    expect((await read("dir/a.manifest", { ...last, truncated: "error" })).error).toMatchObject({
      code: "TRUNCATED",
      file: "dir/a.2.incr",
    });
  });

  test("applies filters and levels before decoding", async () => {
    const files = multiPart().put(
      "dir/a.2.incr",
      stream("MULTI", "SET b 1", "EXEC", "MULTI", "DEL c", "SET d 1", "EXEC"),
    );
    const wanted = await read("dir/a.manifest", { ...files, keys: "[abd]" });
    expect(wanted.events).toEqual([
      "begin",
      "end",
      "3 SET a 1 dir/a.1.incr@50",
      "0 MULTI dir/a.2.incr@15",
      "0 SET b 1 dir/a.2.incr@42",
      "0 EXEC dir/a.2.incr@56",
      "0 MULTI dir/a.2.incr@71",
      "0 SET d 1 dir/a.2.incr@118",
      "0 EXEC dir/a.2.incr@132",
    ]);
  });

  test("tells progress over all files", async () => {
    const files = multiPart();
    const seen: [number, number | undefined][] = [];
    await read("dir/a.manifest", { ...files, onProgress: (bytes, total) => seen.push([bytes, total]) });
    const total = base.length + 50 + 27;
    expect(seen.at(-1)).toEqual([total, total]);
    expect(seen.every(([bytes, all], i) => all === total && bytes > (seen[i - 1]?.[0] ?? 0))).toBe(true);
    const single: unknown[] = [];
    await read("dir/a.2.incr", { ...files, onProgress: (...told) => single.push(told) });
    expect(single.at(-1)).toEqual([27, 27]);
  });

  test("stops in time across files, and says when no file has times", async () => {
    const files = multiPart()
      .put("dir/a.1.incr", "#TS:100\r\n", stream("SET a 1"))
      .put("dir/a.2.incr", "#TS:200\r\n", stream("SET b 1"), "garbage");
    expect(await read("dir/a.manifest", { ...files, until: 150_000 })).toEqual({
      events: ["begin", "key old", "end", "at 100000", "0 SET a 1 dir/a.1.incr@36"],
      error: undefined,
    });
    expect(files.live).toBe(0);
    const without = await read("dir/a.manifest", { ...multiPart(), until: 150_000 });
    expect(without.events).toEqual([...EVENTS, "warning CONFIG"]);
  });

  test("wants a runtime for paths", async () => {
    expect((await read("dir/a.manifest", {})).error).toMatchObject({ code: "NO_RUNTIME" });
    expect((await read("x.aof", {})).error).toMatchObject({ code: "NO_RUNTIME" });
  });

  test("closes the file when the consumer leaves early", async () => {
    const files = multiPart();
    for await (const batch of aofBatches("dir/a.manifest", files)) if (batch.length > 0) break;
    expect(files.live).toBe(0);
  });
});

describe("readAof", () => {
  test("is the same as an Observable, from the start for each subscription", async () => {
    const events = readAof("dir", multiPart());
    for (let i = 0; i < 2; i++) {
      expect((await lastValueFrom(events.pipe(toArray()))).map(brief)).toEqual(EVENTS);
    }
  });

  test("delivers everything before an error", async () => {
    const seen: string[] = [];
    const error = await new Promise((resolve) => {
      readAof(join(stream("SET a 1"), bytesOf("x"))).subscribe({
        next: (event) => seen.push(brief(event)),
        error: resolve,
      });
    });
    expect(seen).toEqual(["0 SET a 1 undefined@27"]);
    expect(error).toMatchObject({ code: "MALFORMED", offset: 27 });
  });
});

describe("following an AOF", () => {
  /** A clock whose timers fire when the test says so. */
  function manualClock() {
    let waiting: (() => void) | undefined;
    let arrived: (() => void) | undefined;
    const clock: Clock = {
      now: () => 0,
      setTimer: (_ms, callback) => {
        waiting = callback;
        arrived?.();
        return () => {};
      },
    };
    /** Waits until the follower waits, lets the time pass. */
    const idle = () =>
      new Promise<void>((resolve) => (waiting === undefined ? (arrived = resolve) : resolve()));
    const tick = () => {
      const callback = waiting;
      waiting = undefined;
      arrived = undefined;
      callback?.();
    };
    return { clock, idle, tick };
  }

  /** Follows and gives the events of each round. */
  function follow(path: string, files: Files, options: ReadAofOptions = {}) {
    const { clock, idle, tick } = manualClock();
    let events: string[] = [];
    const ended = (async () => {
      for await (const batch of aofBatches(path, { ...files, ...options, follow: { clock } })) {
        for (const event of batch) events.push(brief(event));
      }
      return "ended";
    })();
    ended.catch(() => {});
    // What the test changes between two rounds is seen in the later one.
    const round = async () => {
      tick();
      await Promise.race([idle(), ended.catch(() => {})]);
      const seen = events;
      events = [];
      return seen;
    };
    return { round, ended };
  }

  test("goes on with what is appended, cut anywhere", async () => {
    const bytes = stream("SET a 1", "MULTI", "SET b 2", "EXEC");
    const files = new Files().put("x.aof", bytes.slice(0, 30));
    const { round } = follow("x.aof", files);
    expect(await round()).toEqual(["0 SET a 1 x.aof@27"]);
    expect(await round()).toEqual([]);
    files.append("x.aof", bytes.slice(30, 60));
    expect(await round()).toEqual(["0 MULTI x.aof@42"]);
    files.append("x.aof", bytes.slice(60));
    expect(await round()).toEqual(["0 SET b 2 x.aof@69", "0 EXEC x.aof@83"]);
    expect(files.live).toBe(0);
  });

  test("goes on with the file that a rewrite begins, after the old one's end", async () => {
    const files = multiPart();
    const { round } = follow("dir", files);
    expect(await round()).toEqual(EVENTS);
    files.append("dir/a.2.incr", stream("SET b 2"));
    files.put("dir/a.3.incr", stream("SELECT 1", "SET c 1"));
    files.put(
      "dir/a.manifest",
      "file a.1.base.rdb seq 1 type b\nfile a.2.incr seq 2 type i\nfile a.3.incr seq 3 type i\n",
    );
    expect(await round()).toEqual(["0 SET b 2 dir/a.2.incr@54", "1 SET c 1 dir/a.3.incr@50"]);
    files.put(
      "dir/a.manifest",
      "file a.2.base.rdb seq 2 type b\nfile a.2.incr seq 2 type h\nfile a.3.incr seq 3 type i\n",
    );
    files.append("dir/a.3.incr", stream("SET c 2"));
    expect(await round()).toEqual(["1 SET c 2 dir/a.3.incr@77"]);
  });

  test("says so and begins anew when a rewrite took a file away before its end was seen", async () => {
    const files = multiPart();
    const { round } = follow("dir", files);
    await round();
    files.contents.delete("dir/a.2.incr");
    files.put("dir/a.2.base.rdb", rdbFile(10, keyRecord("new", hex("00 01 61"))));
    files.put("dir/a.4.incr", stream("SET d 1"));
    files.put("dir/a.manifest", "file a.2.base.rdb seq 2 type b\nfile a.4.incr seq 4 type i\n");
    expect(await round()).toEqual(["reset", "begin", "key new", "end", "0 SET d 1 dir/a.4.incr@27"]);
  });

  test("says so and begins anew when a single file was rewritten shorter", async () => {
    const files = new Files().put("x.aof", stream("SET a 1", "SET a 2"));
    const { round } = follow("x.aof", files);
    await round();
    files.put("x.aof", stream("SET a 2"));
    expect(await round()).toEqual(["reset", "0 SET a 2 x.aof@27"]);
  });

  test("a file that ends in a command although another follows is an error", async () => {
    const files = multiPart().put("dir/a.1.incr", stream("SET a 1").slice(0, 20));
    const { ended } = follow("dir", files);
    await expect(ended).rejects.toMatchObject({ code: "TRUNCATED", file: "dir/a.1.incr" });
    expect(files.live).toBe(0);
  });

  test("malformed bytes end it", async () => {
    const files = new Files().put("x.aof", stream("SET a 1"));
    const { round, ended } = follow("x.aof", files);
    await round();
    files.append("x.aof", bytesOf("garbage"));
    await round();
    await expect(ended).rejects.toMatchObject({ code: "MALFORMED", offset: 27 });
  });

  test("a file that is gone though the manifest names it is an error", async () => {
    const files = multiPart();
    const { round, ended } = follow("dir", files);
    await round();
    files.contents.delete("dir/a.2.incr");
    await round();
    await expect(ended).rejects.toMatchObject({ code: "FILE" });
  });

  test("wants a path and a clock", async () => {
    await expect(aofBatches(stream("PING"), { follow: {} }).next()).rejects.toThrow(TypeError);
    await expect(aofBatches("x", { follow: {} }).next()).rejects.toMatchObject({ code: "NO_RUNTIME" });
  });
});

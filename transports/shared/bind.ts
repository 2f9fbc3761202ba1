import * as core from "../../mod.ts";
import type { TextStore } from "./text_store.ts";

/** What a runtime brings along. */
export interface Runtime {
  readonly connect: core.Connect;
  readonly clock: core.Clock;
  readonly openFile: core.OpenFile;
  readonly listFolder: core.ListFolder;
  readonly openSpool: core.OpenSpool;
  readonly textStore: (path: string) => TextStore;
}

/** The functions of the main entry that need a runtime, with one bound. Options given by the caller come first. */
export interface RuntimeFunctions {
  /**
   * The main entry's `replicate`, with `connect`, `clock` and `openSpool` bound.
   *
   * @example
   * ```ts
   * import { replicate } from "rxreplica/node";
   * import { firstValueFrom, map, takeWhile, toArray } from "rxjs";
   *
   * const events = replicate("redis://127.0.0.1:6379", { stream: false });
   * const kinds = await firstValueFrom(events.pipe(map((event) => event.event), takeWhile((name) => name !== "end"), toArray()));
   * if (!kinds.join().startsWith("connecting,handshake,fullresync,begin")) throw new Error(kinds.join());
   * ```
   */
  readonly replicate: typeof core.replicate;
  /**
   * The main entry's `replicaBatches`, with `connect`, `clock` and `openSpool` bound.
   *
   * @example
   * ```ts
   * import { replicaBatches } from "rxreplica/node";
   *
   * let begun = false;
   * for await (const batch of replicaBatches("redis://127.0.0.1:6379", { stream: false })) {
   *   for (const event of batch) if (event.kind === "rdb") begun = true;
   * }
   * if (!begun) throw new Error("no snapshot");
   * ```
   */
  readonly replicaBatches: typeof core.replicaBatches;
  /**
   * The main entry's `readRdb`, which takes paths too, `-` for standard input.
   *
   * @example
   * ```ts
   * import { rm, writeFile } from "node:fs/promises";
   * import { tmpdir } from "node:os";
   * import { join } from "node:path";
   * import { readRdb } from "rxreplica/node";
   * import { lastValueFrom, map, toArray } from "rxjs";
   *
   * const path = join(tmpdir(), `example-${process.pid}.rdb`);
   * await writeFile(path, Uint8Array.of(82, 69, 68, 73, 83, 48, 48, 48, 52, 255));
   * const events = await lastValueFrom(readRdb(path).pipe(map((event) => event.event), toArray()));
   * await rm(path);
   * if (events.join() !== "begin,end") throw new Error(events.join());
   * ```
   */
  readonly readRdb: typeof core.readRdb;
  /**
   * The main entry's `rdbBatches`, which takes paths too, `-` for standard input.
   *
   * @example
   * ```ts
   * import { rm, writeFile } from "node:fs/promises";
   * import { tmpdir } from "node:os";
   * import { join } from "node:path";
   * import { rdbBatches } from "rxreplica/node";
   *
   * const path = join(tmpdir(), `example-${process.pid}.rdb`);
   * await writeFile(path, Uint8Array.of(82, 69, 68, 73, 83, 48, 48, 48, 52, 255));
   * const events: string[] = [];
   * for await (const batch of rdbBatches(path)) for (const event of batch) events.push(event.event);
   * await rm(path);
   * if (events.join() !== "begin,end") throw new Error(events.join());
   * ```
   */
  readonly rdbBatches: typeof core.rdbBatches;
  /**
   * The main entry's `readAof`, which takes paths too: a file, a manifest or the folder of a multi-part AOF.
   *
   * @example
   * ```ts
   * import { rm, writeFile } from "node:fs/promises";
   * import { tmpdir } from "node:os";
   * import { join } from "node:path";
   * import { readAof } from "rxreplica/node";
   * import { lastValueFrom, map, toArray } from "rxjs";
   *
   * const path = join(tmpdir(), `example-${process.pid}.aof`);
   * await writeFile(path, "*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n");
   * const events = await lastValueFrom(readAof(path).pipe(map((event) => event.event), toArray()));
   * await rm(path);
   * if (events.join() !== "command") throw new Error(events.join());
   * ```
   */
  readonly readAof: typeof core.readAof;
  /**
   * The main entry's `aofBatches`, which takes paths too: a file, a manifest or the folder of a multi-part AOF.
   *
   * @example
   * ```ts
   * import { rm, writeFile } from "node:fs/promises";
   * import { tmpdir } from "node:os";
   * import { join } from "node:path";
   * import { aofBatches } from "rxreplica/node";
   *
   * const path = join(tmpdir(), `example-${process.pid}.aof`);
   * await writeFile(path, "*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n");
   * const events: string[] = [];
   * for await (const batch of aofBatches(path)) for (const event of batch) events.push(event.event);
   * await rm(path);
   * if (events.join() !== "command") throw new Error(events.join());
   * ```
   */
  readonly aofBatches: typeof core.aofBatches;
  /**
   * The main entry's `notifications`, with `connect` and `clock` bound.
   *
   * @example
   * ```ts
   * import { notifications } from "rxreplica/node";
   * import { firstValueFrom, merge, timer } from "rxjs";
   *
   * // What the server does not publish yet is switched on, and off again at the end.
   * const events = notifications("redis://127.0.0.1:6379", { configure: true, restore: true });
   * const first = await firstValueFrom(merge(events, timer(500)));
   * if (typeof first !== "number" && first.kind !== "notification") throw new Error("unexpected");
   * ```
   */
  readonly notifications: typeof core.notifications;
  /**
   * The main entry's `createKeyStore`, with `connect` and `clock` bound.
   *
   * @example
   * ```ts
   * import { createKeyStore } from "rxreplica/node";
   *
   * const store = createKeyStore("redis://127.0.0.1:6379", { key: "example:none" });
   * if ((await store.load()) !== undefined) throw new Error("unexpected");
   * ```
   */
  readonly createKeyStore: typeof core.createKeyStore;
  /**
   * Creates a checkpoint store in a file: JSON text, replaced as a whole and synced to the disk (file and folder) before
   * `save` resolves, so that a crash leaves the old position or the new one. Readable by its owner only.
   *
   * `load` and `save` reject with `ReplicaError` `FILE`, `load` with `MALFORMED` for a file of something else.
   *
   * @example
   * ```ts
   * import { mkdtemp, rm } from "node:fs/promises";
   * import { tmpdir } from "node:os";
   * import { join } from "node:path";
   * import { createFileStore } from "rxreplica/node";
   *
   * const folder = await mkdtemp(join(tmpdir(), "example-"));
   * const store = createFileStore(join(folder, "position.json"));
   * if ((await store.load()) !== undefined) throw new Error("there is no file yet");
   * await store.save({ version: 1, position: { replid: "0".repeat(40), offset: 7, db: 0 }, states: {} });
   * if ((await store.load())?.position.offset !== 7) throw new Error("unexpected");
   * await rm(folder, { recursive: true });
   * ```
   */
  readonly createFileStore: (path: string) => core.CheckpointStore;
}

/** Binds the main entry to a runtime. */
export function bind({
  connect,
  clock,
  openFile,
  listFolder,
  openSpool,
  textStore,
}: Runtime): RuntimeFunctions {
  const connected = <O extends core.NotificationsOptions | core.ReplicaOptions>(options: O): O => ({
    ...options,
    connect: options.connect ?? connect,
    clock: options.clock ?? clock,
  });
  const linked = <O extends core.ReplicaOptions>(options: O): O => ({
    ...connected(options),
    openSpool: options.openSpool ?? openSpool,
  });
  const opening = <O extends { open?: core.OpenFile | undefined }>(options: O): O => ({
    ...options,
    open: options.open ?? openFile,
  });
  const listing = <O extends core.ReadAofOptions>(options: O): O => ({
    ...opening(options),
    list: options.list ?? listFolder,
    ...(options.follow && { follow: { ...options.follow, clock: options.follow.clock ?? clock } }),
  });
  return {
    replicate: (url, options = {}) => core.replicate(url, linked(options)),
    replicaBatches: (url, options = {}) => core.replicaBatches(url, linked(options)),
    readRdb: (source, options = {}) => core.readRdb(source, opening(options)),
    rdbBatches: (source, options = {}) => core.rdbBatches(source, opening(options)),
    readAof: (source, options = {}) => core.readAof(source, listing(options)),
    aofBatches: (source, options = {}) => core.aofBatches(source, listing(options)),
    notifications: (url, options = {}) => core.notifications(url, connected(options)),
    createKeyStore: (url, options) =>
      core.createKeyStore(url, {
        ...options,
        connect: options.connect ?? connect,
        clock: options.clock ?? clock,
      }),
    createFileStore: (path) => {
      const { load, save } = textStore(path);
      return {
        async load() {
          const text = await load();
          return text === undefined ? undefined : core.decodeSaved(text);
        },
        save: (saved) => save(core.encodeSaved(saved)),
      };
    },
  };
}

/**
 * rxreplica on Deno: everything of the main entry, with Deno's sockets, files and clock bound.
 *
 * @module
 */
import type * as core from "../../mod.ts";
import { type Bound, bind } from "../shared/bind.ts";
import { clock } from "../shared/clock.ts";
import { connect } from "./connect.ts";
import { listFolder, openFile } from "./files.ts";
import { openSpool } from "./spool.ts";
import { textStore } from "./store.ts";

export * from "../../mod.ts";
export { clock, connect, listFolder, openFile, openSpool };

const bound: Bound = bind({ connect, clock, openFile, listFolder, openSpool, textStore });

/**
 * {@link core.replicate} over Deno's sockets: `connect`, `clock` and `openSpool` are bound.
 *
 * @example
 * ```ts no-run
 * import { replicate } from "rxreplica/deno";
 * import { firstValueFrom, map, takeWhile, toArray } from "rxjs";
 *
 * const events = replicate("redis://127.0.0.1:6379", { stream: false });
 * const kinds = await firstValueFrom(events.pipe(map((event) => event.event), takeWhile((name) => name !== "end"), toArray()));
 * if (!kinds.join().startsWith("connecting,handshake,fullresync,begin")) throw new Error(kinds.join());
 * ```
 */
export const replicate: typeof core.replicate = bound.replicate;

/**
 * {@link core.replicaBatches} over Deno's sockets: `connect`, `clock` and `openSpool` are bound.
 *
 * @example
 * ```ts no-run
 * import { replicaBatches } from "rxreplica/deno";
 *
 * let begun = false;
 * for await (const batch of replicaBatches("redis://127.0.0.1:6379", { stream: false })) {
 *   for (const event of batch) if (event.kind === "rdb") begun = true;
 * }
 * if (!begun) throw new Error("no snapshot");
 * ```
 */
export const replicaBatches: typeof core.replicaBatches = bound.replicaBatches;

/**
 * {@link core.readRdb} that takes paths too, `-` for standard input.
 *
 * @example
 * ```ts no-run
 * import { rm, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { readRdb } from "rxreplica/deno";
 * import { lastValueFrom, map, toArray } from "rxjs";
 *
 * const path = join(tmpdir(), `example-${process.pid}.rdb`);
 * await writeFile(path, Uint8Array.of(82, 69, 68, 73, 83, 48, 48, 48, 52, 255));
 * const events = await lastValueFrom(readRdb(path).pipe(map((event) => event.event), toArray()));
 * await rm(path);
 * if (events.join() !== "begin,end") throw new Error(events.join());
 * ```
 */
export const readRdb: typeof core.readRdb = bound.readRdb;

/**
 * {@link core.rdbBatches} that takes paths too, `-` for standard input.
 *
 * @example
 * ```ts no-run
 * import { rm, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { rdbBatches } from "rxreplica/deno";
 *
 * const path = join(tmpdir(), `example-${process.pid}.rdb`);
 * await writeFile(path, Uint8Array.of(82, 69, 68, 73, 83, 48, 48, 48, 52, 255));
 * const events: string[] = [];
 * for await (const batch of rdbBatches(path)) for (const event of batch) events.push(event.event);
 * await rm(path);
 * if (events.join() !== "begin,end") throw new Error(events.join());
 * ```
 */
export const rdbBatches: typeof core.rdbBatches = bound.rdbBatches;

/**
 * {@link core.readAof} that takes paths too: a file, a manifest or the folder of a multi-part AOF.
 *
 * @example
 * ```ts no-run
 * import { rm, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { readAof } from "rxreplica/deno";
 * import { lastValueFrom, map, toArray } from "rxjs";
 *
 * const path = join(tmpdir(), `example-${process.pid}.aof`);
 * await writeFile(path, "*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n");
 * const events = await lastValueFrom(readAof(path).pipe(map((event) => event.event), toArray()));
 * await rm(path);
 * if (events.join() !== "command") throw new Error(events.join());
 * ```
 */
export const readAof: typeof core.readAof = bound.readAof;

/**
 * {@link core.aofBatches} that takes paths too: a file, a manifest or the folder of a multi-part AOF.
 *
 * @example
 * ```ts no-run
 * import { rm, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { aofBatches } from "rxreplica/deno";
 *
 * const path = join(tmpdir(), `example-${process.pid}.aof`);
 * await writeFile(path, "*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n");
 * const events: string[] = [];
 * for await (const batch of aofBatches(path)) for (const event of batch) events.push(event.event);
 * await rm(path);
 * if (events.join() !== "command") throw new Error(events.join());
 * ```
 */
export const aofBatches: typeof core.aofBatches = bound.aofBatches;

/**
 * {@link core.notifications} over Deno's sockets: `connect` and `clock` are bound.
 *
 * @example
 * ```ts no-run
 * import { notifications } from "rxreplica/deno";
 * import { firstValueFrom, merge, timer } from "rxjs";
 *
 * // What the server does not publish yet is switched on, and off again at the end.
 * const events = notifications("redis://127.0.0.1:6379", { configure: true, restore: true });
 * const first = await firstValueFrom(merge(events, timer(500)));
 * if (typeof first !== "number" && first.kind !== "notification") throw new Error("unexpected");
 * ```
 */
export const notifications: typeof core.notifications = bound.notifications;

/**
 * {@link core.createKeyStore} with this runtime's sockets and clock.
 *
 * @example
 * ```ts no-run
 * import { createKeyStore } from "rxreplica/deno";
 *
 * const store = createKeyStore("redis://127.0.0.1:6379", { key: "example:none" });
 * if ((await store.load()) !== undefined) throw new Error("unexpected");
 * ```
 */
export const createKeyStore: typeof core.createKeyStore = bound.createKeyStore;

/**
 * Creates a checkpoint store in a file: JSON text, replaced as a whole and synced to the disk (file and folder) before
 * `save` resolves, so that a crash leaves the old position or the new one. Readable by its owner only.
 *
 * `load` and `save` reject with `ReplicaError` `FILE`, `load` with `MALFORMED` for a file of something else.
 *
 * @example
 * ```ts no-run
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { createFileStore } from "rxreplica/deno";
 *
 * const folder = await mkdtemp(join(tmpdir(), "example-"));
 * const store = createFileStore(join(folder, "position.json"));
 * if ((await store.load()) !== undefined) throw new Error("there is no file yet");
 * await store.save({ version: 1, position: { replid: "0".repeat(40), offset: 7, db: 0 }, states: {} });
 * if ((await store.load())?.position.offset !== 7) throw new Error("unexpected");
 * await rm(folder, { recursive: true });
 * ```
 */
export const createFileStore: (path: string) => core.CheckpointStore = bound.createFileStore;

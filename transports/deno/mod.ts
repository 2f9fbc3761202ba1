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

/** {@link core.replicate} over Deno's sockets: `connect` and `clock` are bound. */
export const replicate: typeof core.replicate = bound.replicate;

/** {@link core.replicaBatches} over Deno's sockets: `connect` and `clock` are bound. */
export const replicaBatches: typeof core.replicaBatches = bound.replicaBatches;

/** {@link core.readRdb} that takes paths too, `-` for standard input. */
export const readRdb: typeof core.readRdb = bound.readRdb;

/** {@link core.rdbBatches} that takes paths too, `-` for standard input. */
export const rdbBatches: typeof core.rdbBatches = bound.rdbBatches;

/** {@link core.readAof} that takes paths too: a file, a manifest or the folder of a multi-part AOF. */
export const readAof: typeof core.readAof = bound.readAof;

/** {@link core.aofBatches} that takes paths too: a file, a manifest or the folder of a multi-part AOF. */
export const aofBatches: typeof core.aofBatches = bound.aofBatches;

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

/**
 * rxreplica on Bun: everything of the main entry, with Bun's sockets, files and clock bound.
 *
 * @module
 */
import type * as core from "../../mod.ts";
import { bind, type RuntimeFunctions } from "../shared/bind.ts";
import { clock } from "../shared/clock.ts";
import { connect } from "./connect.ts";
import { listFolder, openFile } from "./files.ts";
import { openSpool } from "./spool.ts";
import { textStore } from "./store.ts";

export * from "../../mod.ts";
export type { RuntimeFunctions };
export { clock, connect, listFolder, openFile, openSpool };

const bound: RuntimeFunctions = bind({ connect, clock, openFile, listFolder, openSpool, textStore });

/** Attaches to a server as a replica, over Bun's sockets: {@link core.replicate} with `connect`, `clock` and `openSpool` bound. */
export const replicate: RuntimeFunctions["replicate"] = bound.replicate;

/** The events of `replicate` as batches to pull: {@link core.replicaBatches} with `connect`, `clock` and `openSpool` bound. */
export const replicaBatches: RuntimeFunctions["replicaBatches"] = bound.replicaBatches;

/** Reads an RDB file: {@link core.readRdb} that takes paths too, `-` for standard input. */
export const readRdb: RuntimeFunctions["readRdb"] = bound.readRdb;

/** The events of `readRdb` as batches to pull: {@link core.rdbBatches} that takes paths too. */
export const rdbBatches: RuntimeFunctions["rdbBatches"] = bound.rdbBatches;

/** Reads an AOF: {@link core.readAof} that takes the path of a file, of a manifest or of the folder of a multi-part AOF too. */
export const readAof: RuntimeFunctions["readAof"] = bound.readAof;

/** The events of `readAof` as batches to pull: {@link core.aofBatches} that takes paths too. */
export const aofBatches: RuntimeFunctions["aofBatches"] = bound.aofBatches;

/** Receives keyspace notifications over Bun's sockets: {@link core.notifications} with `connect` and `clock` bound. */
export const notifications: RuntimeFunctions["notifications"] = bound.notifications;

/** A checkpoint store in a key of a server: {@link core.createKeyStore} with `connect` and `clock` bound. */
export const createKeyStore: RuntimeFunctions["createKeyStore"] = bound.createKeyStore;

/** A checkpoint store in a file: {@link RuntimeFunctions.createFileStore} tells what it promises. */
export const createFileStore: RuntimeFunctions["createFileStore"] = bound.createFileStore;

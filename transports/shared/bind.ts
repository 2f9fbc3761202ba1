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
export interface Bound {
  readonly replicate: typeof core.replicate;
  readonly replicaBatches: typeof core.replicaBatches;
  readonly readRdb: typeof core.readRdb;
  readonly rdbBatches: typeof core.rdbBatches;
  readonly readAof: typeof core.readAof;
  readonly aofBatches: typeof core.aofBatches;
  readonly notifications: typeof core.notifications;
  readonly createKeyStore: typeof core.createKeyStore;
  readonly createFileStore: (path: string) => core.CheckpointStore;
}

/** Binds the main entry to a runtime. */
export function bind({ connect, clock, openFile, listFolder, openSpool, textStore }: Runtime): Bound {
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

/**
 * The sockets and files of the runtime that the program runs under, the one place where it tells runtimes apart. Node's would
 * mostly do elsewhere too, but Deno's node:tls can go on reading a socket that is paused, and what a slow consumer has not
 * taken then fills the heap. Each part is loaded when it is asked for, since a run needs few of them.
 */
import type { Connect, ListFolder, OpenFile } from "../src/transport.ts";
import type { TextStore } from "../transports/shared/text_store.ts";

export type RuntimeName = "node" | "deno" | "bun";

/** The runtime that this is. Deno and Bun both have a `process` that calls itself Node. */
export const RUNTIME: RuntimeName = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

export async function loadConnect(): Promise<Connect> {
  switch (RUNTIME) {
    case "deno":
      return (await import("../transports/deno/connect.ts")).connect;
    case "bun":
      return (await import("../transports/bun/connect.ts")).connect;
    case "node":
      return (await import("../transports/node/connect.ts")).connect;
  }
}

/** How files and folders are read. */
export interface Files {
  readonly openFile: OpenFile;
  readonly listFolder: ListFolder;
}

export async function loadFiles(): Promise<Files> {
  switch (RUNTIME) {
    case "deno":
      return await import("../transports/deno/files.ts");
    case "bun":
      return await import("../transports/bun/files.ts");
    case "node":
      return await import("../transports/node/files.ts");
  }
}

/** A file that holds one text and is replaced as a whole. */
export async function loadTextStore(path: string): Promise<TextStore> {
  switch (RUNTIME) {
    case "deno":
      return (await import("../transports/deno/store.ts")).textStore(path);
    case "bun":
      return (await import("../transports/bun/store.ts")).textStore(path);
    case "node":
      return (await import("../transports/node/store.ts")).textStore(path);
  }
}

import { test } from "vitest";
import { listFolder, openFile } from "../../transports/node/files.ts";
import { openSpool } from "../../transports/node/spool.ts";
import { textStore } from "../../transports/node/store.ts";
import { filesContract } from "./files_contract.ts";

// Bun's files are these too.
if ("Deno" in globalThis) test.skip("node: files (runs under Node and Bun)");
else
  filesContract(
    "node",
    new URL("../../transports/node/files.ts", import.meta.url).href,
    { openFile, listFolder },
    openSpool,
    textStore,
  );

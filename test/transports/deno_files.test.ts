import { test } from "vitest";
import { listFolder, openFile } from "../../transports/deno/files.ts";
import { openSpool } from "../../transports/deno/spool.ts";
import { textStore } from "../../transports/deno/store.ts";
import { filesContract } from "./files_contract.ts";

if (!("Deno" in globalThis)) test.skip("deno: files (runs under Deno)");
else
  filesContract(
    "deno",
    new URL("../../transports/deno/files.ts", import.meta.url).href,
    { openFile, listFolder },
    openSpool,
    textStore,
  );

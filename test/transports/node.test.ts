import { test } from "vitest";
import { connect } from "../../transports/node/connect.ts";
import { transportContract } from "./contract.ts";

// Bun has node:net too. Deno's node:tls goes on reading while it is paused; its own transport does not use that.
if ("Deno" in globalThis) test.skip("node: transport contract (runs under Node and Bun)");
else transportContract("node", connect);

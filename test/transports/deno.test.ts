import { test } from "vitest";
import { connect } from "../../transports/deno/connect.ts";
import { transportContract } from "./contract.ts";

if ("Deno" in globalThis) transportContract("deno", connect);
else test.skip("deno: transport contract (runs under Deno)");

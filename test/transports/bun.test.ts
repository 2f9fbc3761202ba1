import { test } from "vitest";
import { connect } from "../../transports/bun/connect.ts";
import { transportContract } from "./contract.ts";

if ("Bun" in globalThis) transportContract("bun", connect);
else test.skip("bun: transport contract (runs under Bun)");

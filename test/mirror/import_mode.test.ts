/** Who expires keys while a mirror runs: the source alone where the target can leave it to it. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { connectTarget, parseTarget } from "../../cli/mirror/target.ts";
import { enterImportMode } from "../../src/rx/import_mode.ts";
import type { TargetClient } from "../../src/rx/target_client.ts";
import { describeServers } from "../servers/describe.ts";
import { start } from "./rig.ts";

const args = (line: string) => line.split(" ").map((word) => new Uint8Array(Buffer.from(word)));

describeServers("Import mode", (kind) => {
  test("lets a late write reach a key past its time where the server has it, and is taken back", async () => {
    const { server, client } = await start(kind);
    const target = await connectTarget(parseTarget(server.url), {});
    const single = target as TargetClient;
    const mode = await enterImportMode(single);
    expect(mode.on).toBe(kind === "valkey-9.1");
    await single.send([args(`SET k v PXAT ${Date.now() + 30}`)]);
    await sleep(60);
    const [length] = await single.send([args("APPEND k w")]);
    // Without it the key had expired, and the late write made another one.
    expect(length).toBe(mode.on ? 2 : 1);
    await mode.leave();
    if (mode.on) expect(await client.text("CONFIG", "GET", "import-mode")).toBe("import-mode\nno");
    target.close();
  });
});

/** Where the demo's data comes from: a real server that is started for it, else files that a real server wrote. */
import { findServer, SERVER_KINDS, startServer, type TestServer } from "../../test/servers/mod.ts";
import { connectClient, type TestClient } from "../../test/support/client.ts";
import { FILLING, FUNCTION, KEYS } from "./data.ts";

export interface DemoServer {
  readonly server: TestServer;
  readonly client: TestClient;
}

/** A server cannot be had within this time where it has to be downloaded over a slow line. */
const PATIENCE_MS = 15_000;

/** Starts and fills a server, or tells why there is none. */
export async function startDemoServer(): Promise<DemoServer | string> {
  if (process.env.RXREPLICA_DEMO_FILES) return "RXREPLICA_DEMO_FILES asks for files";
  const found = await Promise.race([anyServer(), patience()]);
  if (typeof found === "string") return found;
  try {
    const client = await connectClient(found);
    for (const command of KEYS) await client.command(command);
    await client.command(FUNCTION);
    await client.command(FILLING);
    return { server: found, client };
  } catch (error) {
    await found.stop();
    return error instanceof Error ? error.message : String(error);
  }
}

async function anyServer(): Promise<TestServer | string> {
  let reason = "";
  for (const kind of [...SERVER_KINDS].reverse()) {
    const found = await findServer(kind);
    if (!("reason" in found)) return await startServer({ kind, config: { "repl-diskless-sync-delay": "0" } });
    reason ||= found.reason;
  }
  return reason;
}

function patience(): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS, `no server within ${PATIENCE_MS / 1000} s`).unref();
  });
}

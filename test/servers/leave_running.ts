/** For the watchdog's test: starts a server, says what it started, and ends without stopping it. */
import type { ServerKind } from "./kinds.ts";
import { startServer } from "./start.ts";

const [kind, how] = process.argv.slice(2) as [ServerKind, "exit" | "kill" | "throw"];
const { dir, port } = await startServer({ kind });
process.stdout.write(`${JSON.stringify({ dir, port })}\n`, () => {
  if (how === "kill") process.kill(process.pid, "SIGKILL");
  if (how === "throw") throw new Error("on purpose");
  process.exit(0);
});

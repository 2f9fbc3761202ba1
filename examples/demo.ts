/**
 * `npm run demo`: a throw-away server is filled with every data type; we attach to it as a replica, see its snapshot load
 * and then each write as it happens. Where no server can be had, files that one wrote go through the same pipeline.
 */
import { playServer } from "./demo/play_server.ts";
import { heading, title } from "./demo/screen.ts";
import { startDemoServer } from "./demo/source.ts";

title("rxreplica", "a server's snapshot and then its writes, as one Observable");
heading("A throw-away server");
const demo = await startDemoServer();
if (typeof demo === "string") {
  const { playFiles } = await import("./demo/play_files.ts");
  await playFiles(demo);
} else await playServer(demo);
process.exit(0);

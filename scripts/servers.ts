/** `npm run servers`: gets every server that the tests use and prints what is there. */
import { findServer, SERVER_KINDS, serverCache } from "../test/servers/mod.ts";

process.stdout.write(`cache: ${serverCache()}\n`);
for (const kind of SERVER_KINDS) {
  const found = await findServer(kind, { retry: true });
  if ("reason" in found) {
    process.exitCode = 1;
    process.stdout.write(`${kind}: missing: ${found.reason}\n`);
  } else {
    const tools = Object.keys(found.tools).join(", ");
    process.stdout.write(`${kind}: ${found.family} ${found.version} from ${found.origin} (${tools})\n`);
  }
}

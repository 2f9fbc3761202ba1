import { utf8 } from "../../src/bytes/text.ts";
import { command } from "../../src/stream/rebuild_arguments.ts";
import type { MirrorClient } from "./target.ts";

/**
 * What tells a target from the same one after a restart: the ids that servers give themselves when they start. `undefined`
 * where they do not say. Rejects with `TargetLost` while the target cannot serve.
 */
export async function identifyTarget(client: MirrorClient): Promise<string | undefined> {
  const [ping, info] = [command("PING"), command("INFO", "server")];
  const replies =
    "send" in client
      ? (await client.send([ping, info])).slice(1)
      : [await client.sendToAll(ping), await client.sendToAll(info)][1]!;
  const ids = replies.map((reply) => {
    const text = reply instanceof Uint8Array ? utf8(reply) : String(reply);
    return /^run_id:(\w+)/m.exec(text)?.[1];
  });
  return ids.includes(undefined) ? undefined : ids.sort().join();
}

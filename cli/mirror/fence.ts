import { command } from "../../src/stream/rebuild_arguments.ts";
import type { SingleClient } from "./single_client.ts";

/**
 * Ends a connection to the same server that was lost before, should the server not know: commands of it that are still on
 * their way would else be applied after those that follow now. Gives the id of the present one; `undefined` where the
 * server does not tell.
 */
export async function fence(client: SingleClient, before: number | undefined): Promise<number | undefined> {
  if (before !== undefined) await client.send([command("CLIENT", "KILL", "ID", before)]);
  const [id] = await client.send([command("CLIENT", "ID")]);
  return id instanceof Error ? undefined : Number(id);
}

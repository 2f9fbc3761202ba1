import { latin1 } from "../bytes/text.ts";
import { command } from "../stream/rebuild_arguments.ts";
import type { TargetClient, TargetReply } from "./target_client.ts";

/** Whether a target leaves expiring keys to its source. */
export interface ImportMode {
  /** `false`: the target has no such mode, or does not allow it; it expires keys by its own clock. */
  readonly on: boolean;
  /** `enterImportMode` turned the server's setting on. */
  readonly turnedOn: boolean;
  /** Takes the mode back, if `enterImportMode` turned it on. */
  leave(): Promise<void>;
}

const OFF: ImportMode = { on: false, turnedOn: false, leave: async () => {} };

/**
 * Asks a server not to expire or evict keys by itself and to let this connection see those past their time, as a replica
 * does (Valkey from 8.1 on: `import-mode` and `CLIENT IMPORT-SOURCE`). Needs `+config` and `+client`.
 *
 * With `before`, the mode as it was entered over a connection that was lost since, a setting that is still on is known to be
 * this mirror's.
 *
 * A process that ends without `leave` leaves the setting behind: `CONFIG SET import-mode no`.
 *
 * @example
 * ```ts
 * import { enterImportMode, type TargetClient } from "rxreplica";
 *
 * // A server that does not know the setting.
 * const client: TargetClient = { send: async (commands) => commands.map(() => []) };
 * if ((await enterImportMode(client)).on) throw new Error("unexpected");
 * ```
 */
export async function enterImportMode(client: TargetClient, before?: ImportMode): Promise<ImportMode> {
  const [setting] = await client.send([command("CONFIG", "GET", "import-mode")]);
  const was = Array.isArray(setting) ? textOf((setting as readonly TargetReply[])[1]) : undefined;
  if (was !== "yes" && was !== "no") return OFF;
  if (was === "no") {
    const [reply] = await client.send([command("CONFIG", "SET", "import-mode", "yes")]);
    if (reply instanceof Error) return OFF;
  }
  const turnedOn = was === "no" || before?.turnedOn === true;
  const leave = async (): Promise<void> => {
    await client.send([command("CLIENT", "IMPORT-SOURCE", "OFF")]);
    if (turnedOn) await client.send([command("CONFIG", "SET", "import-mode", "no")]);
  };
  const [reply] = await client.send([command("CLIENT", "IMPORT-SOURCE", "ON")]);
  if (!(reply instanceof Error)) return { on: true, turnedOn, leave };
  await leave();
  return OFF;
}

function textOf(reply: TargetReply): string | undefined {
  return reply instanceof Uint8Array ? latin1(reply) : typeof reply === "string" ? reply : undefined;
}

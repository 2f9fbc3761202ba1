import { encodeUtf8, utf8 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import type { Position } from "../events.ts";
import type { TargetClient, TargetReply } from "./target_client.ts";

/** Where in the target the position is kept. */
export interface PositionPlace {
  /** Name of the key; nothing that is mirrored may have it in that database. */
  readonly key: string;
  /** The target's database. */
  readonly db: number;
}

/** What the target says of a mirror that ran before. */
export interface TargetState {
  /** Where to go on; `undefined` when a snapshot was being loaded, which has to be begun anew. */
  readonly position: Position | undefined;
  /** The command at which that run stopped, and the target's answer; going on leaves it out. */
  readonly refused?: { readonly command: string; readonly reply: string } | undefined;
}

/** As it stands in the key: JSON text. */
export function encodeTargetState(state: TargetState): Uint8Array {
  return encodeUtf8(JSON.stringify({ version: 1, ...state }));
}

/** Reads what {@link encodeTargetState} wrote; throws `MALFORMED` for anything else. */
export function decodeTargetState(bytes: Uint8Array): TargetState {
  try {
    const { version, position, refused } = JSON.parse(utf8(bytes)) as TargetState & { version?: number };
    if (version === 1 && (position === undefined || isPosition(position))) return { position, refused };
  } catch {
    // Told below.
  }
  throw new ReplicaError("MALFORMED", "Cannot read the position in the target: its key holds something else");
}

/**
 * Reads the position that `applyTo` keeps in the target with `positionIn`; `undefined` when there is none.
 *
 * Throws `ReplicaError`: `MALFORMED` when the key holds something else, `SERVER` when the target refuses.
 *
 * @example
 * ```ts
 * import { loadTargetState, type TargetClient } from "rxreplica";
 *
 * const client: TargetClient = { send: async (commands) => commands.map(() => null) };
 * const state = await loadTargetState(client, { key: "mirror:position", db: 0 });
 * if (state !== undefined) throw new Error("nothing was kept yet");
 * ```
 */
export async function loadTargetState(
  client: TargetClient,
  { key, db }: PositionPlace,
): Promise<TargetState | undefined> {
  const replies = await client.send([
    [encodeUtf8("SELECT"), encodeUtf8(String(db))],
    [encodeUtf8("GET"), encodeUtf8(key)],
  ]);
  for (const reply of replies) requireReply(reply, "read the position in the target");
  const value = replies[1];
  if (value === null || value === undefined) return undefined;
  return decodeTargetState(value instanceof Uint8Array ? value : encodeUtf8(String(value)));
}

/** Throws `SERVER` for an error reply. */
export function requireReply(reply: TargetReply, what: string): void {
  if (reply instanceof Error) {
    throw new ReplicaError("SERVER", `Cannot ${what}: ${reply.message}`, { cause: reply });
  }
}

function isPosition(value: Partial<Position>): boolean {
  return (
    typeof value.replid === "string" && Number.isSafeInteger(value.offset) && Number.isSafeInteger(value.db)
  );
}

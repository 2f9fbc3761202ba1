import { base64, fromBase64 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import type { Saved } from "./saved.ts";

/** Marks bytes among JSON values: `{"$bytes": "base64"}`. */
const BYTES = "$bytes";

/**
 * Writes what a checkpoint store keeps as one line of JSON text; byte arrays inside states become `{"$bytes": base64}`.
 *
 * @example
 * ```ts
 * import { decodeSaved, encodeSaved, type Saved } from "rxreplica";
 *
 * const position = { replid: "0".repeat(40), offset: 7, db: 0 };
 * const data = { last: Uint8Array.of(1, 2, 255) };
 * const saved: Saved = { version: 1, position, states: { mine: { version: 1, position, data } } };
 * const again = decodeSaved(encodeSaved(saved)).states.mine?.data as typeof data;
 * if (again.last.join() !== "1,2,255") throw new Error("unexpected");
 * ```
 */
export function encodeSaved(saved: Saved): string {
  return JSON.stringify(saved, (_key, value: unknown) =>
    value instanceof Uint8Array ? { [BYTES]: base64(value) } : value,
  );
}

/**
 * Reads what {@link encodeSaved} wrote.
 *
 * @throws ReplicaError `MALFORMED` for any other text, `UNSUPPORTED` for a later version of the form.
 * @example
 * ```ts
 * import { decodeSaved } from "rxreplica";
 *
 * const text = `{"version":1,"position":{"replid":"${"0".repeat(40)}","offset":7,"db":0},"states":{}}`;
 * if (decodeSaved(text).position.offset !== 7) throw new Error("unexpected");
 * ```
 */
export function decodeSaved(text: string): Saved {
  let value: unknown;
  try {
    value = JSON.parse(text, (_key, inner: unknown) => {
      const encoded = (inner as { readonly [BYTES]?: unknown } | null)?.[BYTES];
      return typeof encoded === "string" ? fromBase64(encoded) : inner;
    });
  } catch (cause) {
    throw new ReplicaError("MALFORMED", "Cannot read the checkpoint: not JSON", { cause });
  }
  const { version, position, states } = (value ?? {}) as Partial<Record<keyof Saved, unknown>>;
  if (typeof version === "number" && version > 1) {
    throw new ReplicaError(
      "UNSUPPORTED",
      `Cannot read the checkpoint: form ${version} is of a later version`,
    );
  }
  if (version !== 1 || !isPosition(position) || typeof states !== "object" || states === null) {
    throw new ReplicaError("MALFORMED", "Cannot read the checkpoint: no version, position and states");
  }
  return value as Saved;
}

function isPosition(value: unknown): boolean {
  const { replid, offset, db } = (value ?? {}) as Record<string, unknown>;
  return typeof replid === "string" && Number.isSafeInteger(offset) && Number.isSafeInteger(db);
}

import { startsWith } from "../bytes/starts_with.ts";
import { latin1 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import type { ByteReader } from "./byte_reader.ts";
import { familyOf } from "./opcodes.ts";

/*
 * "REDIS" and four digits, or "VALKEY" and three: nine bytes (rdb.c of the servers)
 */
const MAGIC_LENGTH = 9;
const REDIS = ascii("REDIS");
const VALKEY = ascii("VALKEY");
/** Valkey's compressed envelope around an RDB. */
const ENVELOPE = ascii("VKCS");

/** Reads the magic and returns the version; refuses what is no RDB as soon as its first bytes say so. */
export function readMagic(r: ByteReader): number {
  const seen = r.buf.subarray(r.pos, Math.min(r.end, r.pos + MAGIC_LENGTH));
  if (startsWith(seen, ENVELOPE))
    throw new ReplicaError("UNSUPPORTED", "Cannot decode RDB: it is in Valkey's compressed envelope", {
      offset: 0,
    });
  const magic = seen[0] === VALKEY[0] ? VALKEY : REDIS;
  const known = Math.min(seen.length, magic.length);
  const isEnvelope = startsWith(ENVELOPE, seen);
  if (!isEnvelope && !startsWith(magic, seen.subarray(0, known))) throw notRdb(seen);
  // One byte more at a time: what is no RDB is refused however the input is cut.
  if (seen.length < MAGIC_LENGTH) r.underflow(r.pos + seen.length + 1);
  const digits = latin1(seen, magic.length, MAGIC_LENGTH);
  if (!/^\d+$/.test(digits)) throw notRdb(seen);
  const version = Number(digits);
  if (version < 1 || familyOf(version) !== (magic === VALKEY ? "valkey" : "redis")) throw notRdb(seen);
  r.pos += MAGIC_LENGTH;
  return version;
}

function notRdb(seen: Uint8Array): ReplicaError {
  const hint = seen[0] === 0x1f && seen[1] === 0x8b ? " (it is gzip, decompress it first)" : "";
  const text = JSON.stringify(latin1(seen));
  return new ReplicaError("NOT_RDB", `Cannot decode RDB: it begins with ${text}${hint}`, { offset: 0 });
}

/** Made here, since importing a module must not ask the host for its text encoder. */
function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

import { parseInteger } from "../bytes/integer.ts";
import { isUtf8, latin1, utf8 } from "../bytes/text.ts";
import { type ErrorCode, ReplicaError } from "../errors.ts";
import { splitWords } from "../resp/split_words.ts";

/** What a file of a multi-part AOF is: the base, a file of writes since, or one that is waiting to be deleted. */
export type AofFileType = "base" | "incr" | "history";

/** One line of a manifest. */
export interface AofManifestEntry {
  /** Name without folder; it lies beside the manifest. */
  readonly file: string;
  /** 1 or more. */
  readonly seq: number;
  readonly type: AofFileType;
  /** Replication offset when the file was begun (Redis ≥ 8.0, `incr` files). */
  readonly startOffset: number | undefined;
  /** Replication offset at a clean shutdown (Redis ≥ 8.0, the last `incr` file). */
  readonly endOffset: number | undefined;
}

/** The files of a multi-part AOF (Redis ≥ 7.0, Valkey). */
export interface AofManifest {
  readonly base: AofManifestEntry | undefined;
  /** In the order in which they are replayed. */
  readonly increments: readonly AofManifestEntry[];
  /** Dead files, never replayed. */
  readonly history: readonly AofManifestEntry[];
}

const LF = 0x0a;
const HASH = 0x23;

/** Bytes of a line with its LF; servers read no longer ones. */
const MAX_LINE = 1024;
/** Far more files than any server makes between two rewrites. */
const MAX_FILES = 10_000;

const TYPES: Readonly<Record<string, AofFileType>> = { b: "base", i: "incr", h: "history" };

/**
 * Reads the manifest of a multi-part AOF and checks it as servers do; file names with a folder in them are refused.
 *
 * Throws `ReplicaError` with the offset of the line: `MALFORMED`; `LIMIT` above 10,000 files; `UNSUPPORTED` for a file
 * name that is not UTF-8. Source: aof.c of Redis 7.0.
 *
 * ```text
 * file appendonly.aof.2.base.rdb seq 2 type b
 * file appendonly.aof.2.incr.aof seq 2 type i startoffset 5
 * ```
 */
export function parseManifest(bytes: Uint8Array): AofManifest {
  let base: AofManifestEntry | undefined;
  const increments: AofManifestEntry[] = [];
  const history: AofManifestEntry[] = [];
  let files = 0;
  if (bytes.length === 0) fail("MALFORMED", "it is empty", 0);
  for (let start = 0, end = 0; start < bytes.length; start = end) {
    const lf = bytes.indexOf(LF, start);
    end = lf + 1;
    if (lf < 0) fail("MALFORMED", "its last line has no end", start);
    if (end - start > MAX_LINE) fail("MALFORMED", `a line is longer than ${MAX_LINE} bytes`, start);
    if (bytes[start] === HASH) continue;
    const entry = parseLine(bytes.subarray(start, lf), start);
    if (++files > MAX_FILES) fail("LIMIT", `more than ${MAX_FILES} files`, start);
    if (entry.type === "history") {
      history.push(entry);
    } else if (entry.type === "base") {
      if (base !== undefined) fail("MALFORMED", "two base files", start);
      base = entry;
    } else {
      const before = increments.at(-1);
      if (before !== undefined && entry.seq <= before.seq) {
        fail("MALFORMED", `seq ${entry.seq} after seq ${before.seq}`, start);
      }
      increments.push(entry);
    }
  }
  return { base, increments, history };
}

function parseLine(line: Uint8Array, at: number): AofManifestEntry {
  const words = splitWords(line);
  if (words === undefined) fail("MALFORMED", "unbalanced quotes", at);
  if (words.length < 6 || words.length % 2 !== 0) fail("MALFORMED", "not pairs of a key and a value", at);
  let file: string | undefined;
  let seq: number | undefined;
  let type: AofFileType | undefined;
  let startOffset: number | undefined;
  let endOffset: number | undefined;
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1]!;
    // Keys that a later version adds are passed over.
    switch (latin1(words[i]!).toLowerCase()) {
      case "file":
        file = fileName(value, at);
        break;
      case "seq":
        seq = natural(value, "seq", at);
        break;
      case "type":
        type = TYPES[latin1(value, 0, 1)];
        if (type === undefined) fail("MALFORMED", `unknown type "${latin1(value)}"`, at);
        break;
      case "startoffset":
        startOffset = natural(value, "startoffset", at);
        break;
      case "endoffset":
        endOffset = natural(value, "endoffset", at);
        break;
    }
  }
  if (file === undefined || seq === undefined || type === undefined || seq === 0) {
    fail("MALFORMED", "no file, no type or no seq of 1 or more", at);
  }
  return { file, seq, type, startOffset, endOffset };
}

/** A name and nothing else: a manifest from elsewhere must not reach out of its folder. */
function fileName(bytes: Uint8Array, at: number): string {
  if (!isUtf8(bytes)) fail("UNSUPPORTED", "a file name is not UTF-8", at);
  const name = utf8(bytes);
  if (name === "" || name === "." || name === ".." || /[/\\\0]/.test(name)) {
    fail("MALFORMED", `${JSON.stringify(name)} is no plain file name`, at);
  }
  return name;
}

function natural(bytes: Uint8Array, key: string, at: number): number {
  const value = parseInteger(bytes);
  if (typeof value !== "number" || value < 0) fail("MALFORMED", `wrong ${key} "${latin1(bytes)}"`, at);
  return value;
}

function fail(code: ErrorCode, detail: string, offset: number): never {
  throw new ReplicaError(code, `Cannot read AOF manifest: ${detail}, at byte ${offset}`, { offset });
}

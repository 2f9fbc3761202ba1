/** What is fuzzed: how an input is made, and what must hold of it. */
import { readdirSync, readFileSync } from "node:fs";
import { AofDecoder } from "../../src/aof/decoder.ts";
import { ReplicaError } from "../../src/errors.ts";
import { decodeDump, RdbDecoder, type RdbDecoderOptions, type RdbLevel } from "../../src/rdb/mod.ts";
import { CommandScanner, encodeCommand, RespDecoder } from "../../src/resp/mod.ts";
import { dumpBody, hex, keyRecord, latin1, rdbFile, show, showEvent } from "../rdb/support.ts";
import { DUMP_VECTORS, FILE_VECTORS } from "../rdb/vectors.ts";
import type { Random } from "../support/random.ts";
import { mutate } from "./mutate.ts";
import { structuredDump, structuredFile } from "./structured.ts";

/** What became of an input: lines that say all of its events, and its error. Another exception leaves the function. */
export type Outcome = readonly string[];

export interface FuzzTarget {
  readonly name: string;
  readonly make: (random: Random) => Uint8Array;
  /** Decodes the chunks; `variant` picks settings, the same for the same number. */
  readonly run: (chunks: Iterable<Uint8Array>, variant: number) => Outcome;
  /** The outcome may depend on the bytes only, however they are cut. */
  readonly chunked: boolean;
}

const FIXTURES = new URL("../fixtures/rdb/", import.meta.url);

function fixtures(): Uint8Array[] {
  try {
    return readdirSync(FIXTURES)
      .filter((name) => name.endsWith(".rdb"))
      .map((name) => readFileSync(new URL(name, FIXTURES)));
  } catch {
    return [];
  }
}

const DUMPS = DUMP_VECTORS.map((vector) => hex(vector.hex));
const FILES: readonly Uint8Array[] = [
  ...FILE_VECTORS.map((vector) => hex(vector.hex)),
  ...DUMP_VECTORS.filter(({ id }) => id !== "H4").map((vector) =>
    rdbFile(vector.version, keyRecord("k", dumpBody(hex(vector.hex)))),
  ),
];
const LARGE = fixtures();

const REPLIES: readonly Uint8Array[] = [
  "+OK\r\n-ERR no\r\n:42\r\n$5\r\nhello\r\n$-1\r\n*-1\r\n_\r\n#t\r\n,1.5\r\n,-inf\r\n(123456789012345678901\r\n",
  "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*2\r\n*1\r\n:1\r\n*0\r\n",
  "%2\r\n+a\r\n:1\r\n$1\r\nb\r\n~2\r\n+x\r\n+y\r\n>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n",
  "|1\r\n+ttl\r\n:3600\r\n*2\r\n=8\r\ntxt:abcd\r\n!5\r\nERR x\r\n",
  "$?\r\n;4\r\nabcd\r\n;0\r\n*?\r\n:1\r\n+a\r\n.\r\n%?\r\n+k\r\n+v\r\n.\r\n",
].map(latin1);

const COMMANDS: readonly Uint8Array[] = [
  [["SELECT", "0"], ["SET", "k", "v"], ["MULTI"], ["HSET", "h", "f", "x".repeat(100)], ["EXEC"]],
  [["PING"], ["REPLCONF", "GETACK", "*"], ["DEL", "a", "b", "c"], ["SET", "k", ""]],
].map((commands) => Buffer.concat(commands.map(encodeCommand)));

const AOFS: readonly Uint8Array[] = [
  ...COMMANDS,
  Buffer.concat([latin1("#TS:1700000000\r\n"), COMMANDS[0]!, latin1("#TS:1700000001\r\n"), COMMANDS[1]!]),
  ...FILES.slice(0, 3).map((file) => Buffer.concat([file, COMMANDS[0]!])),
];

export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  {
    name: "rdb",
    make: (random) =>
      mutate(random, random.pick(LARGE.length > 0 && random.oneIn(400) ? LARGE : FILES), FILES),
    run: runRdb,
    chunked: true,
  },
  { name: "rdb-structured", make: structuredFile, run: runRdb, chunked: true },
  {
    name: "dump",
    make: (random) => mutate(random, random.pick(DUMPS), DUMPS),
    run: runDump,
    chunked: false,
  },
  { name: "dump-structured", make: structuredDump, run: runDump, chunked: false },
  {
    name: "resp",
    make: (random) => mutate(random, random.pick(REPLIES), REPLIES),
    run: runResp,
    chunked: true,
  },
  {
    name: "commands",
    make: (random) => mutate(random, random.pick(COMMANDS), COMMANDS),
    run: runCommands,
    chunked: true,
  },
  { name: "aof", make: (random) => mutate(random, random.pick(AOFS), AOFS), run: runAof, chunked: true },
];

/** Adds the error's line; what is no coded error goes on. */
function ending(lines: string[], run: () => void): Outcome {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ReplicaError)) throw error;
    // What is no RDB is refused at once and shown as far as it is there.
    const message = error.code === "NOT_RDB" ? "" : error.message;
    lines.push(`error ${error.code} at ${error.offset}: ${message}`);
    if (error.offset === undefined) throw new Error(`an error without offset: ${error.message}`);
  }
  return lines;
}

const LEVELS: readonly RdbLevel[] = ["data", "raw", "skip", "key"];
const MODULES = {
  hellotype: (items: Iterable<unknown>) => [...items],
  vectorset(): never {
    throw new Error("no");
  },
};

/** Settings by number: levels, small bounds, modules. */
function settings(variant: number): Omit<RdbDecoderOptions, "onEvent"> {
  return {
    checksum: (["off", "off", "warn", "error"] as const)[variant & 3],
    select:
      (variant & 4) === 0 ? undefined : ({ key }) => LEVELS[(key.length + (variant >> 3)) % LEVELS.length]!,
    limits: {
      ...((variant & 32) === 0 ? {} : { maxPartElements: 1 + (variant % 3), maxPartBytes: 40 }),
      ...((variant & 64) === 0 ? {} : { maxPackedBytes: variant & 15 }),
      ...((variant & 128) === 0 ? {} : { maxElementBytes: 200, maxModuleBytes: 20 }),
    },
    modules: (variant & 256) === 0 ? {} : MODULES,
  };
}

function runRdb(chunks: Iterable<Uint8Array>, variant: number): Outcome {
  const lines: string[] = [];
  const options = settings(variant);
  const decoder = new RdbDecoder({
    ...options,
    onEvent(event) {
      const line = showEvent(event);
      lines.push(line);
      if ((variant & 512) !== 0 && event.event === "key" && showEvent(event.detach()) !== line)
        throw new Error(`a detached event differs: ${line}`);
    },
  });
  const all: Uint8Array[] = [];
  const outcome = ending(lines, () => {
    for (const chunk of chunks) {
      all.push(chunk);
      if (decoder.write(chunk) < chunk.length) return;
    }
    decoder.end();
  });
  if ((variant & 1024) !== 0 && options.select === undefined)
    compareTotals(all, options, decoder, lines.at(-1));
  return outcome;
}

/** Who only counts must meet the same end, and count what the events say. */
function compareTotals(
  chunks: readonly Uint8Array[],
  options: Omit<RdbDecoderOptions, "onEvent">,
  decoder: RdbDecoder,
  last: string | undefined,
): void {
  const counter = new RdbDecoder({ ...options, totalsOnly: true, onEvent() {} });
  const lines: string[] = [];
  ending(lines, () => {
    for (const chunk of chunks) if (counter.write(chunk) < chunk.length) return;
    counter.end();
  });
  const error = last?.startsWith("error ") === true ? last : undefined;
  if (lines[0] !== error) throw new Error(`counting ends in ${lines[0]}, decoding in ${error}`);
  if (error === undefined && show(counter.totals) !== show(decoder.totals))
    throw new Error(`counting gives ${show(counter.totals)}, decoding ${show(decoder.totals)}`);
}

function runDump(chunks: Iterable<Uint8Array>, variant: number): Outcome {
  const [payload] = chunks;
  const lines: string[] = [];
  return ending(lines, () => {
    const { limits, modules } = settings(variant);
    const dump = decodeDump(payload!, { checksum: (variant & 1) === 0 ? "off" : "error", limits, modules });
    lines.push(`version ${dump.version} trailing ${dump.trailing}`);
    for (const part of dump.parts) lines.push(showEvent(part));
  });
}

function runResp(chunks: Iterable<Uint8Array>, variant: number): Outcome {
  const lines: string[] = [];
  const decoder = new RespDecoder({
    onValue: (value) => void lines.push(show(value)),
    allowKeepAlive: (variant & 1) !== 0,
  });
  return ending(lines, () => {
    for (const chunk of chunks) decoder.write(chunk);
    decoder.end();
  });
}

function runCommands(chunks: Iterable<Uint8Array>, variant: number): Outcome {
  const lines: string[] = [];
  let source = new Uint8Array();
  let base = 0;
  const scanner = new CommandScanner(
    {
      onSource(bytes, at) {
        source = bytes as Uint8Array<ArrayBuffer>;
        base = at;
      },
      onCommand(start, end, argc, nameStart, nameEnd) {
        const frame = Buffer.from(source.subarray(start, end)).toString("latin1");
        const name = Buffer.from(source.subarray(nameStart, nameEnd)).toString("latin1");
        lines.push(`${base + start} ${base + end} ${argc} ${name} ${frame}`);
      },
      onKeepAlive: () => void lines.push("keep-alive"),
      onAnnotation(bytes, start, end) {
        lines.push(`# ${Buffer.from(bytes.subarray(start, end)).toString("latin1")}`);
      },
    },
    { allowKeepAlive: (variant & 1) !== 0, allowAnnotations: (variant & 2) !== 0, maxCommandBytes: 1 << 16 },
  );
  return ending(lines, () => {
    for (const chunk of chunks) scanner.write(chunk);
    scanner.end();
  });
}

function runAof(chunks: Iterable<Uint8Array>, variant: number): Outcome {
  const lines: string[] = [];
  const context = { replid: undefined, receivedAt: undefined, shard: undefined, file: "appendonly.aof" };
  const decoder = new AofDecoder({
    truncated: (variant & 1) === 0 ? "warn" : "error",
    checksum: "off",
    until: (variant & 2) === 0 ? undefined : 1_700_000_000_500,
    onEvent(event) {
      if (event.kind === "rdb") lines.push(showEvent(event));
      else if (event.event === "command")
        lines.push(show([event.db, event.name, event.args, event.offset, event.tx?.startOffset]));
      else lines.push(show(event));
    },
  });
  decoder.start({ context, type: (variant & 4) === 0 ? "incr" : "base", last: true });
  return ending(lines, () => {
    for (const chunk of chunks) decoder.write(chunk);
    decoder.end();
  });
}

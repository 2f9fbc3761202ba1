import pc from "picocolors";
import { Connection } from "../../src/client/connection.ts";
import { examineServer, type Finding, type FindingLevel } from "../../src/client/doctor.ts";
import { authenticate } from "../../src/client/hello.ts";
import { ReplicaError } from "../../src/errors.ts";
import { EXIT, UsageError } from "../errors.ts";
import { showText } from "../format/show.ts";
import type { DoctorOptions } from "../options.ts";
import { loadConnect } from "../runtime.ts";
import { parseServer, readTls } from "../sources/server.ts";

const SIGNS: Readonly<Record<FindingLevel, string>> = { ok: "ok", warning: "note", problem: "no" };

/** How long a server may take to say all that it is asked. */
const ANSWER_MS = 10_000;

/** `rxreplica doctor URL`: 0 when a link will work, 1 when something prevents it. */
export async function doctor(url: string, options: DoctorOptions): Promise<number> {
  const source = parseServer(url);
  if (source.kind !== "server")
    throw new UsageError(`Cannot examine a ${source.kind}: name one of its servers`);
  const connect = await loadConnect();
  const transport = await connect(source.address, {
    tls: (await readTls(source, options)) ?? (source.tls ? {} : undefined),
    connectTimeout: 10_000,
  });
  const connection = new Connection(transport);
  try {
    const user = options.user ?? source.username;
    const password = source.password ?? process.env.REDISCLI_AUTH;
    if (password !== undefined) await within(ANSWER_MS, authenticate(connection, { user, password }));
    const host = "host" in source.address ? source.address.host : undefined;
    const findings = await within(ANSWER_MS, examineServer(connection, { host }));
    const terminal = process.stdout.isTTY === true;
    const format = options.format ?? (terminal ? "text" : "ndjson");
    process.stdout.write(
      `${findings.map((one) => (format === "text" ? line(one) : JSON.stringify(one))).join("\n")}\n`,
    );
    return findings.some(({ level }) => level === "problem") ? EXIT.failure : EXIT.ok;
  } finally {
    await connection.close();
  }
}

/** What waits for a server, or an error when it stays silent. */
async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(new ReplicaError("TIMEOUT", `Cannot examine the server: it said nothing for ${ms / 1000} s`)),
      ms,
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function line({ level, topic, message, remedy }: Finding): string {
  const colour = level === "ok" ? pc.green : level === "warning" ? pc.yellow : pc.red;
  const head = `${colour(SIGNS[level].padEnd(5))}${pc.bold(topic.padEnd(14))}${showText(message)}`;
  return remedy === undefined ? head : `${head}\n${" ".repeat(19)}${pc.dim("→")} ${showText(remedy)}`;
}

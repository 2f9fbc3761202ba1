import pc from "picocolors";
import { examineServer, type Finding, type FindingLevel } from "../../src/client/doctor.ts";
import { ReplicaError } from "../../src/errors.ts";
import { openServer, type ServerAccess, within } from "../../src/replica/ask_server.ts";
import { addressText } from "../../src/replica/url.ts";
import type { Address } from "../../src/transport.ts";
import { clock } from "../../transports/shared/clock.ts";
import { findServers } from "../doctor/find_servers.ts";
import { EXIT } from "../errors.ts";
import { showText } from "../format/show.ts";
import type { DoctorOptions } from "../options.ts";
import { loadConnect } from "../runtime.ts";
import { parseServer, readTls, sentinelAccess } from "../sources/server.ts";

const SIGNS: Readonly<Record<FindingLevel, string>> = { ok: "ok", warning: "note", problem: "no" };

/** How long a server may take to let us in, and again to say all that it is asked. */
const ANSWER_MS = 10_000;

/** A finding about one of several servers. */
interface Placed extends Finding {
  readonly server?: string;
}

/** `rxreplica doctor URL`: 0 when a link will work, 1 when something prevents it. */
export async function doctor(url: string, options: DoctorOptions): Promise<number> {
  const source = parseServer(url);
  const access: ServerAccess = {
    connect: await loadConnect(),
    clock,
    tls: (await readTls(source, options)) ?? (source.tls ? {} : undefined),
    username: options.user ?? source.username,
    password: source.password ?? process.env.REDISCLI_AUTH,
    timeout: ANSWER_MS,
  };
  const { username, password } = sentinelAccess(options);
  const { findings, servers } = await findServers(source, access, { ...access, username, password });
  const all: Placed[] = [...findings];
  if (source.kind === "server") all.push(...(await examine(access, source.address, false)));
  else {
    for (const address of servers) {
      const server = addressText(address);
      const found = await examine(access, address, source.kind === "cluster").catch(asFinding);
      all.push(...found.map((finding) => ({ server, ...finding })));
    }
  }
  const format = options.format ?? (process.stdout.isTTY === true ? "text" : "ndjson");
  process.stdout.write(format === "text" ? text(all) : all.map((one) => `${JSON.stringify(one)}\n`).join(""));
  return all.some(({ level }) => level === "problem") ? EXIT.failure : EXIT.ok;
}

async function examine(access: ServerAccess, address: Address, ofCluster: boolean): Promise<Finding[]> {
  const connection = await openServer(access, address);
  try {
    const host = "host" in address ? address.host : undefined;
    return await within(access, examineServer(connection, { host, ofCluster }), "examine the server");
  } finally {
    await connection.close();
  }
}

/** Of several servers one that does not answer is something found, not the end. */
function asFinding(error: unknown): Finding[] {
  if (!(error instanceof ReplicaError)) throw error;
  return [{ level: "problem", topic: "server", message: `${error.message} (${error.code})` }];
}

function text(findings: readonly Placed[]): string {
  let lines = "";
  let last: string | undefined;
  for (const finding of findings) {
    if (finding.server !== last && finding.server !== undefined) lines += `${pc.bold(finding.server)}\n`;
    last = finding.server;
    lines += `${line(finding)}\n`;
  }
  return lines;
}

function line({ level, topic, message, remedy }: Finding): string {
  const colour = level === "ok" ? pc.green : level === "warning" ? pc.yellow : pc.red;
  const head = `${colour(SIGNS[level].padEnd(5))}${pc.bold(topic.padEnd(14))}${showText(message)}`;
  return remedy === undefined ? head : `${head}\n${" ".repeat(19)}${pc.dim("→")} ${showText(remedy)}`;
}

/** Puts real servers into vitest: a block of tests for each kind of server. */
import { afterAll, describe, test } from "vitest";
import { type FoundServer, findServer, type MissingServer } from "./find.ts";
import { SERVER_KINDS, type ServerKind } from "./kinds.ts";
import { stopAllServers } from "./start.ts";

const found = new Map<ServerKind, FoundServer | MissingServer>();
for (const kind of SERVER_KINDS) found.set(kind, await findServer(kind));

// Whatever a test file started and did not stop ends with the file.
afterAll(stopAllServers);

/**
 * A `describe` for each kind of server, named `NAME on KIND`. A server that this machine cannot have is skipped with its
 * reason on screen; with `RXREPLICA_REQUIRE_SERVERS=1` it is a failing test.
 */
export function describeServers(
  name: string,
  body: (kind: ServerKind) => void,
  kinds: readonly ServerKind[] = SERVER_KINDS,
): void {
  for (const kind of kinds) describeOne(`${name} on ${kind}`, kind, () => body(kind));
}

/** One block that needs servers but does not run once a kind, for example two servers of different kinds. */
export function describeWithServers(name: string, kinds: readonly ServerKind[], body: () => void): void {
  const missing = kinds.find((kind) => reasonOf(kind) !== undefined);
  describeOne(name, missing ?? kinds[0]!, body);
}

function reasonOf(kind: ServerKind): string | undefined {
  const server = found.get(kind);
  return server !== undefined && "reason" in server ? server.reason : undefined;
}

function describeOne(title: string, kind: ServerKind, body: () => void): void {
  const reason = reasonOf(kind);
  if (reason === undefined) {
    describe(title, body);
  } else if (isRequired()) {
    describe(title, () => {
      test("the server is there", () => {
        throw new Error(`${kind} is required and missing: ${reason}`);
      });
    });
  } else {
    process.stderr.write(`[servers] SKIPPED ${title}: ${reason}\n`);
    describe.skip(`${title} (no server: ${reason})`, body);
  }
}

function isRequired(): boolean {
  const value = process.env.RXREPLICA_REQUIRE_SERVERS;
  return value !== undefined && value !== "" && value !== "0";
}

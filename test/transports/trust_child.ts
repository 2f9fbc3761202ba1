import { createInterface } from "node:readline";
import type { Connect, TlsOptions } from "../../src/transport.ts";

/** Does what standard input says, one JSON request a line, in a process whose default authorities the tests chose. */
const { connect } = (await import(process.argv[2]!)) as { connect: Connect };

interface Request {
  readonly port: number;
  readonly tls: TlsOptions;
  /** Wait for a line after the first chunk, then read the rest. */
  readonly stall?: boolean;
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
  const { port, tls, stall } = JSON.parse(line.value) as Request;
  try {
    const transport = await connect({ host: "127.0.0.1", port }, { tls });
    await transport.write(new TextEncoder().encode("secret"));
    const chunks = transport.chunks[Symbol.asyncIterator]();
    let next = await chunks.next();
    let bytes = 0;
    if (stall === true) {
      say("stalled");
      await lines.next();
      for (; next.done !== true; next = await chunks.next()) bytes += next.value.length;
      say(String(bytes));
    } else say(next.done === true ? "end" : new TextDecoder().decode(next.value));
    await transport.close();
  } catch (error) {
    say(`${(error as { code?: string }).code}: ${(error as Error).message}`);
  }
}
process.exit(0);

function say(text: string): void {
  process.stdout.write(`${JSON.stringify(text)}\n`);
}

import type { OpenFile } from "../../src/transport.ts";

/** Prints the size of standard input and then each chunk as one line. */
const { openFile } = (await import(process.argv[2]!)) as { openFile: OpenFile };
const file = await openFile("-", { start: Number(process.env.START ?? 0) });
let text = `size ${file.size}\n`;
for await (const chunk of file.chunks) {
  process.stdout.write(`${text}${new TextDecoder().decode(chunk)}\n`);
  text = "";
}

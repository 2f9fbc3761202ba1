/**
 * Builds the WebAssembly kernels: `src/bytes/kernels/*.wat` → `src/bytes/kernels/binaries.ts`. Run with `npm run kernels`; the
 * result is committed, and a test compares it with a fresh build.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import wabt from "wabt";

const folder = new URL("../src/bytes/kernels/", import.meta.url);

/** The text of `binaries.ts` as the sources give it. */
export async function kernelBinaries(): Promise<string> {
  const { parseWat } = await wabt();
  const sources = (await readdir(folder)).filter((name) => name.endsWith(".wat")).sort();
  let text = "// Made from the .wat files here by `npm run kernels`.\n";
  for (const source of sources) {
    const module = parseWat(source, await readFile(new URL(source, folder), "utf8"), {
      simd: true,
      bulk_memory: true,
      mutable_globals: true,
    });
    module.validate();
    const { buffer } = module.toBinary({});
    module.destroy();
    const name = `${source.replace(".wat", "").toUpperCase()}_BINARY`;
    const lines = Buffer.from(buffer)
      .toString("base64")
      .match(/.{1,100}/g)!;
    text += `\n/** \`${source}\`, ${buffer.length} bytes, base64. */\n`;
    text += `export const ${name}: string =\n${lines.map((line) => `  "${line}"`).join(" +\n")};\n`;
  }
  return text;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(new URL("binaries.ts", folder), await kernelBinaries());
}

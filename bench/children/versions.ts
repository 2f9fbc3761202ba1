const { bun, deno, node } = process.versions as Readonly<Record<string, string | undefined>>;
console.log(deno !== undefined ? `Deno ${deno}` : bun !== undefined ? `Bun ${bun}` : `Node ${node}`);

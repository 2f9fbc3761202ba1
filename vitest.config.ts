import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  resolve: {
    // The package by its own name, from the sources: for the examples of the docs.
    alias: [
      { find: /^rxreplica$/, replacement: `${root}mod.ts` },
      { find: /^rxreplica\/(node|deno|bun|memory)$/, replacement: `${root}transports/$1/mod.ts` },
      { find: /^rxreplica\/(resp|rdb|commands)$/, replacement: `${root}src/$1/mod.ts` },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
    // Tests with real servers and clocks share two cores in CI; a real fault fails every time, and a retry is shown.
    retry: process.env.CI === undefined ? 0 : 2,
  },
});

/** Real servers for tests, the demo and benchmarks. For vitest's blocks import `describe.ts`. */
export * from "./cluster.ts";
export * from "./find.ts";
export * from "./kinds.ts";
export * from "./ports.ts";
export * from "./sentinel.ts";
export * from "./start.ts";

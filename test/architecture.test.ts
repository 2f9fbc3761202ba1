import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import * as main from "../mod.ts";
import { importsOf, ROOT, readSource, resolveFrom, sourceFiles, withoutComments } from "./support/sources.ts";

/** What the files of each layer may import besides their own layer. Errors, events and transport types are open to all. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  // Only the types of typed commands, which `event.typed` has.
  contracts: ["commands"],
  bytes: [],
  resp: ["bytes"],
  rdb: ["bytes"],
  commands: ["bytes"],
  stream: ["bytes", "resp", "rdb", "commands"],
  client: ["bytes", "resp", "commands"],
  aof: ["bytes", "resp", "rdb", "commands", "stream"],
  notifications: ["bytes", "resp", "rdb", "commands", "stream", "client"],
  replica: ["bytes", "resp", "rdb", "commands", "stream", "client"],
  rx: ["bytes", "resp", "rdb", "commands", "stream", "client", "aof", "notifications", "replica"],
  main: ["bytes", "resp", "rdb", "commands", "stream", "client", "aof", "notifications", "replica", "rx"],
  "transports/shared": [],
  "transports/memory": [],
  "transports/node": ["transports/shared"],
  "transports/deno": ["transports/shared"],
  // Bun's own file functions are those of node:fs.
  "transports/bun": ["transports/shared", "transports/node"],
  // The entries, and what they are made with.
  entries: [
    "main",
    "transports/shared",
    "transports/memory",
    "transports/node",
    "transports/deno",
    "transports/bun",
  ],
  cli: [
    "main",
    "bytes",
    "resp",
    "rdb",
    "commands",
    "stream",
    "client",
    "aof",
    "notifications",
    "replica",
    "rx",
  ].concat([
    "entries",
    "transports/shared",
    "transports/memory",
    "transports/node",
    "transports/deno",
    "transports/bun",
  ]),
};

/** Packages (and `node:`) that a layer may use. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  rx: ["rxjs"],
  entries: ["rxjs"],
  cli: ["rxjs", "node:", "commander", "picocolors", "redis"],
  "transports/node": ["node:"],
  // Deno's node:tls, over Deno's own sockets.
  "transports/deno": ["node:"],
};

const CONTRACTS = ["src/errors.ts", "src/events.ts", "src/transport.ts"];
const FILES = sourceFiles("mod.ts", "src", "transports", "cli");

function layerOf(path: string): string {
  if (CONTRACTS.includes(path) || path.startsWith("src/events/")) return "contracts";
  if (path === "mod.ts") return "main";
  if (path === "transports/shared/bind.ts") return "entries";
  if (/^transports\/(node|deno|bun)\/mod\.ts$/.test(path)) return "entries";
  const [top, second] = path.split("/");
  if (top === "src") return second!;
  return top === "transports" ? `transports/${second}` : top!;
}

describe("layers", () => {
  test("every file belongs to a layer", () => {
    expect(FILES.length).toBeGreaterThan(100);
    expect(FILES.filter((path) => LAYERS[layerOf(path)] === undefined)).toEqual([]);
  });

  test("files import from their own layer and those below only", () => {
    const wrong: string[] = [];
    for (const path of FILES) {
      const from = layerOf(path);
      for (const { specifier } of importsOf(path)) {
        if (!specifier.startsWith(".")) continue;
        const to = layerOf(resolveFrom(path, specifier));
        if (to !== from && to !== "contracts" && !LAYERS[from]!.includes(to))
          wrong.push(`${path} -> ${specifier}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("packages and runtime modules are used where the table says", () => {
    const wrong: string[] = [];
    for (const path of FILES) {
      const allowed = PACKAGES[layerOf(path)] ?? [];
      for (const { specifier } of importsOf(path)) {
        if (specifier.startsWith(".")) continue;
        const name = specifier.startsWith("node:") ? "node:" : specifier;
        if (!allowed.includes(name)) wrong.push(`${path} -> ${specifier}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("imports end in .ts and name files that exist", () => {
    const known = new Set(FILES);
    const wrong = FILES.flatMap((path) =>
      importsOf(path)
        .filter(({ specifier }) => specifier.startsWith(".") && !known.has(resolveFrom(path, specifier)))
        .map(({ specifier }) => `${path} -> ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test("there are no cycles", () => {
    expect(findCycle(FILES)).toBeUndefined();
  });
});

describe("the core is pure", () => {
  const PURE = sourceFiles("mod.ts", "src");

  test("no file of src names a runtime, a timer or a clock", () => {
    const names =
      /\b(Buffer|Deno|Bun|setTimeout|setInterval|setImmediate|queueMicrotask|console)\b|(?<![.\w])process\.|Date\.now|performance\.now/;
    const wrong = PURE.flatMap((path) => {
      const code = withoutComments(readSource(path)).replace(/"(?:[^"\\\n]|\\.)*"|`[^`]*`/g, '""');
      const found = names.exec(code);
      return found === null ? [] : [`${path}: ${found[0]}`];
    });
    expect(wrong).toEqual([]);
  });

  test("host objects are reached in bytes/host.ts only", () => {
    const names = /\b(TextDecoder|TextEncoder|WebAssembly|globalThis|crypto)\b/;
    const wrong = PURE.filter((path) => path !== "src/bytes/host.ts").flatMap((path) => {
      const code = withoutComments(readSource(path)).replace(/"(?:[^"\\\n]|\\.)*"|`[^`]*`/g, '""');
      const found = names.exec(code);
      return found === null ? [] : [`${path}: ${found[0]}`];
    });
    expect(wrong).toEqual([]);
  });

  test("the decoders run in a bare context, without any host object", () => {
    const code = bundle(`
      import { RdbDecoder } from "${ROOT}/src/rdb/mod.ts";
      import { RespDecoder, encodeCommand } from "${ROOT}/src/resp/mod.ts";
      import { keysOf } from "${ROOT}/src/commands/mod.ts";
      const found = [];
      const rdb = new RdbDecoder({ onEvent: (event) => found.push(event.event) });
      // REDIS0004, one string key "k" = "v", end: no checksum before version 5.
      rdb.write(Uint8Array.of(82, 69, 68, 73, 83, 48, 48, 48, 52, 0, 1, 107, 1, 118, 255));
      rdb.end();
      const words = ["SET", "k", "v"].map((word) => Uint8Array.from(word, (letter) => letter.charCodeAt(0)));
      const resp = new RespDecoder({ onValue: (value) => found.push("resp") });
      resp.write(encodeCommand(words));
      found.push("keys " + keysOf(words).length);
      result = found.join();
    `);
    const context: { result?: string } = {};
    // V8 puts WebAssembly into every context; the plain forms must do without it.
    runInNewContext(`delete globalThis.WebAssembly; ${code}`, context);
    expect(context.result).toBe("begin,key,end,resp,keys 1");
  });
});

describe("the package", () => {
  const packageJson = JSON.parse(readSource("package.json")) as Manifest;
  const denoJson = JSON.parse(readSource("deno.json")) as DenoManifest;
  const entries = Object.entries(packageJson.exports).filter(([key]) => key !== "./package.json");

  test("both manifests have the same name, version and entries", () => {
    expect(denoJson.name).toBe(`@${packageJson.name}/${packageJson.name}`);
    expect(denoJson.version).toBe(packageJson.version);
    const paths = entries.map(([key, target]) => [key, sourceOf((target as { default: string }).default)]);
    expect(Object.entries(denoJson.exports)).toEqual(paths);
    expect(denoJson.imports.rxjs).toBe(`npm:rxjs@^7.8`);
    expect(packageJson.peerDependencies).toEqual({ rxjs: "^7.8.0" });
  });

  test("the lock file names the packages of other platforms too, or npm ci refuses it", () => {
    const { packages } = JSON.parse(readSource("package-lock.json")) as LockFile;
    const missing = Object.values(packages)
      .flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}))
      .filter((name) => packages[`node_modules/${name}`] === undefined);
    expect(missing).toEqual([]);
  });

  test("each entry has its types beside its code", () => {
    for (const [, target] of entries) {
      const { types, default: code } = target as { types: string; default: string };
      expect(types).toBe(code.replace(/\.js$/, ".d.ts"));
    }
  });

  test.each(
    entries.map(([key, target]) => [key, sourceOf((target as { default: string }).default)] as const),
  )("%s reaches nothing but rxjs and its runtime", (key, entry) => {
    const packages = new Set<string>();
    for (const path of reachable(entry)) {
      expect(path.startsWith("cli/")).toBe(false);
      for (const { specifier } of importsOf(path)) if (!specifier.startsWith(".")) packages.add(specifier);
    }
    const runtime = /^\.\/(node|deno|bun)$/.test(key) ? builtinModules.map((name) => `node:${name}`) : [];
    const libraries = ["./memory", "./resp", "./rdb", "./commands"].includes(key) ? [] : ["rxjs"];
    expect([...packages].filter((name) => !runtime.includes(name) && !libraries.includes(name))).toEqual([]);
  });

  test("the names that scripts rely on are there", () => {
    expect(Object.keys(main)).toEqual(expect.arrayContaining(FIXED_NAMES));
  });

  test.each(["node", "deno", "bun"])(
    "rxreplica/%s offers every name of the main entry, and its runtime's",
    async (runtime) => {
      const entry = (await import(`../transports/${runtime}/mod.ts`)) as Record<string, unknown>;
      const own = ["clock", "connect", "createFileStore", "listFolder", "openFile", "openSpool"];
      expect(Object.keys(entry).sort()).toEqual([...Object.keys(main), ...own].sort());
      for (const name of FIXED_NAMES) expect(typeof entry[name]).toBe("function");
    },
  );

  test("the main entry refuses a path or URL without a runtime", async () => {
    const url = "redis://127.0.0.1:6379";
    expect(() => main.replicaBatches(url)).toThrow(expect.objectContaining({ code: "NO_RUNTIME" }));
    expect(() => main.replicate(url)).toThrow(expect.objectContaining({ code: "NO_RUNTIME" }));
    expect(() => main.notifications(url)).toThrow(expect.objectContaining({ code: "NO_RUNTIME" }));
    const batches = main.rdbBatches("dump.rdb")[Symbol.asyncIterator]();
    await expect(batches.next()).rejects.toMatchObject({ code: "NO_RUNTIME" });
  });
});

/** Public names of the main entry that scripts and docs rely on. */
const FIXED_NAMES = [
  "ReplicaError",
  "batch",
  "checkpoint",
  "collectValues",
  "createGate",
  "deriveNotifications",
  "filterCommands",
  "filterDbs",
  "filterKeys",
  "filterTypes",
  "notifications",
  "ofKind",
  "readAof",
  "readRdb",
  "replicaBatches",
  "replicate",
  "toCommands",
  "transactions",
];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

interface LockFile {
  readonly packages: Readonly<
    Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}

interface DenoManifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: { readonly rxjs: string };
}

/** `./dist/src/rdb/mod.js` is made from `./src/rdb/mod.ts`. */
function sourceOf(built: string): string {
  return built.replace("./dist/", "./").replace(/\.js$/, ".ts");
}

/** The entry and every file that it loads at run time. */
function reachable(entry: string): Set<string> {
  const seen = new Set<string>();
  const rest = [entry.replace("./", "")];
  for (let path = rest.pop(); path !== undefined; path = rest.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const { specifier, typeOnly } of importsOf(path)) {
      if (specifier.startsWith(".") && !typeOnly) rest.push(resolveFrom(path, specifier));
    }
  }
  return seen;
}

/** The first cycle of imports, as its files. Types that name each other are no cycle: nothing is loaded for them. */
function findCycle(files: readonly string[]): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of files) {
    const trail: { readonly path: string; readonly next: string[] }[] = [];
    const enter = (path: string): void => {
      const local = importsOf(path).filter(
        ({ specifier, typeOnly }) => specifier.startsWith(".") && !typeOnly,
      );
      trail.push({ path, next: local.map(({ specifier }) => resolveFrom(path, specifier)) });
    };
    if (!done.has(start)) enter(start);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const path = top.next.pop();
      if (path === undefined) {
        done.add(top.path);
        trail.pop();
      } else if (trail.some((step) => step.path === path)) {
        return [...trail.slice(trail.findIndex((step) => step.path === path)).map((step) => step.path), path];
      } else if (!done.has(path)) enter(path);
    }
  }
  return undefined;
}

/** The entry and what it imports as one script. */
function bundle(entry: string): string {
  const folder = mkdtempSync(join(tmpdir(), "rxreplica-bundle-"));
  try {
    const file = join(folder, "entry.ts");
    writeFileSync(file, entry);
    const bun = join(ROOT, "node_modules", ".bin", "bun");
    return execFileSync(bun, ["build", "--target=browser", "--format=iife", file], { encoding: "utf8" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

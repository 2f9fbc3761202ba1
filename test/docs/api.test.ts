import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exportsOf } from "../support/exports.ts";
import { ROOT, readSource } from "../support/sources.ts";
import { apiParts, complaints, withParts } from "./api_page.ts";

const PAGE = "docs/api.md";

describe("the reference of public names", () => {
  test("is what the sources say; RXREPLICA_WRITE_DOCS=1 writes it anew", () => {
    const page = readSource(PAGE);
    const wanted = withParts(page, apiParts());
    if (process.env.RXREPLICA_WRITE_DOCS === "1") writeFileSync(join(ROOT, PAGE), wanted);
    else expect(page).toBe(wanted);
    for (const name of apiParts().keys()) expect(page).toContain(`<!-- ${name} -->`);
  });

  test("each public name has a docstring and a chapter", () => {
    expect(complaints()).toEqual([]);
  });

  test.each([
    ["mod.ts", () => import("../../mod.ts")],
    ["src/resp/mod.ts", () => import("../../src/resp/mod.ts")],
    ["src/rdb/mod.ts", () => import("../../src/rdb/mod.ts")],
    ["src/commands/mod.ts", () => import("../../src/commands/mod.ts")],
    ["transports/memory/mod.ts", () => import("../../transports/memory/mod.ts")],
    ["transports/node/mod.ts", () => import("../../transports/node/mod.ts")],
  ])("what is read from %s is what it exports at run time", async (path, load) => {
    const values = [...exportsOf(path).values()].filter(
      ({ form }) => form !== "interface" && form !== "type",
    );
    expect(values.map(({ name }) => name).sort()).toEqual(Object.keys(await load()).sort());
  });
});

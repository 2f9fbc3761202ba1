/** Holds docs/supported.md to the tables in the code: `RXREPLICA_WRITE_DOCS=1` writes it anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { RdbFamily } from "../../src/events.ts";
import { KNOWN_MODULES } from "../../src/rdb/modules.ts";
import { OPCODE, VALUE_KINDS } from "../../src/rdb/opcodes.ts";
import { startValue } from "../../src/rdb/values/start_value.ts";

const PAGE = new URL("../../docs/supported.md", import.meta.url);

function valueTable(family: RdbFamily): string {
  const rows = VALUE_KINDS[family].flatMap((kind) => {
    if (kind === undefined) return [];
    const state =
      kind.form === "module-pre-ga"
        ? "refused: its form has no end"
        : startValue(kind.form) === undefined
          ? "refused: its layout is not known"
          : kind.provisional === true
            ? "decoded, provisional"
            : "decoded";
    return [`| ${kind.id} | ${kind.type} | ${kind.encoding} | ${kind.form} | ${kind.since} | ${state} |`];
  });
  return ["| byte | type | encoding | layout | since | state |", "|---|---|---|---|---|---|", ...rows].join(
    "\n",
  );
}

const OPCODES: Readonly<Record<keyof typeof OPCODE, string>> = {
  FAMILY_242:
    "Redis: fields of a hash template (≥ 8.10, provisional), kept for the hashes that refer to it. Valkey: a command inside the snapshot (9.2-dev), refused",
  FAMILY_243:
    "Redis: metadata of the next key (≥ 8.6), skipped, kept at level raw. Valkey: slot import under way (≥ 9.0), skipped",
  SLOT_INFO: "`slot-info` event",
  FUNCTION2: "`function` event",
  FUNCTION_PRE_GA: "`function` event (7.0 release candidates)",
  MODULE_AUX: "`module-aux` event, its data skipped",
  IDLE: "`idle` of the next key",
  FREQ: "`freq` of the next key",
  AUX: "`aux` event; Valkey's `slot-info` a `slot-info` event",
  RESIZEDB: "skipped",
  EXPIRETIME_MS: "`expireAt` of the next key",
  EXPIRETIME: "`expireAt` of the next key, from seconds",
  SELECTDB: "`db` of the keys that follow",
  EOF: "`end` event, after the checksum (version ≥ 5)",
  ENTERPRISE_LRU: "skipped (Redis Enterprise, provisional)",
  ENTERPRISE_SLOT: "skipped (Redis Enterprise, provisional)",
};

function opcodeTable(): string {
  const rows = Object.entries(OPCODE)
    .sort(([, a], [, b]) => b - a)
    .map(([name, byte]) => `| ${byte} | ${OPCODES[name as keyof typeof OPCODE]} |`);
  return ["| byte | becomes |", "|---|---|", ...rows].join("\n");
}

function moduleTable(): string {
  const rows = Object.entries(KNOWN_MODULES).map(([name, what]) => `| \`${name}\` | ${what} |`);
  return ["| type name | belongs to |", "|---|---|", ...rows].join("\n");
}

const SECTIONS: Readonly<Record<string, () => string>> = {
  "types-redis": () => valueTable("redis"),
  "types-valkey": () => valueTable("valkey"),
  opcodes: opcodeTable,
  modules: moduleTable,
};

test("docs/supported.md says what the tables in the code say", () => {
  let page = readFileSync(PAGE, "utf8");
  for (const [name, make] of Object.entries(SECTIONS)) {
    const pattern = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end -->)`);
    expect(page, `section ${name}`).toMatch(pattern);
    page = page.replace(pattern, (_, begin: string, end: string) => `${begin}${make()}\n${end}`);
  }
  if (process.env.RXREPLICA_WRITE_DOCS === "1") writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, "utf8")).toBe(page);
});

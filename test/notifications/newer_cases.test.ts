import { expect, test } from "vitest";
import type { AofCommand, RedisEvent } from "../../src/events.ts";
import { NotificationDeriver } from "../../src/notifications/derive/deriver.ts";
import { NEWER_CASES } from "./newer_cases.ts";

const NOW = 1_700_000_000_000;
const receivedAt = { earliest: NOW, latest: NOW };

function* commands(text: string): Generator<RedisEvent> {
  let tx: { startOffset: number } | undefined;
  for (const one of text.split(" ; ").filter(Boolean)) {
    const args = one.split(" ").map((word) => Uint8Array.from(Buffer.from(word)));
    const name = one.split(" ")[0]!.toUpperCase();
    if (name === "MULTI") tx = { startOffset: 0 };
    const command: Partial<AofCommand> = { kind: "aof", event: "command", db: 0, name, args, tx, receivedAt };
    yield command as AofCommand;
    if (name === "EXEC") tx = undefined;
  }
}

test.each(NEWER_CASES)("%s", (line) => {
  const [given, replicated, published] = line.split(" => ");
  const deriver = new NotificationDeriver({
    level: "values",
    maxBytes: Number.POSITIVE_INFINITY,
    selects: () => true,
    tolerance: 20,
    clockOffset: 0,
    server: { family: "redis", version: 808 },
  });
  for (const event of ["begin", "end"]) deriver.write({ kind: "rdb", event } as RedisEvent);
  for (const command of commands(given!)) deriver.write(command);
  const derived = [...commands(replicated!)].flatMap((command) => [...deriver.write(command)]);
  // Where the event in doubt may be what was published, it counts as that.
  const wanted = published!.split(", ").filter(Boolean);
  const said: string[] = [];
  for (const one of derived) {
    if (one.event === "gap" || one.source !== "derived" || !("mayBe" in one)) continue;
    const key = one.keyText;
    const at = said.length;
    const names = [...one.mayBe.filter((other) => other.includes("+")), one.event, ...one.mayBe].find(
      (other) => other.split("+").every((name, index) => wanted[at + index] === `${name} ${key}`),
    );
    if (names !== undefined) said.push(...names.split("+").map((name) => `${name} ${key}`));
    else if (!one.mayBe.includes("none")) said.push(`${one.event} ${key}`);
  }
  expect(said).toEqual(wanted);
});

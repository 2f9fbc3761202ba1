/**
 * A program that derives notifications, notes each in a file and keeps its place: `follower.ts URL FOLDER LEVEL`. It is killed in
 * the middle of its work and started again.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { checkpoint, createGate, deriveNotifications, restoreStates } from "../../mod.ts";
import type { DeriveLevel } from "../../src/notifications/notification.ts";
import { createFileStore, replicate } from "../../transports/node/mod.ts";

const [url, folder, level] = process.argv.slice(2) as [string, string, DeriveLevel];
const store = createFileStore(join(folder, "position.json"));
const saved = await store.load();
const derivation = deriveNotifications({ level });
const missing = restoreStates(saved, [derivation.state]);
if (saved !== undefined && missing.length > 0) throw new Error("the state is missing");
const gate = createGate();
const file = join(folder, "told.ndjson");
// What was told beyond the position is told again.
appendFileSync(file, `${JSON.stringify({ from: saved?.position.offset ?? 0 })}\n`);
replicate(url, { gate, position: saved?.position })
  .pipe(
    derivation,
    checkpoint(
      store,
      (told) => {
        if (told.event === "gap" || told.source !== "derived")
          throw new Error(`gap: ${JSON.stringify(told)}`);
        const { db, event, key, offset, level: used } = told as Extract<typeof told, { offset: number }>;
        const { certainty, mayBe } = told as Extract<typeof told, { offset: number }>;
        const name = Buffer.from(key).toString("latin1");
        appendFileSync(
          file,
          `${JSON.stringify({ db, event, name, offset, level: used, certainty, mayBe })}\n`,
        );
      },
      { gate, every: 20, states: [derivation.state] },
    ),
  )
  .subscribe({
    error: (error) => {
      process.stderr.write(`${error}\n`);
      process.exit(1);
    },
  });

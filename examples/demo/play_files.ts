/** The demo without a server: files that a real one wrote, through the same pipeline. */
import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { concatMap, lastValueFrom, tap } from "rxjs";
import { showNumber } from "../../cli/format/show.ts";
import { readAof, readRdb } from "../../transports/node/mod.ts";
import { arrival } from "./live.ts";
import { dim, heading, line, say, showLoading } from "./screen.ts";
import { SnapshotView } from "./snapshot.ts";

const RDB = fileURLToPath(new URL("../data/demo.rdb", import.meta.url));
const AOF = fileURLToPath(new URL("../data/demo.aof", import.meta.url));
/** Pause between two commands, so that eyes can follow. */
const PAUSE_MS = 400;

export async function playFiles(reason: string): Promise<void> {
  line(`None can be had here: ${reason}.`);
  line("Instead: files that a real server wrote earlier, through the same pipeline.");

  heading("Its snapshot, an RDB file");
  const { size } = await stat(RDB);
  const snapshot = new SnapshotView();
  const finishLoading = showLoading(snapshot.loading, { bytes: size });
  await lastValueFrom(readRdb(RDB).pipe(tap((event) => event.kind === "rdb" && snapshot.see(event))));
  snapshot.loading.bytes = size;
  finishLoading();
  say();
  snapshot.print();

  heading("Its writes, an AOF file");
  let writes = 0;
  const shown = readAof(AOF).pipe(
    concatMap(async (event) => {
      if (event.kind !== "aof" || event.event !== "command") return;
      writes++;
      line(arrival(event, ""));
      await sleep(PAUSE_MS);
    }),
  );
  await lastValueFrom(shown);

  heading("That was all");
  line(`${showNumber(snapshot.loading.keys, "key")} and ${showNumber(writes, "write")}, in order.`);
  say();
  line(`${dim("with a server of your own")}  npx tsx cli/main.ts tail redis://127.0.0.1:6379`);
  say();
}

/** The demo with a real server. */
import { setTimeout as sleep } from "node:timers/promises";
import { firstValueFrom, ReplaySubject } from "rxjs";
import { showCount, showNumber } from "../../cli/format/show.ts";
import { replicate } from "../../transports/node/mod.ts";
import { EXPIRY_MS, STEPS } from "./data.ts";
import { LiveView } from "./live.ts";
import { bold, dim, finishLine, heading, LEFT, line, say, showLoading, startLine } from "./screen.ts";
import { SnapshotView } from "./snapshot.ts";
import type { DemoServer } from "./source.ts";

/** Pause between two steps, so that eyes can follow. */
const PAUSE_MS = 600;
/** Time to read what the snapshot held, ms. */
const READING_MS = 1500;

export async function playServer({ server, client }: DemoServer): Promise<void> {
  const keys = Number(await client.text("DBSIZE"));
  line(
    `${bold(`${server.family} ${server.version}`)} on port ${server.port}, filled with ${showNumber(keys, "key")}`,
  );

  heading("We attach as a replica: first comes a snapshot of everything");
  const snapshot = new SnapshotView();
  const live = new LiveView();
  const online = new ReplaySubject<void>(1);
  let finishLoading: (() => void) | undefined;
  const link = replicate(server.url).subscribe({
    next(event) {
      if (event.kind === "rdb") {
        finishLoading ??= showLoading(snapshot.loading, { keys });
        snapshot.see(event);
      } else if (event.kind === "aof") {
        if (event.event === "command") live.see(event);
      } else if (event.event === "online") online.next();
    },
    error: (error: unknown) => online.error(error),
  });
  await firstValueFrom(online);
  finishLoading?.();
  say();
  snapshot.print();
  await sleep(READING_MS);

  heading("Then each write arrives as it happens");
  startLine(dim("a client sends"), 14);
  finishLine(dim("arrives here"));
  for (const step of STEPS) {
    await live.play(step, (command) => client.command(command));
    await sleep(PAUSE_MS);
  }
  const seen = live.commands;
  await live.until(() => live.commands > seen, EXPIRY_MS * 2);
  line(dim(`${" ".repeat(LEFT)}↑ nobody asked: the code's time was over`));

  await summary(live, Number((await client.info("replication")).master_repl_offset), snapshot.loading.keys);
  link.unsubscribe();
  await client.close();
  await server.stop();
}

async function summary(live: LiveView, offset: number, keys: number): Promise<void> {
  heading("That was all");
  const same = live.offset === offset ? ": not a byte is missing" : "";
  line(`${showNumber(keys, "key")} and ${showNumber(live.commands, "write")}, in order.`);
  line(
    `The server has written ${showCount(offset)} bytes of history, we have seen ${showCount(live.offset)}${same}.`,
  );
  say();
  line(`${dim("the same on the command line")}   npx tsx cli/main.ts tail redis://127.0.0.1:6379`);
  line(`${dim("the same in ten lines of code")}  README.md`);
  say();
}

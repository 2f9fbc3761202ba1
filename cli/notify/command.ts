import { type Command, Option } from "commander";
import { DERIVE_LEVELS } from "../../src/notifications/notification.ts";
import { collect, collectDb } from "../options.ts";
import type { NotifyOptions } from "./options.ts";

/** Adds what `rxreplica notify` takes; its code is loaded when it runs. */
export function notifyCommand(command: Command, finish: (status: number) => void): Command {
  return command
    .summary("keyspace notifications, received or derived from the replication stream")
    .description(
      "Prints keyspace notifications as they happen, until it is interrupted. They come through pub/sub, which the server must have switched on and which loses what happens while the connection is down; with --derive they are computed from the replication stream, without gaps and without any setting.",
    )
    .argument(
      "<url>",
      "redis[s]://[user:password@]host[:port][/db], unix:///path or redis[s]-cluster://host:port,…",
    )
    .option("--derive", "compute them from the replication stream")
    .addOption(
      new Option("--level <level>", "with --derive: what to remember of the data set")
        .choices(DERIVE_LEVELS)
        .default("members"),
    )
    .option("--flags <letters>", "only events of these classes, as in notify-keyspace-events")
    .option("-e, --event <name>", "only events of this name (repeatable)", collect)
    .option("-m, --match <glob>", "only keys that match (repeatable)", collect)
    .option("-n, --db <number>", "only this database (repeatable)", collectDb)
    .option("--configure", "switch on at the server what is missing, and put it back at the end")
    .addOption(
      new Option("-f, --format <format>", "text on a terminal, else ndjson").choices(["ndjson", "text"]),
    )
    .action(async (url: string, options: NotifyOptions) => {
      const { notify } = await import("../commands/notify.ts");
      finish(await notify(url, options));
    });
}

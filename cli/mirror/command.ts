import { type Command, Option } from "commander";
import { collectDb } from "../options.ts";
import { collectDbMap, collectRenaming, type MirrorOptions } from "./options.ts";

/** Adds what `mirror` takes beside a source; `finish` receives its exit status. */
export function mirrorCommand(command: Command, finish: (status: number) => void): Command {
  return command
    .summary("a server's snapshot and writes, applied to another server or cluster")
    .description(
      "Applies every key of a source to another server or cluster, then every write as it happens, until it is interrupted. A file is applied to its end.",
    )
    .argument("<source>", "where to read from, see below")
    .argument("<url>", "the target: redis[s]://…, unix://… or redis[s]-cluster://…")
    .addOption(
      new Option("--via <form>", "the form that keys of the snapshot go over in")
        .choices(["commands", "restore"])
        .default("commands"),
    )
    .option("--no-snapshot", "leave out the keys that are there: writes from now on")
    .option("--no-stream", "end after the snapshot")
    .option("--flush", "empty the target before a snapshot")
    .option("--merge", "keep what the target holds; keys of the same name are replaced")
    .option(
      "--resume <file>",
      "go on at the position kept in this file, and keep it there: writes at least once",
    )
    .option(
      "--resume-in-target [key]",
      "keep the position in the target, together with what it stands for: writes once",
    )
    .option("--resume-db <number>", "the target's database for that key", (value) => collectDb(value)[0], 0)
    .option("--db-map <source=target>", "another database in the target (repeatable)", collectDbMap)
    .option(
      "--rename <from=to>",
      "another beginning of keys, or a prefix for all (repeatable)",
      collectRenaming,
    )
    .addOption(
      new Option("--on-error <what>", "what a command that the target refuses does")
        .choices(["stop", "skip"])
        .default("stop"),
    )
    .addOption(
      new Option("--cross-slot <what>", "transactions across slots of a target cluster")
        .choices(["stop", "split"])
        .default("stop"),
    )
    .addOption(
      new Option(
        "--import-mode <when>",
        "let the source alone expire keys, where the target can (Valkey 8.1)",
      )
        .choices(["auto", "off"])
        .default("auto"),
    )
    .option(
      "--loop-guard <key>",
      "leave out what a mirror wrote to the source that keeps its position in this key",
    )
    .option("--target-ca <file>", "certificate authorities to trust for the target, PEM")
    .option("--target-cert <file>", "client certificate for the target, PEM")
    .option(
      "--target-key <file>",
      "private key of that certificate, PEM; its passphrase comes from RXREPLICA_TARGET_KEY_PASSPHRASE",
    )
    .option("--target-insecure", "do not verify the target's certificate")
    .action(async (source: string, url: string, options: MirrorOptions) => {
      const { mirror } = await import("../commands/mirror.ts");
      finish(await mirror(source, url, options));
    });
}

import { Command, Option } from "commander";
import { mirrorCommand } from "./mirror/command.ts";
import { notifyCommand } from "./notify/command.ts";
import {
  collect,
  collectDb,
  collectSlots,
  collectType,
  type DoctorOptions,
  FORMATS,
  type PrintOptions,
  positive,
  type StatsCommandOptions,
  type TailOptions,
} from "./options.ts";
import { VERSION } from "./version.ts";

const SOURCES = `
SOURCE is one of
  redis[s]://[user:password@]host[:port]     a server; rediss:// is TLS
  unix:///path/to/redis.sock                 a server's Unix socket
  redis[s]-sentinel://host:port,…/NAME       the primary that Sentinels name
  redis[s]-cluster://host:port,…             every shard of a cluster
  dump.rdb, appendonly.aof                   a file; "-" is standard input
  appendonlydir or its manifest              a multi-part AOF

A password may also come from the environment: REDISCLI_AUTH, that of Sentinels only from SENTINELCLI_AUTH.
What an encrypted --key is encrypted with comes from RXREPLICA_KEY_PASSPHRASE.`;

/** Builds the argument parser. Each command's code is loaded when it runs; `finish` receives its exit status. */
export function createProgram(finish: (status: number) => void): Command {
  const program = new Command("rxreplica")
    .description(
      "The snapshot and the live writes of a Redis or Valkey server, of RDB files and of AOF files.",
    )
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print a command's help")
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError("(rxreplica --help tells more)")
    .addHelpText(
      "after",
      `
Examples
  rxreplica tail redis://127.0.0.1:6379                 every key, then every write as it happens
  rxreplica tail redis://127.0.0.1 --no-snapshot --match 'user:*' --format ndjson
  rxreplica dump dump.rdb --type hash --keys-only       the hashes in a file
  rxreplica dump dump.rdb --count                       totals only`,
    );

  printing(program.command("tail"))
    .summary("a server's snapshot, then its writes as they happen")
    .description("Prints every key of a server, then every write as it happens, until it is interrupted.")
    .argument("<source>", "where to read from, see below")
    .option("--no-snapshot", "leave the keys out: writes from now on")
    .option("--no-stream", "end after the snapshot")
    .option("--resume <file>", "go on at the position kept in this file, and keep it there")
    .addHelpText("after", SOURCES)
    .action(async (source: string, options: TailOptions) => {
      const { tail } = await import("./commands/tail.ts");
      finish(await tail(source, options));
    });

  printing(program.command("dump"))
    .summary("every entry of a file or of a server's snapshot")
    .description("Prints every entry of an RDB or AOF file, or of a server's snapshot.")
    .argument("<source>", "where to read from, see below")
    .addHelpText("after", SOURCES)
    .action(async (source: string, options: PrintOptions) => {
      const { dump } = await import("./commands/dump.ts");
      finish(await dump(source, options));
    });

  notifyCommand(reaching(program.command("notify")), finish);

  mirrorCommand(reading(program.command("mirror")), finish).addHelpText("after", SOURCES);

  reading(program.command("stats"))
    .summary("counts, sizes and times to live, by type, database and prefix")
    .description(
      "Tells what takes the room in a file or a server's snapshot: counts, bytes and times to live by type, database and key prefix, and the biggest keys. Memory does not grow with the input.",
    )
    .argument("<source>", "where to read from, see below")
    .addOption(
      new Option("-f, --format <format>", "text on a terminal, else ndjson").choices(["ndjson", "text"]),
    )
    .option("--separator <character>", "ends a prefix in a key", ":")
    .option("--depth <number>", "separators in a prefix", positive, 1)
    .option("--top <number>", "how many of the biggest keys", positive, 10)
    .addHelpText("after", SOURCES)
    .action(async (source: string, options: StatsCommandOptions) => {
      const { stats } = await import("./commands/stats.ts");
      finish(await stats(source, options));
    });

  reaching(program.command("doctor"))
    .summary("what of a server's settings will and will not work, and what to change")
    .description(
      "Looks at a server's role, version, permissions, backlog, buffers and settings without changing anything, and says what will and will not work, and what to change. Exit status 1 when a link cannot work.",
    )
    .argument(
      "<url>",
      "redis[s]://[user:password@]host[:port], unix:///path, redis[s]-sentinel://… or redis[s]-cluster://…",
    )
    .addOption(
      new Option("-f, --format <format>", "text on a terminal, else ndjson").choices(["ndjson", "text"]),
    )
    .action(async (url: string, options: DoctorOptions) => {
      const { doctor } = await import("./commands/doctor.ts");
      finish(await doctor(url, options));
    });

  return program;
}

/** Adds what every command that prints events takes. */
function printing(command: Command): Command {
  command
    .addOption(new Option("-f, --format <format>", "text on a terminal, else ndjson").choices(FORMATS))
    .option("--count", "visit everything, print the totals only")
    .option("--keys-only", "leave the values out")
    .option("--raw", "values as serialized payloads that RESTORE takes")
    .option("--progress-events", "print the link's progress events too");
  return reading(command);
}

/** Adds what every command that reads a source takes. */
function reading(command: Command): Command {
  command
    .option("-m, --match <glob>", "only keys that match, and commands that name one (repeatable)", collect)
    .option("-n, --db <number>", "only this database (repeatable)", collectDb)
    .option("-t, --type <type>", "only keys of this type in the snapshot (repeatable)", collectType)
    .option("-c, --command <name>", "only commands of this name (repeatable)", collect)
    .option("--family <name>", "only commands of this group, such as sorted-set (repeatable)", collect)
    .option("--flag <name>", "only commands with this flag, such as denyoom (repeatable)", collect)
    .option(
      "--slot <range>",
      "only keys in this cluster slot, or range such as 0-5460 (repeatable)",
      collectSlots,
    );
  return reaching(command);
}

/** Adds how to reach a server. */
function reaching(command: Command): Command {
  return command
    .option("--user <name>", "ACL user")
    .option("--sentinel-user <name>", "ACL user of the Sentinels")
    .option("--ca <file>", "certificate authorities to trust, PEM")
    .option("--cert <file>", "client certificate, PEM")
    .option("--key <file>", "private key of the client certificate, PEM")
    .option("--insecure", "do not verify the server's certificate")
    .option("--debug", "print stack traces with errors");
}

/**
 * Moves a server's data to another while it is in use, with progress. `npx tsx examples/live_migration.ts SOURCE TARGET`.
 * The target has to be empty. A key `example:moved`, written to the source at the end, tells when everything before it has arrived.
 */
import { createClient, ErrorReply } from "redis";
import { concatMap, filter, firstValueFrom, tap } from "rxjs";
import { applyTo, createGate, replicate, type TargetClient, toCommands } from "../transports/node/mod.ts";

const [source = "redis://127.0.0.1:6379", target = "redis://127.0.0.1:6380"] = process.argv.slice(2);
const from = await createClient({ url: source }).connect();
const to = await createClient({ url: target, socket: { reconnectStrategy: false } }).connect();

const writer: TargetClient = {
  send: (commands) =>
    Promise.all(
      commands.map((args) =>
        to.sendCommand(args.map((arg) => Buffer.from(arg))).catch((error: unknown) => {
          if (error instanceof ErrorReply) return error;
          throw error;
        }),
      ),
    ) as ReturnType<TargetClient["send"]>,
};

const gate = createGate();
let keys = 0;
let loaded = "loading";
const arrived = replicate(source, { gate }).pipe(
  tap((event) => {
    if (event.kind === "rdb" && event.event === "key" && event.part === 0) keys++;
    if (event.event !== "online") return;
    loaded = "following";
    // Here the writers would be told to stop.
    void from.set("example:moved", "yes");
  }),
  toCommands(),
  applyTo(writer, { gate }),
  tap(({ totals }) =>
    console.log(`${loaded}: ${keys} keys, ${totals.commands} commands, ${totals.bytes} bytes`),
  ),
  concatMap(() => to.get("example:moved")),
  filter((mark) => mark !== null),
);
await firstValueFrom(arrived);
console.log(`moved: ${await to.dbSize()} keys in the target, ${await from.dbSize()} in the source`);
from.destroy();
to.destroy();

import { Subject } from "rxjs";
import type { RedisEvent } from "../../src/events.ts";
import { EVENT_NAMES, flagOf } from "../../src/notifications/event_flags.ts";
import { parseFlags } from "../../src/notifications/flags.ts";
import { deriveNotifications } from "../../src/rx/derive_notifications.ts";
import { notifications } from "../../src/rx/notifications.ts";
import { clock } from "../../transports/shared/clock.ts";
import { asUsage, EXIT, UsageError } from "../errors.ts";
import { untilStopped } from "../event_source.ts";
import { notificationText, type Told, writeNotification } from "../notify/lines.ts";
import type { NotifyOptions } from "../notify/options.ts";
import { Output } from "../output.ts";
import { loadConnect } from "../runtime.ts";
import { listenForStop } from "../signals.ts";
import { openServer, parseServer, readTls, sentinelAccess } from "../sources/server.ts";

/** `rxreplica notify URL` */
export async function notify(url: string, options: NotifyOptions): Promise<number> {
  if (options.derive === true && options.configure === true)
    throw new UsageError("--configure has no meaning with --derive, which needs no setting");
  const { signal } = listenForStop();
  const output = new Output();
  const text = (options.format ?? (process.stdout.isTTY === true ? "text" : "ndjson")) === "text";
  const write = (told: Told): void => {
    if (text) {
      output.block.text(notificationText(told));
      output.block.byte(0x0a);
    } else writeNotification(output.block, told);
  };
  if (options.derive === true) await derive(url, options, signal, output, write);
  else await receive(url, options, signal, output, write);
  await output.drain();
  return EXIT.ok;
}

/** Events at the pace of the output, which thereby reaches the link. */
async function derive(
  url: string,
  options: NotifyOptions,
  signal: AbortSignal,
  output: Output,
  write: (told: Told) => void,
): Promise<void> {
  const { level, match: keys, flags, event } = options;
  const source = parseServer(url);
  const urlDb = source.kind === "server" && source.db !== undefined ? [source.db] : undefined;
  const derivation = asUsage(() => deriveNotifications({ level, keys, dbs: options.db ?? urlDb, flags }));
  const wanted = event === undefined ? undefined : new Set(event);
  const events = new Subject<RedisEvent>();
  events.pipe(derivation).subscribe((told) => {
    if (wanted === undefined || told.event === "gap" || wanted.has(told.event)) write(told);
  });
  const { ca, cert, key, insecure, user, sentinelUser } = options;
  const access = {
    ...(sentinelUser && { sentinelUser }),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(user && { user }),
  };
  // Without the keys of the snapshot there is nothing to remember; with a filter of the source there would be too little.
  const link = urlDb === undefined ? url : url.replace(/\/\d+$/, "");
  const { batches } = await openServer(
    link,
    { ...access, ...(insecure === true && { insecure }) },
    { snapshot: level !== "stateless", stream: true },
    signal,
  );
  for await (const batch of untilStopped(batches, signal)) {
    for (const one of batch) {
      events.next(one);
      if (output.full) await output.flush();
    }
    await output.flush();
    if (output.closed) return;
  }
}

async function receive(
  url: string,
  options: NotifyOptions,
  signal: AbortSignal,
  output: Output,
  write: (told: Told) => void,
): Promise<void> {
  const source = parseServer(url);
  const tls = await readTls(source, options);
  const connect = await loadConnect();
  let stopped = (): void => {};
  const done = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const received = asUsage(() =>
    notifications(url, {
      connect,
      clock,
      ...(tls && { tls }),
      username: options.user,
      password: source.password ?? process.env.REDISCLI_AUTH,
      ...(source.kind === "sentinel" && { sentinel: sentinelAccess(options) }),
      keys: options.match,
      dbs: options.db,
      events: eventsOf(options),
      configure: options.configure,
      restore: options.configure,
      onStopped: stopped,
    }),
  );
  await new Promise<void>((resolve, reject) => {
    let flushing = false;
    const flush = async (): Promise<void> => {
      flushing = true;
      try {
        while (output.block.length > 0) await output.flush();
        if (output.closed) end();
      } catch (error) {
        subscription.unsubscribe();
        reject(error);
      }
      flushing = false;
    };
    const subscription = received.subscribe({
      next(told) {
        write(told);
        if (!flushing) void flush();
      },
      error: reject,
    });
    const end = (): void => {
      subscription.unsubscribe();
      resolve();
    };
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  }).finally(() => done);
}

/** The events that `--event` and `--flags` leave; `undefined` for all. */
function eventsOf({ flags, event }: NotifyOptions): readonly string[] | undefined {
  if (flags === undefined) return event;
  const chosen = parseFlags(flags);
  return (event ?? EVENT_NAMES).filter((name) => chosen.has(flagOf(name)));
}

import type { AofCommand } from "../events.ts";

/** Where Sentinels greet each other; in another server it would join its Sentinels to those of the source. */
const SENTINEL_HELLO = "__sentinel__:hello";

/** Whether a command is the affair of the source's own servers and must not reach others: slots of its cluster, its Sentinels. */
export function isSourcesOwn(command: AofCommand): boolean {
  if (command.name === "PUBLISH") return command.text(1) === SENTINEL_HELLO;
  if (command.name !== "CLUSTER") return false;
  const sub = command.text(1)?.toUpperCase();
  return sub === "SETSLOT" || sub === "SYNCSLOTS";
}

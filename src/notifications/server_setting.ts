import type { Connection } from "../client/connection.ts";
import { fieldsOf, textOf } from "../client/reply.ts";
import { ReplicaError } from "../errors.ts";
import type { SubscriptionPlan } from "./subscription_plan.ts";

const SETTING = "notify-keyspace-events";
const ALL = "g$lshzxetda";
const OUTSIDE_ALL: ReadonlySet<string> = new Set(["m", "n", "o", "c"]);

/**
 * Makes sure that the server publishes what a plan needs, or says what to set. With `configure` it is set, together with what
 * is there. Returns what was there before if it was changed.
 *
 * Throws `ReplicaError` `CONFIG`.
 */
export async function ensureSetting(
  connection: Connection,
  plan: SubscriptionPlan,
  configure: boolean,
): Promise<string | undefined> {
  const present = await readSetting(connection, plan);
  const missing = missingLetters(present, plan);
  if (missing === "") return undefined;
  const wanted = present + missing;
  if (!configure) {
    throw new ReplicaError(
      "CONFIG",
      `Cannot receive notifications: ${SETTING} is ${JSON.stringify(present)} and lacks ${JSON.stringify(missing)}; run CONFIG SET ${SETTING} ${wanted}, or let it be added (configure)`,
    );
  }
  await writeSetting(connection, wanted);
  return present;
}

/** Sets the setting. */
export async function writeSetting(connection: Connection, value: string): Promise<void> {
  try {
    await connection.request(["CONFIG", "SET", SETTING, value]);
  } catch (error) {
    throw refused(error, "SET", `have an administrator set it to ${JSON.stringify(value)}`);
  }
}

async function readSetting(connection: Connection, plan: SubscriptionPlan): Promise<string> {
  try {
    const fields = fieldsOf(await connection.request(["CONFIG", "GET", SETTING]), "CONFIG GET");
    return textOf(fields.get(SETTING), "CONFIG GET");
  } catch (error) {
    const letters = `${plan.channelFlag}${plan.classes.join("") || "A"}`;
    throw refused(error, "GET", `set it to ${letters} where the server is run and give check: false`);
  }
}

/** Letters that a setting lacks for a plan; any class does where no events are named. */
function missingLetters(present: string, plan: SubscriptionPlan): string {
  const has = (letter: string): boolean =>
    present.includes(letter) || (present.includes("A") && !OUTSIDE_ALL.has(letter) && ALL.includes(letter));
  // Servers do not print what else is on besides A; asking for it once more does no harm.
  const classes: readonly string[] =
    plan.classes.length > 0 ? plan.classes : [...ALL, "A", "m"].some((letter) => has(letter)) ? [] : ["A"];
  return [plan.channelFlag, ...classes].filter((letter) => !has(letter)).join("");
}

function refused(error: unknown, verb: string, remedy: string): unknown {
  if (!(error instanceof ReplicaError)) return error;
  if (error.code !== "NOPERM" && error.code !== "UNKNOWN_COMMAND" && error.code !== "SERVER") return error;
  return new ReplicaError("CONFIG", `Cannot ${verb} ${SETTING}: ${error.message}; ${remedy}`, {
    cause: error,
  });
}

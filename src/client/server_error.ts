/**
 * Error replies as coded errors. The texts are those of server.c and replication.c of the servers: first word by convention, but not
 * always (old servers say `ERR` for everything).
 */
import { type ErrorCode, ReplicaError } from "../errors.ts";

/** Longest piece of a server's text that goes into a message, in characters. */
const MAX_TEXT = 500;

/** First words that say it all. */
const BY_WORD: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ["NOAUTH", "NOAUTH"],
  ["WRONGPASS", "WRONGPASS"],
  ["NOPERM", "NOPERM"],
  ["LOADING", "LOADING"],
  ["NOMASTERLINK", "NOMASTERLINK"],
  ["MASTERDOWN", "MASTERDOWN"],
  ["BUSY", "BUSY"],
]);

/** What stands after `ERR`, lower case, where the first word tells nothing. */
const BY_TEXT: readonly (readonly [start: string, code: ErrorCode])[] = [
  ["unknown command", "UNKNOWN_COMMAND"],
  ["unknown subcommand", "UNKNOWN_COMMAND"],
  // Redis 5.0 and older.
  ["invalid password", "WRONGPASS"],
  // Redis 2.6 and older.
  ["operation not permitted", "NOAUTH"],
  // Redis 3.2 and older.
  ["can't sync while not connected with my master", "NOMASTERLINK"],
];

/** A password was given to a server without one. Not a wrong password: there is none to be right. Newer servers and older. */
const NO_PASSWORD_SET =
  /^(?:ERR )?(?:AUTH <password> called without any password|Client sent AUTH, but no password is set)/i;

/** What `serverError` may add to the server's text, and what it must take out of it. */
export interface ServerErrorOptions {
  /** What could not be done, as the end of "Cannot …": `authenticate`, `run ROLE`. */
  readonly doing?: string | undefined;
  /** Words that must not stand in the message even if the server repeats them: passwords. */
  readonly secrets?: readonly string[] | undefined;
}

/**
 * The code that an error reply stands for; `SERVER` for any that has no code of its own.
 *
 * @param text the reply without its leading `-`, such as `LOADING Redis is loading the dataset in memory`
 */
export function serverErrorCode(text: string): ErrorCode {
  if (NO_PASSWORD_SET.test(text)) return "CONFIG";
  const space = text.indexOf(" ");
  const word = space < 0 ? text : text.slice(0, space);
  const known = BY_WORD.get(word);
  if (known !== undefined) return known;
  const rest = (word === "ERR" ? text.slice(4) : text).toLowerCase();
  for (const [start, code] of BY_TEXT) {
    if (rest.startsWith(start)) return code;
  }
  return "SERVER";
}

/**
 * Makes the coded error for an error reply of the server. The server's text is kept, passwords are not: servers repeat
 * the arguments of a command they do not know (`HELLO 3 AUTH user password` on an old one), and that part is cut off.
 *
 * @param text the reply without its leading `-`
 */
export function serverError(text: string, options: ServerErrorOptions = {}): ReplicaError {
  const subject = options.doing === undefined ? "The server refused" : `Cannot ${options.doing}`;
  if (NO_PASSWORD_SET.test(text)) {
    const why =
      "a password was given, but the server has none for its default user; leave the password out, or name a user";
    return new ReplicaError("CONFIG", `${subject}: ${why}`);
  }
  return new ReplicaError(serverErrorCode(text), `${subject}: ${presentable(text, options.secrets ?? [])}`);
}

/** The server's text on one line, bounded, without arguments that were sent to it. */
function presentable(text: string, secrets: readonly string[]): string {
  const args = text.search(/,? with args beginning with/i);
  let shown = args < 0 ? text : text.slice(0, args);
  for (const secret of secrets) {
    if (secret !== "") shown = shown.replaceAll(secret, "***");
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a server's bytes must not steer a terminal
  shown = shown.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
  return shown.length > MAX_TEXT ? `${shown.slice(0, MAX_TEXT)}…` : shown;
}

/**
 * Commands whose keys no key specification describes fully: options that may stand anywhere, keys in another db, access
 * that depends on the options. Each reads the arguments as the servers do.
 */
import { indexArgument, isWord } from "./arguments.ts";
import type { CommandLike, KeyAccess } from "./types.ts";

/** A `KeyVisitor` that is also told what happens to the key. */
export type AccessVisitor = (index: number, db: number | undefined, access: KeyAccess) => boolean;

/** Visits the keys of one command; `true` when stopped, `undefined` for malformed arguments. */
export type KeyReader = (command: CommandLike, visit: AccessVisitor) => boolean | undefined;

/** SORT key [BY pattern] [LIMIT offset count] [GET pattern …] … [STORE destination]. The last STORE counts. */
function sortKeys(command: CommandLike, visit: AccessVisitor): boolean {
  let store = 0;
  for (let i = 2; i < command.argc; i++) {
    const word = command.arg(i);
    if (isWord(word, "LIMIT")) i += 2;
    else if (isWord(word, "GET") || isWord(word, "BY")) i += 1;
    else if (isWord(word, "STORE") && i + 1 < command.argc) store = ++i;
  }
  if (visit(1, undefined, "RO")) return true;
  return store > 0 && visit(store, undefined, "OW");
}

/** GEORADIUS key longitude latitude radius unit […] [STORE key | STOREDIST key]; options begin at `from`. */
function georadiusKeys(from: number): KeyReader {
  return (command, visit) => {
    let store = 0;
    for (let i = from; i + 1 < command.argc; i++) {
      const word = command.arg(i);
      if (isWord(word, "COUNT")) i += 1;
      else if (isWord(word, "STORE") || isWord(word, "STOREDIST")) store = ++i;
    }
    if (visit(1, undefined, "RO")) return true;
    return store > 0 && visit(store, undefined, "OW");
  };
}

/**
 * MIGRATE host port key|"" db timeout [COPY] [REPLACE] [AUTH pw | AUTH2 user pw] [KEYS key …]. KEYS wants the empty key
 * before it, which without KEYS is a key like any other.
 */
function migrateKeys(command: CommandLike, visit: AccessVisitor): boolean | undefined {
  for (let i = 6; i < command.argc; i++) {
    const word = command.arg(i);
    if (isWord(word, "AUTH")) i += 1;
    else if (isWord(word, "AUTH2")) i += 2;
    else if (isWord(word, "KEYS")) {
      if (command.arg(3)!.length > 0) return undefined;
      for (let key = i + 1; key < command.argc; key++) {
        if (visit(key, undefined, "RW")) return true;
      }
      return false;
    }
  }
  return visit(3, undefined, "RW");
}

/** MOVE key db: the key leaves the db the command runs in and appears in the other. */
function moveKeys(command: CommandLike, visit: AccessVisitor): boolean | undefined {
  const db = indexArgument(command.arg(2));
  if (db === undefined) return undefined;
  return visit(1, undefined, "RW") || visit(1, db, "OW");
}

/** COPY source destination [DB db] [REPLACE]. */
function copyKeys(command: CommandLike, visit: AccessVisitor): boolean | undefined {
  let db: number | undefined;
  for (let i = 3; i < command.argc; i++) {
    if (!isWord(command.arg(i), "DB")) continue;
    db = indexArgument(command.arg(++i));
    if (db === undefined) return undefined;
  }
  return visit(1, undefined, "RO") || visit(2, db, "OW");
}

/** SET key value […]: with GET the old value is read too. */
function setKeys(command: CommandLike, visit: AccessVisitor): boolean {
  let get = false;
  for (let i = 3; i < command.argc && !get; i++) get = isWord(command.arg(i), "GET");
  return visit(1, undefined, get ? "RW" : "OW");
}

/** BITFIELD key [GET …] [SET …] [INCRBY …]: reads only unless it sets or increments. */
function bitfieldKeys(command: CommandLike, visit: AccessVisitor): boolean {
  let writes = false;
  for (let i = 2; i < command.argc && !writes; i++) {
    const word = command.arg(i);
    if (isWord(word, "GET") && i + 2 < command.argc) i += 2;
    else if (isWord(word, "OVERFLOW") && i + 1 < command.argc) i += 1;
    // SET, INCRBY, and what cannot be told.
    else writes = true;
  }
  return visit(1, undefined, writes ? "RW" : "RO");
}

/** By command name; the rows of these commands are marked `special`. */
export const SPECIAL_KEYS: ReadonlyMap<string, KeyReader> = new Map<string, KeyReader>([
  ["SORT", sortKeys],
  ["GEORADIUS", georadiusKeys(6)],
  ["GEORADIUSBYMEMBER", georadiusKeys(5)],
  ["MIGRATE", migrateKeys],
  ["MOVE", moveKeys],
  ["COPY", copyKeys],
  ["SET", setKeys],
  ["BITFIELD", bitfieldKeys],
]);

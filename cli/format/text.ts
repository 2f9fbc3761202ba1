import type { AofEvent, LinkEvent, RdbEvent, RdbKey, RedisEvent, StreamValue } from "../../src/events.ts";
import { columnsOf, showBytes, showCount, showDuration, showNumber, showText, showTime } from "./show.ts";

/** The colours used; `picocolors.createColors()` has this shape. */
export interface Colors {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
  magenta(text: string): string;
  cyan(text: string): string;
}

const plain = (text: string): string => text;

/** No colours. */
export const PLAIN: Colors = {
  bold: plain,
  dim: plain,
  red: plain,
  green: plain,
  yellow: plain,
  blue: plain,
  magenta: plain,
  cyan: plain,
};

export interface TextOptions {
  readonly colors?: Colors;
  /** Columns to cut a line at; `undefined` prints it whole. */
  readonly width?: number | undefined;
  readonly keysOnly?: boolean;
}

/** One event as one line for people, without the line end. */
export function textLine(event: RedisEvent, options: TextOptions = {}): string {
  const line = new Line(options.width ?? Number.POSITIVE_INFINITY);
  const colors = options.colors ?? PLAIN;
  if (event.shard !== undefined) line.add(`${showText(event.shard)} `, colors.dim);
  if (event.kind === "aof") aof(line, colors, event);
  else if (event.kind === "link") link(line, colors, event);
  else if (event.event === "key") key(line, colors, event, options.keysOnly === true);
  else rdb(line, colors, event);
  return line.text;
}

/** A line that stops growing at its width, so that a value of a million elements costs no more than what is seen of it. */
class Line {
  text = "";
  #left: number;

  constructor(width: number) {
    this.#left = width;
  }

  get left(): number {
    return this.#left;
  }

  add(text: string, color: (text: string) => string = plain): void {
    if (this.#left <= 0) return;
    const columns = columnsOf(text);
    if (columns <= this.#left) {
      this.#left -= columns;
      this.text += color(text);
      return;
    }
    let cut = "";
    let room = this.#left - 1;
    for (const character of text) {
      room -= columnsOf(character);
      if (room < 0) break;
      cut += character;
    }
    this.#left = 0;
    this.text += color(`${cut}…`);
  }
}

function key(line: Line, colors: Colors, event: RdbKey, keysOnly: boolean): void {
  line.add(event.type.padEnd(6), colors.cyan);
  line.add(` ${String(event.db).padStart(2)}  `, colors.dim);
  line.add(showBytes(event.key, line.left), colors.bold);
  if (event.part > 0 || !event.last)
    line.add(`  part ${event.part}${event.last ? ", last" : ""}`, colors.dim);
  if (event.expireAt !== undefined) line.add(`  until ${showTime(event.expireAt)}`, colors.yellow);
  if (event.idle !== undefined) line.add(`  idle ${showDuration(event.idle * 1000)}`, colors.dim);
  if (event.freq !== undefined) line.add(`  freq ${event.freq}`, colors.dim);
  if (event.raw !== undefined) line.add(`  ${event.raw.length} bytes raw`, colors.dim);
  else if (!keysOnly) value(line, colors, event);
}

function value(line: Line, colors: Colors, event: RdbKey): void {
  line.add("  ");
  if (line.left <= 0) return;
  switch (event.type) {
    case "string":
      line.add(showBytes(event.value, line.left));
      break;
    case "list":
    case "set":
      elements(line, colors, event.value, (item) => showBytes(item, line.left));
      break;
    case "zset":
      elements(line, colors, event.value, (item) => `${showBytes(item.member, line.left)}=${item.score}`);
      break;
    case "hash":
      elements(line, colors, event.value, (item) => {
        const until = item.expireAt === undefined ? "" : ` (until ${showTime(item.expireAt)})`;
        return `${showBytes(item.field, line.left)}=${showBytes(item.value, line.left)}${until}`;
      });
      break;
    case "array":
      elements(line, colors, event.value, (item) => `${item.index}=${showBytes(item.value, line.left)}`);
      break;
    case "stream":
      stream(line, colors, event.value);
      break;
    case "module":
      line.add(`${showText(event.value.name)} version ${event.value.version}`);
      break;
  }
}

function elements<T>(line: Line, colors: Colors, items: readonly T[], show: (item: T) => string): void {
  line.add(`(${showCount(items.length)}) `, colors.dim);
  for (let i = 0; i < items.length && line.left > 0; i++) line.add(`${i > 0 ? " " : ""}${show(items[i]!)}`);
}

function stream(line: Line, colors: Colors, { entries, info, groups }: StreamValue): void {
  line.add(`(${showCount(entries.length)}) `, colors.dim);
  for (const group of groups) line.add(`group ${showBytes(group.name, line.left)} `, colors.magenta);
  if (info !== undefined) line.add(`last ${info.lastId} `, colors.dim);
  for (const entry of entries) {
    if (line.left <= 0) return;
    const fields = entry.fields.map(([f, v]) => `${showBytes(f, line.left)}=${showBytes(v, line.left)}`);
    line.add(`${entry.id} ${fields.join(" ")} `);
  }
}

function rdb(line: Line, colors: Colors, event: Exclude<RdbEvent, RdbKey>): void {
  switch (event.event) {
    case "begin":
      line.add("snapshot begins", colors.green);
      line.add(`  RDB ${event.version}, ${event.family}`, colors.dim);
      break;
    case "end":
      line.add("snapshot ends", colors.green);
      line.add(`  ${showNumber(event.keys, "key")}`);
      line.add(`, checksum ${event.checksum}`, event.checksum === "mismatch" ? colors.red : colors.dim);
      break;
    case "aux":
      line.add("aux   ", colors.dim);
      line.add(`     ${showText(event.key)}  `, colors.dim);
      line.add(showBytes(event.value, line.left));
      break;
    case "function":
      line.add("function   ", colors.cyan);
      line.add(showBytes(event.code, line.left));
      break;
    case "module-aux":
      line.add("module-aux ", colors.cyan);
      line.add(`${showText(event.name)} version ${event.version}, ${event.when} the keys`);
      break;
    default:
      line.add("slot-info  ", colors.dim);
      line.add(`slot ${event.slot}: ${event.keys} keys, ${event.expires} that expire`, colors.dim);
      break;
  }
}

function aof(line: Line, colors: Colors, event: AofEvent): void {
  if (event.event === "timestamp") {
    line.add(`time   ${showTime(event.at)}`, colors.dim);
    return;
  }
  line.add(`${String(event.offset).padStart(9)} ${String(event.db).padStart(2)}  `, colors.dim);
  if (event.tx !== undefined) line.add(TX_MARKS[event.name] ?? "│ ", colors.magenta);
  for (let i = 0; i < event.argc && line.left > 0; i++) {
    const shown = showBytes(event.arg(i)!, line.left);
    if (i === 0) line.add(shown, colors.green);
    else line.add(` ${shown}`, i === 1 ? colors.bold : plain);
  }
}

const TX_MARKS: Readonly<Record<string, string>> = { MULTI: "┌ ", EXEC: "└ " };

function link(line: Line, colors: Colors, event: LinkEvent): void {
  const bad = event.event === "reset" || event.event === "disconnected" || event.event === "truncated";
  const warn = event.event === "warning" || event.event === "lag" || event.event === "retry";
  line.add("● ", bad ? colors.red : warn ? colors.yellow : colors.blue);
  line.add(linkText(event), bad ? colors.red : warn ? colors.yellow : plain);
}

function linkText(event: LinkEvent): string {
  switch (event.event) {
    case "connecting":
      return `connecting to ${showText(event.address)}`;
    case "handshake":
      return `connected${event.server === undefined ? "" : ` to ${showText(event.server)}`}`;
    case "fullresync":
      return `full resync of ${event.replid} at offset ${event.offset}`;
    case "continue":
      return `continuing ${event.replid} after offset ${event.offset}`;
    case "online":
      return `online at offset ${event.offset}: writes follow`;
    case "lag":
      return `lagging ${showCount(event.lag)} bytes behind; the ${event.of} limit is ${showCount(event.limit)}`;
    case "progress":
      return `at offset ${event.position?.offset ?? "?"}${event.lag === undefined ? "" : `, ${showCount(event.lag)} bytes behind`}`;
    case "disconnected":
      return `disconnected: ${showText(event.message)} (${event.code})`;
    case "retry":
      return `trying again in ${showDuration(event.delay)} (attempt ${event.attempt})`;
    case "reset":
      return `history has a hole (${event.reason}): lost ${event.lostFrom ?? "?"} to ${event.lostTo ?? "?"}, a snapshot follows`;
    case "warning":
      return `${showText(event.message)} (${event.code})`;
    case "truncated":
      return `${showText(event.file)} ends inside a command: valid to ${event.validTo}, safe to ${event.safeTo}`;
    case "diff":
      return `${event.sure ? "" : "perhaps "}${event.op}: db ${event.db} ${showBytes(event.key)}`;
  }
}

/** The demo's two columns: what a client sends, and what of it arrives. */
import { setTimeout as sleep } from "node:timers/promises";
import { columnsOf, showBytes } from "../../cli/format/show.ts";
import type { AofCommand } from "../../src/events.ts";
import type { Command } from "../../test/support/client.ts";
import type { Step } from "./data.ts";
import { cutAt, dim, finishLine, green, LEFT, line, magenta, room, startLine, yellow } from "./screen.ts";

/** A step is given up when nothing of it arrives for so long, ms. */
const PATIENCE_MS = 3000;
/** How long to look whether something arrives where nothing should, ms. */
const LOOK_MS = 300;
const TX_MARKS: Readonly<Record<string, string>> = { MULTI: "┌ ", EXEC: "└ " };

export class LiveView {
  commands = 0;
  offset = 0;
  #lefts: string[] = [];
  /** Commands of the step that have not arrived. */
  #awaited = 0;
  #sentAt: number | undefined = undefined;

  /** Prints what has just arrived, beside what was sent for it. */
  see(event: AofCommand): void {
    this.commands++;
    this.offset = event.offset;
    const time = this.#sentAt === undefined ? "" : `${(performance.now() - this.#sentAt).toFixed(1)} ms`;
    this.#sentAt = undefined;
    if (this.#lefts.shift() === undefined) this.#startUnasked();
    this.#awaited--;
    finishLine(arrival(event, time));
    if (this.#lefts.length > 0) this.#showLeft();
  }

  /** Sends the commands of a step and waits until everything they cause has arrived. */
  async play(step: Step, send: (command: Command) => Promise<unknown>): Promise<void> {
    this.#lefts = step.sends.map((command) => cutAt(command.map(showArgument).join(" "), LEFT - 2));
    this.#awaited = step.arrive;
    this.#showLeft();
    this.#sentAt = performance.now();
    await Promise.all(step.sends.map(send));
    if (step.arrive === 0) await sleep(LOOK_MS);
    else await this.until(() => this.#awaited <= 0, PATIENCE_MS);
    this.#sentAt = undefined;
    this.#awaited = 0;
    // What was sent and caused nothing keeps its line.
    for (; this.#lefts.length > 0; this.#lefts.shift()) finishLine(dim("–"));
    if (step.note !== undefined) line(dim(`${" ".repeat(LEFT)}↑ ${step.note}`));
  }

  /** Waits until `done`, at most so long. */
  async until(done: () => boolean, ms: number): Promise<void> {
    const startedAt = performance.now();
    while (!done() && performance.now() - startedAt < ms) await sleep(20);
  }

  /** The left column of what no command of the client stands beside. */
  #startUnasked(): void {
    if (this.#awaited > 0) startLine("", 0);
    else startLine(dim("(the server itself)"), 19);
  }

  #showLeft(): void {
    const left = this.#lefts[0]!;
    startLine(yellow(left), columnsOf(left));
  }
}

/** A command as it arrived, its transaction bracketed, and how long it took. */
export function arrival(event: AofCommand, time: string): string {
  const mark = event.tx === undefined ? "" : (TX_MARKS[event.name] ?? "│ ");
  const [name, ...rest] = event.args.map((arg) => showBytes(arg, 60));
  const space = room(LEFT) - columnsOf(mark) - columnsOf(name!) - columnsOf(time) - 3;
  const args = rest.length === 0 ? "" : ` ${cutAt(rest.join(" "), Math.max(8, space))}`;
  return `${magenta(mark)}${green(name!)}${args}${time === "" ? "" : `  ${dim(time)}`}`;
}

function showArgument(arg: Command[number]): string {
  return typeof arg === "object" ? showBytes(arg) : showBytes(new TextEncoder().encode(String(arg)));
}

/** The demo's two columns: what a client sends, and what of it arrives. */
import { setTimeout as sleep } from "node:timers/promises";
import { columnsOf, showBytes } from "../../cli/format/show.ts";
import type { AofCommand } from "../../src/events.ts";
import type { Command } from "../../test/support/client.ts";
import type { Step } from "./data.ts";
import { cutAt, dim, finishLine, green, LEFT, line, magenta, room, startLine, yellow } from "./screen.ts";

/** A step is over when nothing has arrived for so long, ms. */
const QUIET_MS = 150;
const TX_MARKS: Readonly<Record<string, string>> = { MULTI: "┌ ", EXEC: "└ " };

export class LiveView {
  commands = 0;
  offset = 0;
  #lefts: string[] = [];
  #sentAt: number | undefined = undefined;
  #lastAt = 0;

  /** Prints what has just arrived, beside what was sent for it. */
  see(event: AofCommand): void {
    this.commands++;
    this.offset = event.offset;
    this.#lastAt = performance.now();
    const sentAt = this.#sentAt;
    this.#sentAt = undefined;
    const left = this.#lefts.shift();
    if (left === undefined) startLine(dim("(the server itself)"), 19);
    finishLine(arrival(event, sentAt === undefined ? "" : `${(this.#lastAt - sentAt).toFixed(1)} ms`));
    if (this.#lefts.length > 0) this.#showLeft();
  }

  /** Sends the commands of a step and waits until everything they cause has arrived. */
  async play(step: Step, send: (command: Command) => Promise<unknown>): Promise<void> {
    this.#lefts = step.sends.map((command) => cutAt(command.map(showArgument).join(" "), LEFT - 2));
    this.#showLeft();
    this.#sentAt = this.#lastAt = performance.now();
    await Promise.all(step.sends.map(send));
    await this.quiet();
    this.#sentAt = undefined;
    // What was sent and caused nothing keeps its line.
    while (this.#lefts.length > 0) {
      finishLine(dim("–"));
      this.#lefts.shift();
      if (this.#lefts.length > 0) this.#showLeft();
    }
    if (step.note !== undefined) line(dim(`${" ".repeat(LEFT)}↑ ${step.note}`));
  }

  async quiet(): Promise<void> {
    while (performance.now() - this.#lastAt < QUIET_MS) await sleep(QUIET_MS / 5);
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

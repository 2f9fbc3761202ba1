/** What a program prints: JSON objects, one a line. */
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

export interface PrintedLine {
  readonly kind: string;
  readonly event?: string;
  readonly offset?: number;
  readonly command?: readonly string[];
}

export class Printed {
  /** Whole lines only: a program that is killed may leave the beginning of one. */
  readonly lines: PrintedLine[] = [];
  stderr = "";
  readonly child: ChildProcess;
  #rest = "";

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout!.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
  }

  get commands(): readonly (readonly string[])[] {
    return this.lines.flatMap(({ command }) => (command === undefined ? [] : [command]));
  }

  events(name: string): PrintedLine[] {
    return this.lines.filter(({ kind, event }) => kind === "link" && event === name);
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    for (const deadline = Date.now() + 40_000; !condition(); await sleep(5)) {
      const ended = this.child.exitCode !== null || Date.now() > deadline;
      if (ended) throw new Error(`no ${what}; ${this.lines.length} lines; ${this.stderr}`);
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) this.lines.push(JSON.parse(line));
  }
}

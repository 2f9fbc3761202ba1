/** A consumer that is a process of its own, with its checkpoint in a file: it can be killed at any instruction. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Position } from "../../src/events.ts";
import { createFileStore } from "../../transports/node/mod.ts";
import type { ConsumerOptions, Feed, FeedTarget } from "./consumer.ts";
import { decodeEvent } from "./event_lines.ts";

const ROOT = join(import.meta.dirname, "../..");
const PROGRAM = join(import.meta.dirname, "consume.ts");

export class ChildFeed implements Feed {
  readonly #url: string;
  readonly #folder: string;
  readonly #options: ConsumerOptions;
  readonly #target: FeedTarget;
  #runs = 0;
  #run: { readonly child: ChildProcess; readonly taken: Promise<void>; dead: boolean } | undefined;

  /** @param folder for its files */
  constructor(url: string, folder: string, options: ConsumerOptions, target: FeedTarget) {
    this.#url = url;
    this.#folder = folder;
    this.#options = options;
    this.#target = target;
  }

  /** The process reads by itself where it goes on. */
  start(): void {
    const out = join(this.#folder, `events-${++this.#runs}`);
    const words = [PROGRAM, this.#url, this.#store, out, JSON.stringify(this.#options)];
    const { PATH, HOME } = process.env;
    const child = spawn(process.execPath, [...runtimeArgs(), ...words], {
      cwd: ROOT,
      env: { PATH, HOME },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const run = { child, dead: false, taken: Promise.resolve() };
    run.taken = this.#takeLines(out, () => run.dead).catch(this.#target.fail);
    this.#run = run;
    child.on("close", (status, signal) => {
      if (signal !== "SIGKILL") this.#target.fail(new Error(`the consumer ended with ${status}: ${stderr}`));
    });
  }

  async end(): Promise<void> {
    const run = this.#run;
    if (run === undefined || run.dead) return;
    if (run.child.exitCode === null && run.child.signalCode === null) {
      const closed = once(run.child, "close");
      run.child.kill("SIGKILL");
      await closed;
    }
    run.dead = true;
    await run.taken;
  }

  async saved(): Promise<Position | undefined> {
    return (await createFileStore(this.#store).load())?.position;
  }

  get #store(): string {
    return join(this.#folder, "position.json");
  }

  /** Takes what the process writes, up to the last whole line that it wrote before it died. */
  async #takeLines(path: string, isDead: () => boolean): Promise<void> {
    const file = await open(path, "a+");
    try {
      let rest: Buffer = Buffer.alloc(0);
      for (let at = 0; ; ) {
        const dead = isDead();
        const bytes = await readOn(file, at);
        at += bytes.length;
        rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
        for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
          await this.#target.take(decodeEvent(rest.toString("utf8", 0, end)));
          rest = rest.subarray(end + 1);
        }
        if (bytes.length > 0) continue;
        if (dead) return;
        await sleep(5);
      }
    } finally {
      await file.close();
    }
  }
}

async function readOn(file: FileHandle, at: number): Promise<Buffer> {
  const buffer = Buffer.alloc(1 << 16);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
  return buffer.subarray(0, bytesRead);
}

function runtimeArgs(): readonly string[] {
  if ("Deno" in globalThis) return ["run", "-A"];
  return process.versions.bun === undefined ? ["--import", "tsx"] : [];
}

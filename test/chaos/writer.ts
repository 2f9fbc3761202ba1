/** A steady write load that follows the primary wherever it goes, and waits while there is none. */
import { setTimeout as sleep } from "node:timers/promises";
import { connectClient, type TestClient } from "../support/client.ts";
import { writeLoad } from "../support/write_load.ts";

/** What a write is answered while a primary dies, loads, or has become a replica. */
const PRIMARY_GONE = /clos|socket|ECONN|EPIPE|LOADING|READONLY|UNBLOCKED|EXECABORT|MASTERDOWN|disconnect/i;

export class Writer {
  /** Where writes go. */
  url: string;
  /** Commands sent by loads that were not interrupted. */
  commands = 0;
  readonly #seed: number;
  #paused = false;
  #stopped = false;
  #idle = false;
  readonly #done: Promise<void>;
  #failure: unknown;

  constructor(url: string, seed: number) {
    this.url = url;
    this.#seed = seed;
    this.#done = this.#run().catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** Holds writes and waits until the last is answered. */
  async pause(): Promise<void> {
    this.#paused = true;
    while (!this.#idle && this.#failure === undefined) await sleep(2);
  }

  resume(): void {
    this.#paused = false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#stopped; turn++) {
      if (this.#paused) {
        this.#idle = true;
        await sleep(2);
        continue;
      }
      this.#idle = false;
      const { url } = this;
      let client: TestClient | undefined;
      try {
        client = await connectClient(url);
        const until = (): boolean => this.#stopped || this.#paused || this.url !== url;
        const load = { seed: this.#seed + turn, until, pause: 4, batch: 20, keys: 12 };
        this.commands += (await writeLoad(client, load)).commands;
      } catch (error) {
        if (!PRIMARY_GONE.test(String(error))) throw error;
        await sleep(10);
      } finally {
        client?.close();
      }
    }
  }
}

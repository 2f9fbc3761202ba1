/** The primary's own stream, byte by byte, taken by a replica of some lines that shares nothing with the project's code. */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The bytes of one history from `start` on. */
export class TapeHistory {
  readonly start: number;
  #bytes: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(start: number) {
    this.start = start;
  }

  get end(): number {
    return this.start + this.#length;
  }

  append(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  /** What is on it by now, without what will come. */
  upToNow(): TapeHistory {
    const copy = new TapeHistory(this.start);
    copy.append(this.slice(this.start, this.end));
    return copy;
  }

  /** Bytes between two replication offsets; both must be on the tape. */
  slice(from: number, to: number): Buffer {
    if (this.#chunks.length > 0) {
      this.#bytes = Buffer.concat([this.#bytes, ...this.#chunks]);
      this.#chunks = [];
    }
    return this.#bytes.subarray(from - this.start, to - this.start);
  }
}

/** Attaches to a server past all proxies and records until it is stopped, across restarts and promotions. */
export class Tape {
  /** By replication id; a promoted replica's id names the history that it went on with. */
  readonly histories: Map<string, TapeHistory> = new Map();
  readonly #port: number;
  #replid = "?";
  #history: TapeHistory | undefined;
  #socket: Socket | undefined;
  #online = false;
  #stopped = false;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(port: number) {
    this.#port = port;
    this.#timer = setInterval(() => this.#acknowledge(), 300);
    void this.#run();
  }

  /** Waits until it is in the stream of a link made after the call, or of the one that there is. */
  async online(): Promise<void> {
    for (const deadline = Date.now() + 20_000; !this.#online; await sleep(5)) {
      if (Date.now() > deadline) throw new Error("the tape does not get online");
    }
  }

  /** Waits until it has everything up to an offset. */
  async reached(offset: number): Promise<void> {
    for (const deadline = Date.now() + 20_000; (this.#history?.end ?? -1) < offset; await sleep(5)) {
      if (Date.now() > deadline) throw new Error(`the tape is at ${this.#history?.end}, not ${offset}`);
    }
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#socket?.destroy();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#link();
      this.#online = false;
      if (!this.#stopped) await sleep(15);
    }
  }

  /** One connection until it ends. */
  async #link(): Promise<void> {
    const socket = connect(this.#port, "127.0.0.1");
    this.#socket = socket;
    socket.write("REPLCONF capa psync2\r\n");
    const ended = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => {});
    const reader = { line: "", payload: 0 };
    socket.on("data", (chunk: Buffer) => {
      for (let rest = chunk; rest.length > 0; ) {
        if (this.#online) {
          this.#history!.append(rest);
          return;
        }
        if (reader.payload > 0) {
          const taken = Math.min(reader.payload, rest.length);
          reader.payload -= taken;
          rest = rest.subarray(taken);
          this.#online = reader.payload === 0;
          continue;
        }
        const end = rest.indexOf(10);
        reader.line += rest.toString("latin1", 0, end < 0 ? rest.length : end);
        rest = end < 0 ? rest.subarray(rest.length) : rest.subarray(end + 1);
        if (end < 0) return;
        reader.payload = this.#takeLine(reader.line.trim(), socket);
        reader.line = "";
      }
    });
    await ended;
  }

  /** Gives the bytes of the payload that follows. */
  #takeLine(line: string, socket: Socket): number {
    const [word, id, offset] = line.split(" ");
    if (word === "+OK") {
      // Servers refuse PSYNC while a reply to what came before is unsent.
      const next = this.#history === undefined ? -1 : this.#history.end + 1;
      socket.write(`PSYNC ${this.#replid} ${next}\r\n`);
    } else if (word === "+FULLRESYNC") {
      this.#replid = id!;
      this.#history = new TapeHistory(Number(offset));
      this.histories.set(id!, this.#history);
    } else if (word === "+CONTINUE") {
      this.#rename(id ?? this.#replid);
      this.#online = true;
    } else if (line.startsWith("$")) return Number(line.slice(1));
    else if (line.startsWith("-")) socket.destroy();
    return 0;
  }

  /** What comes now belongs to the new id alone, what came before to both. */
  #rename(id: string): void {
    const history = this.#history!;
    if (id !== this.#replid) this.histories.set(this.#replid, history.upToNow());
    this.#replid = id;
    this.histories.set(id, history);
  }

  #acknowledge(): void {
    if (this.#online) this.#socket?.write(`REPLCONF ACK ${this.#history!.end}\r\n`);
  }
}

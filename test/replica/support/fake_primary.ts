import type { Connect } from "../../../src/transport.ts";
import { type MemoryTransport, memoryConnect } from "../../../transports/memory/mod.ts";
import { bytes, text } from "./wire.ts";

/** A primary that a test plays by hand: accepts connections one by one and reads the commands sent on each. */
export class FakePrimary {
  readonly connect: Connect;
  readonly #accepted: PrimarySide[] = [];
  #waiting: ((side: PrimarySide) => void) | undefined = undefined;
  /** When set, connections are refused. */
  refuse = false;

  constructor(capacity?: number) {
    this.connect = memoryConnect(
      (transport) => {
        if (this.refuse) throw new Error("refused");
        const side = new PrimarySide(transport);
        if (this.#waiting === undefined) this.#accepted.push(side);
        else this.#waiting(side);
        this.#waiting = undefined;
      },
      capacity === undefined ? {} : { capacity },
    );
  }

  /** The next connection. */
  accept(): Promise<PrimarySide> {
    const side = this.#accepted.shift();
    if (side !== undefined) return Promise.resolve(side);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}

/** The primary's end of one connection. */
export class PrimarySide {
  readonly transport: MemoryTransport;
  /** Commands received so far, arguments joined by blanks; bare line ends as "\n". */
  readonly received: string[] = [];
  /** Whether the replica closed the connection. */
  closed = false;
  #unread = "";
  #changed: (() => void) | undefined = undefined;

  constructor(transport: MemoryTransport) {
    this.transport = transport;
    void this.#read();
  }

  /** Sends text, one byte a character, as one chunk. */
  send(wire: string): void {
    void this.transport.write(bytes(wire)).catch(() => {});
  }

  /** Waits for a command that begins with `start` among those not waited for yet; returns it. */
  async command(start: string): Promise<string> {
    for (;;) {
      const index = this.received.findIndex((command) => command.startsWith(start));
      if (index >= 0) return this.received.splice(0, index + 1).at(-1)!;
      if (this.closed) throw new Error(`closed before ${start}; got ${JSON.stringify(this.received)}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** Answers everything up to PSYNC as a server without HELLO and options; returns the PSYNC. */
  async handshake(): Promise<string> {
    await this.command("PING");
    this.send("+PONG\r\n");
    await this.command("REPLCONF version");
    // HELLO, CLIENT SETNAME, two REPLCONF.
    this.send("-ERR unknown command\r\n+OK\r\n+OK\r\n+OK\r\n");
    return this.command("PSYNC");
  }

  async #read(): Promise<void> {
    try {
      for await (const chunk of this.transport.chunks) {
        this.#unread += text(chunk);
        this.#parse();
        this.#wake();
      }
    } catch {
      // A reset is an end too.
    }
    this.closed = true;
    this.#wake();
  }

  #wake(): void {
    const changed = this.#changed;
    this.#changed = undefined;
    changed?.();
  }

  #parse(): void {
    for (;;) {
      if (this.#unread.startsWith("\n")) {
        this.received.push("\n");
        this.#unread = this.#unread.slice(1);
        continue;
      }
      const header = /^\*(\d+)\r\n/.exec(this.#unread);
      if (header === null) return;
      let at = header[0].length;
      const args: string[] = [];
      for (let i = 0; i < Number(header[1]); i++) {
        const size = /^\$(\d+)\r\n/.exec(this.#unread.slice(at));
        if (size === null) return;
        const from = at + size[0].length;
        at = from + Number(size[1]) + 2;
        if (at > this.#unread.length) return;
        args.push(this.#unread.slice(from, at - 2));
      }
      this.received.push(args.join(" "));
      this.#unread = this.#unread.slice(at);
    }
  }
}

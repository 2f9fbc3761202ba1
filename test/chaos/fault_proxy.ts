/** A loopback proxy that does to connections what networks do, at byte positions it is told. It knows nothing of what it carries. */
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What happens to one connection, once `after` bytes of the server have passed. */
export type Fault =
  /** The end, as FIN or as RST. */
  | { readonly kind: "cut"; readonly after: number; readonly how: "fin" | "rst" }
  /** Silence for a while. */
  | { readonly kind: "stall"; readonly after: number; readonly ms: number }
  /** So many bytes come one at a time. */
  | { readonly kind: "drip"; readonly after: number; readonly bytes: number }
  /** The server is gone and nobody tells the client. */
  | { readonly kind: "half-open"; readonly after: number };

export class FaultProxy {
  /** Port on 127.0.0.1 that connections are made to; `undefined`: they are refused. */
  target: number | undefined;
  /** How often each fault has happened. */
  readonly happened: Map<Fault["kind"], number> = new Map();
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  readonly #next: () => Fault | undefined;
  #held: Promise<void> | undefined;

  private constructor(target: number, next: () => Fault | undefined) {
    this.target = target;
    this.#next = next;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** @param next the fault of the next connection, `undefined` for none */
  static async start(target: number, next: () => Fault | undefined): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, next);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get faults(): number {
    return [...this.happened.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Nothing of the server passes until the function returned is called. */
  hold(): () => void {
    let release = (): void => {};
    this.#held = new Promise((resolve) => {
      release = () => {
        this.#held = undefined;
        resolve();
      };
    });
    return release;
  }

  /** Ends all connections there are now. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  stop(): void {
    this.#server.close();
    this.cutAll();
  }

  #accept(client: Socket): void {
    this.#track(client);
    if (this.target === undefined) {
      client.destroy();
      return;
    }
    const upstream = connect(this.target, "127.0.0.1");
    this.#track(upstream);
    client.setNoDelay(true);
    client.pipe(upstream);
    client.on("close", () => upstream.destroy());
    this.#carry(upstream, client, this.#next()).catch(() => client.destroy());
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }

  async #carry(upstream: Socket, client: Socket, fault: Fault | undefined): Promise<void> {
    let open = fault;
    let left = fault?.after ?? 0;
    for await (const chunk of upstream as AsyncIterable<Buffer>) {
      while (this.#held !== undefined) await this.#held;
      if (open === undefined || chunk.length <= left) {
        left -= chunk.length;
        await send(client, chunk);
        continue;
      }
      const [before, after] = [chunk.subarray(0, left), chunk.subarray(left)];
      await send(client, before);
      this.happened.set(open.kind, (this.happened.get(open.kind) ?? 0) + 1);
      if (open.kind === "half-open") {
        client.unpipe(upstream);
        client.resume();
        return;
      }
      if (open.kind === "cut") {
        if (open.how === "rst") client.resetAndDestroy();
        else client.end();
        return;
      }
      if (open.kind === "stall") {
        await sleep(open.ms);
        await send(client, after);
        open = undefined;
        continue;
      }
      const single = Math.min(open.bytes, after.length);
      for (let at = 0; at < single; at++) {
        await send(client, after.subarray(at, at + 1));
        // Each byte is a read of its own only if the other side had time to read.
        await new Promise((resolve) => setImmediate(resolve));
      }
      await send(client, after.subarray(single));
      open = single < open.bytes ? { ...open, after: 0, bytes: open.bytes - single } : undefined;
      left = 0;
    }
    client.end();
  }
}

async function send(socket: Socket, bytes: Buffer): Promise<void> {
  if (bytes.length === 0) return;
  if (socket.destroyed) throw new Error("the client is gone");
  if (socket.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      socket.off("drain", go);
      socket.off("close", go);
      resolve();
    };
    socket.on("drain", go);
    socket.on("close", go);
  });
}

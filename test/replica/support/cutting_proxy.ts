import { connect, createServer, type Server, type Socket } from "node:net";

/** A loopback proxy that cuts each connection after as many bytes from the server as it is told. */
export class CuttingProxy {
  /** Connections cut so far. */
  cuts = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: number, nextCut: () => number | undefined) {
    this.#server = createServer((client) => {
      const left = { bytes: nextCut() };
      const upstream = connect(target, "127.0.0.1");
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
          this.#sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
      }
      client.pipe(upstream);
      upstream.on("data", (chunk) => {
        if (left.bytes !== undefined && chunk.length >= left.bytes) {
          this.cuts++;
          // What was let through arrives, then the end: sometimes as FIN, sometimes as RST.
          client.end(chunk.subarray(0, left.bytes), () => {
            if (this.cuts % 2 === 0) client.resetAndDestroy();
            else client.destroy();
          });
          left.bytes = undefined;
          upstream.destroy();
          return;
        }
        if (left.bytes !== undefined) left.bytes -= chunk.length;
        if (!client.write(chunk)) {
          upstream.pause();
          client.once("drain", () => upstream.resume());
        }
      });
    });
  }

  /** @param nextCut bytes after which the next connection is cut; `undefined`: never. */
  static async start(target: number, nextCut: () => number | undefined): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target, nextCut);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

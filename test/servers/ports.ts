/** Free ports of 127.0.0.1. */
import { createServer, type Server } from "node:net";

/** Ports that this process handed out: a server needs a moment until it listens on its own. */
const taken = new Set<number>();

/** `count` different TCP ports on which nobody listens now. All are held open together before any is released. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  const holders: Server[] = [];
  while (ports.length < count) {
    const holder = createServer();
    await new Promise<void>((resolve, reject) => {
      holder.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    holders.push(holder);
    const address = holder.address();
    if (address === null || typeof address === "string" || taken.has(address.port)) continue;
    taken.add(address.port);
    ports.push(address.port);
  }
  for (const holder of holders) await new Promise((resolve) => holder.close(resolve));
  return ports;
}

export async function freePort(): Promise<number> {
  return (await freePorts(1))[0]!;
}

import type { Address, ConnectOptions } from "../../src/transport.ts";
import { checkTls } from "./tls.ts";

/** Refuses what cannot be connected to, in the same words on every runtime. Throws TypeError or RangeError. */
export function checkOptions(address: Address, { tls, connectTimeout }: ConnectOptions): void {
  if ("path" in address) {
    if (address.path === "") throw new TypeError("Cannot connect: the path of the socket is empty");
  } else {
    if (address.host === "") throw new TypeError("Cannot connect: the host is empty");
    if (!Number.isInteger(address.port) || address.port < 1 || address.port > 65_535) {
      throw new RangeError(`Cannot connect to ${address.host}: port ${address.port} is not 1 to 65535`);
    }
  }
  if (connectTimeout !== undefined && !(connectTimeout > 0)) {
    throw new RangeError(`Cannot connect: connectTimeout must be above 0 ms, got ${connectTimeout}`);
  }
  if (tls !== undefined) checkTls(tls);
}

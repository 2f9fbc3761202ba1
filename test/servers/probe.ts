/** Asks a server for PING over a plain or unix socket, without any client. */
import { connect } from "node:net";

/**
 * The first line of the answer to PING, such as `+PONG`, `-NOAUTH …` or `-LOADING …`; `undefined` when nobody answers.
 */
export function probe(port: number, host = "127.0.0.1", timeout = 1_000): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    let text = "";
    const done = (answer: string | undefined) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeout, () => done(undefined));
    socket.on("connect", () => socket.write("*1\r\n$4\r\nPING\r\n"));
    socket.on("error", () => done(undefined));
    socket.on("close", () => done(undefined));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const end = text.indexOf("\r\n");
      if (end >= 0) done(text.slice(0, end));
    });
  });
}

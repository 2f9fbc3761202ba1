// The other side of the contract's conversations, in a process of its own, always under Node: what is measured in the
// tests is then the transport alone. Speaks JSON lines: {"id", "op", …} on standard input, {"id", …} on standard output.
import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { createServer as createTlsServer } from "node:tls";

const servers = [];
/** Byte at offset o of every burst is o % 251. */
const BLOCK = Buffer.alloc(251 * 1024).map((_, index) => index % 251);

const behaviours = {
  echo: (socket) => socket.pipe(socket),
  /** Counts and digests what arrives; answers nothing. */
  sink: () => {},
  /** Accepts and never reads. */
  deaf: (socket) => socket.pause(),
  /** Sends `bytes` as fast as it is let. */
  burst(socket, state, { bytes }) {
    const send = () => {
      while (state.sent < bytes) {
        const part = BLOCK.subarray(0, Math.min(BLOCK.length, bytes - state.sent));
        state.sent += part.length;
        if (!socket.write(part)) {
          socket.once("drain", send);
          return;
        }
      }
      socket.end();
    };
    send();
  },
  /** Sends `count` messages of `size` bytes, each in a segment of its own. */
  drip(socket, state, { count, size }) {
    const send = () => {
      if (state.messages === count) {
        socket.end();
        return;
      }
      state.messages += 1;
      socket.write(Buffer.alloc(size, state.messages % 251), () => setImmediate(send));
    };
    send();
  },
  /** Sends text, then ends its own side only. */
  halfClose: (socket, _state, { text }) => socket.end(text),
  /** Sends text and goes on when told to. */
  say: (socket, _state, { text }) => socket.write(text),
};

function serve(request) {
  const state = {
    connections: 0,
    sent: 0,
    received: 0,
    messages: 0,
    ended: 0,
    digest: "",
    sockets: [],
    raw: [],
  };
  const onConnection = (socket) => {
    state.connections += 1;
    state.sockets.push(socket);
    const hash = createHash("sha256");
    socket.on("error", () => {});
    socket.setNoDelay(true);
    if (request.behaviour !== "echo" && request.behaviour !== "deaf") {
      socket.on("data", (chunk) => {
        state.received += chunk.length;
        hash.update(chunk);
      });
    }
    let over = false;
    const ended = () => {
      if (over) return;
      over = true;
      state.ended += 1;
      state.digest = hash.digest("hex");
    };
    socket.on("end", ended);
    // Closed with a TLS session ticket unread, the kernel sends RST: no end.
    socket.on("close", ended);
    behaviours[request.behaviour](socket, state, request);
  };
  const server = request.tls
    ? createTlsServer({ ...request.tls, allowHalfOpen: true }, onConnection)
    : createServer({ allowHalfOpen: true }, onConnection);
  // A TLS socket cannot send RST; the one below it can.
  server.on("connection", (socket) => state.raw.push(socket));
  server.on("tlsClientError", () => {});
  const index = servers.push({ server, state }) - 1;
  return new Promise((resolve) => {
    const listening = () => resolve({ index, port: server.address().port });
    if (request.path) server.listen(request.path, listening);
    else server.listen({ port: 0, host: request.host ?? "127.0.0.1", backlog: request.backlog }, listening);
  });
}

const operations = {
  serve,
  stats({ index }) {
    const { sockets, raw: _raw, ...state } = servers[index].state;
    // What the sockets hold back has not left this process.
    const waiting = sockets.reduce((sum, socket) => sum + socket.writableLength, 0);
    return { ...state, sent: state.sent - waiting };
  },
  say({ index, text }) {
    for (const socket of servers[index].state.sockets) socket.write(text);
  },
  end({ index }) {
    for (const socket of servers[index].state.sockets) socket.end();
  },
  reset({ index }) {
    for (const socket of servers[index].state.raw) socket.resetAndDestroy();
  },
};

createInterface({ input: process.stdin }).on("line", async (line) => {
  const request = JSON.parse(line);
  const result = (await operations[request.op](request)) ?? {};
  process.stdout.write(`${JSON.stringify({ id: request.id, ...result })}\n`);
});
process.stdin.on("end", () => process.exit(0));

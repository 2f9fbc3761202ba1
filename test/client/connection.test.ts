import { describe, expect, test } from "vitest";
import { authenticate, Connection, hello, identify } from "../../src/client/mod.ts";
import type { ReplicaError } from "../../src/errors.ts";
import { type RespList, respText } from "../../src/resp/mod.ts";
import { type MemoryTransport, memoryPair } from "../../transports/memory/mod.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A connection, and the server's end of it driven by hand. */
function pair(onPush?: (push: RespList) => void | Promise<void>): [Connection, Peer] {
  const [client, server] = memoryPair();
  return [new Connection(client, onPush === undefined ? {} : { onPush }), new Peer(server)];
}

class Peer {
  readonly transport: MemoryTransport;
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(transport: MemoryTransport) {
    this.transport = transport;
    this.#chunks = transport.chunks[Symbol.asyncIterator]();
  }

  /** The next thing the client wrote, as words. */
  async asked(): Promise<string> {
    const { value } = await this.#chunks.next();
    return new TextDecoder()
      .decode(value)
      .split("\r\n")
      .filter((line) => line !== "" && !/^[*$]\d+$/.test(line))
      .join(" ");
  }

  say(text: string): Promise<void> {
    return this.transport.write(encode(text));
  }
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "resolved",
    (error: ReplicaError) => error.code,
  );

describe("Connection", () => {
  test("replies come to requests in order, however they are cut", async () => {
    const [connection, peer] = pair();
    const replies = Promise.all([
      connection.request(["GET", "a"]),
      connection.request(["INCR", "b"]),
      connection.request(["LRANGE", "c", 0, -1]),
    ]);
    expect(await peer.asked()).toBe("GET a");
    for (const byte of encode("$2\r\nhi\r\n:7\r\n*1\r\n+x\r\n"))
      await peer.transport.write(Uint8Array.of(byte));
    const [first, second, third] = await replies;
    expect(respText(first)).toBe("hi");
    expect(second).toMatchObject({ type: "integer", value: 7 });
    expect(third).toMatchObject({ type: "array" });
    expect(connection.open).toBe(0);
    await connection.close();
  });

  test("keeps order over hundreds of open requests", async () => {
    const [connection, peer] = pair();
    const replies = Array.from({ length: 500 }, (_, i) => connection.request(["ECHO", i]));
    const served = (async () => {
      for (let i = 0; i < 500; i++) {
        expect(await peer.asked()).toBe(`ECHO ${i}`);
        await peer.say(`:${i}\r\n`);
      }
    })();
    const values = (await Promise.all(replies)).map(respText);
    await served;
    expect(values).toEqual(Array.from({ length: 500 }, (_, i) => String(i)));
    await connection.close();
  });

  test("an error reply rejects with its code, the connection lives on", async () => {
    const [connection, peer] = pair();
    const refused = connection.request(["PSYNC", "?", -1]);
    const raw = connection.exchange(["PSYNC", "?", -1]);
    const fine = connection.request(["PING"]);
    await peer.say("-NOPERM User x has no permissions\r\n-LOADING soon\r\n+PONG\r\n");
    await expect(refused).rejects.toMatchObject({
      code: "NOPERM",
      message: "Cannot run PSYNC: NOPERM User x has no permissions",
    });
    expect(await raw).toMatchObject({ type: "error" });
    expect(respText(await fine)).toBe("PONG");
    await connection.close();
  });

  test("close rejects what is open and what comes later", async () => {
    const [connection] = pair();
    const open = codeOf(connection.request(["PING"]));
    await connection.close();
    await connection.close();
    expect(await open).toBe("closed");
    expect(await codeOf(connection.request(["PING"]))).toBe("closed");
    expect(await connection.ended).toBeUndefined();
  });

  test("the peer's end rejects with DISCONNECTED", async () => {
    const [connection, peer] = pair();
    const open = codeOf(connection.request(["PING"]));
    await peer.transport.close();
    expect(await open).toBe("DISCONNECTED");
    expect((await connection.ended)?.code).toBe("DISCONNECTED");
    expect(await codeOf(connection.request(["PING"]))).toBe("DISCONNECTED");
  });

  test("the peer's reset rejects with DISCONNECTED", async () => {
    const [connection, peer] = pair();
    const open = codeOf(connection.request(["PING"]));
    peer.transport.reset();
    expect(await open).toBe("DISCONNECTED");
  });

  test("what is no RESP ends it with PROTOCOL", async () => {
    const [connection, peer] = pair();
    const open = codeOf(connection.request(["PING"]));
    await peer.say("HTTP/1.1 400 Bad Request\r\n");
    expect(await open).toBe("PROTOCOL");
    expect((await connection.ended)?.offset).toBe(0);
  });

  test.each([
    ["HTTP/1.1 400 Bad Request\r\nServer: x\r\n", 'no Redis server, it said "HTTP/1.1 400 Bad Request"'],
    ["SSH-2.0-OpenSSH\u001b[31m\u0007", 'no Redis server, it said "SSH-2.0-OpenSSH [31m"'],
    ["x".repeat(1000), `no Redis server, it said "${"x".repeat(60)}"`],
    ["\u0015\u0003\u0003\u0000\u0002\u0002\u0046", "the peer speaks TLS; use rediss:// or its plain port"],
  ])("a stranger that says %j is named as one", async (said, shown) => {
    const [connection, peer] = pair();
    const open = connection.request(["PING"]);
    const refused = expect(open).rejects.toThrow(shown);
    await peer.say(said);
    await refused;
    expect((await connection.ended)?.code).toBe("PROTOCOL");
  });

  test("a reply to nothing ends it; an error says why", async () => {
    const [connection, peer] = pair();
    await peer.say("-ERR max number of clients reached\r\n");
    expect((await connection.ended)?.message).toContain("max number of clients reached");
    const [other, otherPeer] = pair();
    await otherPeer.say("+OK\r\n");
    expect((await other.ended)?.code).toBe("PROTOCOL");
  });

  test("pushes go aside", async () => {
    const pushes: string[] = [];
    const [connection, peer] = pair((push) => void pushes.push(push.items.map(respText).join(" ")));
    const reply = connection.request(["GET", "k"]);
    await peer.say(">2\r\n+invalidate\r\n+k\r\n$1\r\nv\r\n>1\r\n+other\r\n");
    expect(respText(await reply)).toBe("v");
    await connection.close();
    expect(pushes).toEqual(["invalidate k", "other"]);
  });

  test("subscribes in RESP2, where confirmations and messages are plain arrays", async () => {
    const pushes: string[] = [];
    const [connection, peer] = pair((push) => void pushes.push(push.items.map(respText).join(" ")));
    const subscribed = connection.subscribe("PSUBSCRIBE", ["a*", "b*"]);
    const pong = connection.request(["PING"]);
    expect(await peer.asked()).toBe("PSUBSCRIBE a* b*");
    await peer.say(
      "*3\r\n$10\r\npsubscribe\r\n$2\r\na*\r\n:1\r\n*4\r\n$8\r\npmessage\r\n$2\r\na*\r\n$2\r\na1\r\n$1\r\nx\r\n",
    );
    expect(connection.open).toBe(2);
    await peer.say("*3\r\n$10\r\npsubscribe\r\n$2\r\nb*\r\n:2\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n");
    await subscribed;
    expect(await pong).toMatchObject({ type: "array" });
    await connection.close();
    expect(pushes).toEqual(["psubscribe a* 1", "pmessage a* a1 x", "psubscribe b* 2"]);
  });

  test("a refused subscription rejects", async () => {
    const [connection, peer] = pair();
    const refused = codeOf(connection.subscribe("SUBSCRIBE", ["c"]));
    await peer.say("-NOPERM no\r\n");
    expect(await refused).toBe("NOPERM");
    await expect(connection.subscribe("SUBSCRIBE", [])).rejects.toBeInstanceOf(RangeError);
    await connection.close();
  });

  test("reads nothing more while a push is worked on", async () => {
    let release = (): void => {};
    let pushes = 0;
    const [connection, peer] = pair(() => {
      pushes++;
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    await peer.say(">1\r\n+a\r\n");
    const second = peer.say(">1\r\n+b\r\n");
    await second;
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    expect(pushes).toBe(1);
    expect(peer.transport.unread).toBeGreaterThan(0);
    release();
    while (pushes < 2) await new Promise((resolve) => setImmediate(resolve));
    release();
    await connection.close();
  });
});

describe("hello", () => {
  const MAP =
    "%7\r\n+server\r\n+valkey\r\n+version\r\n+9.1.2\r\n+proto\r\n:3\r\n+id\r\n:5\r\n+mode\r\n+cluster\r\n+role\r\n+master\r\n+modules\r\n*0\r\n";
  const FLAT = MAP.replace("%7", "*14").replace(":3", ":2");

  test("speaks RESP3 with credentials", async () => {
    const [connection, peer] = pair();
    const identity = hello(connection, { protocol: 3, credentials: { password: "pw" } });
    expect(await peer.asked()).toBe("HELLO 3 AUTH default pw");
    await peer.say(MAP);
    expect(await identity).toEqual({
      server: "valkey",
      version: "9.1.2",
      mode: "cluster",
      role: "master",
      protocol: 3,
    });
    await connection.close();
  });

  test("reads the flat form of RESP2", async () => {
    const [connection, peer] = pair();
    const identity = hello(connection, { credentials: { user: "u", password: "pw" } });
    expect(await peer.asked()).toBe("HELLO 2 AUTH u pw");
    await peer.say(FLAT);
    expect((await identity).protocol).toBe(2);
    await connection.close();
  });

  test("never repeats the password", async () => {
    const [connection, peer] = pair();
    const refused = hello(connection, { protocol: 3, credentials: { password: "hunter2" } });
    await peer.say(
      "-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `hunter2`, \r\n",
    );
    await expect(refused).rejects.toMatchObject({ code: "UNKNOWN_COMMAND" });
    await refused.catch((error: Error) => expect(error.message).not.toContain("hunter2"));
    const wrong = authenticate(connection, { user: "u", password: "hunter2" });
    await peer.say("-ERR hunter2 is not it\r\n");
    await expect(wrong).rejects.toMatchObject({ message: "Cannot authenticate: ERR *** is not it" });
    await connection.close();
  });

  test("what is no map is a PROTOCOL error", async () => {
    const [connection, peer] = pair();
    const greeted = codeOf(hello(connection));
    await peer.say("+OK\r\n");
    expect(await greeted).toBe("PROTOCOL");
    await connection.close();
  });

  test("identify asks INFO where HELLO is unknown", async () => {
    const [connection, peer] = pair();
    const identity = identify(connection);
    expect(await peer.asked()).toBe("HELLO 2");
    await peer.say("-ERR unknown command 'HELLO'\r\n");
    expect(await peer.asked()).toBe("INFO");
    const info =
      "# Server\r\nredis_version:5.0.14\r\nredis_mode:standalone\r\n\r\n# Replication\r\nrole:slave\r\n";
    await peer.say(`$${info.length}\r\n${info}\r\n`);
    expect(await identity).toEqual({
      server: "redis",
      version: "5.0.14",
      mode: "standalone",
      role: "replica",
      protocol: 2,
    });
    await connection.close();
  });
});

import { setTimeout as sleep } from "node:timers/promises";
import { createCluster } from "redis";
import { keySlot } from "../../src/bytes/crc16.ts";
import type { ClusterTargetClient, TargetArguments, TargetReply } from "../../src/rx/target_client.ts";
import { BYTES, buffers, settled } from "./reply_types.ts";
import type { TargetAccess } from "./target.ts";
import { connectError, lostError, present } from "./target_lost.ts";

/** A client of a cluster. */
export interface ClusterClient extends ClusterTargetClient {
  close(): void;
}

/** Answers of a cluster that is being changed. */
const MOVING = /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN)\b/;
/** How often, and how long apart in ms, a transaction is tried whose slot is on its way to another node. */
const ATTEMPTS = 150;
const PAUSE_MS = 200;

const MULTI = [Buffer.from("MULTI")];
const EXEC = [Buffer.from("EXEC")];

export async function connectCluster(seeds: readonly string[], access: TargetAccess): Promise<ClusterClient> {
  const { username, password, tls } = access;
  const cluster = createCluster({
    rootNodes: seeds.map((url) => ({ url, socket: { reconnectStrategy: false as const, ...tls } })),
    RESP: 2,
    defaults: {
      disableClientInfo: true,
      name: "rxreplica-mirror",
      socket: { connectTimeout: 10_000, noDelay: true, ...tls },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    },
  });
  cluster.on("error", () => {});
  try {
    await cluster.connect();
  } catch (cause) {
    throw connectError(cause);
  }

  const primaryOf = async (key: Buffer) => {
    const shard = cluster.slots[keySlot(key)];
    if (shard === undefined) throw lostError(`slot ${keySlot(key)} has no node`);
    return await cluster.nodeClient(shard.master);
  };

  /** All commands between MULTI and EXEC; they stand together on the wire, since they are queued without a pause. */
  const transaction = async (
    key: Buffer,
    commands: readonly TargetArguments[],
  ): Promise<readonly TargetReply[]> => {
    const lines = [MULTI, ...commands.map(buffers), EXEC];
    for (let attempt = 1; ; attempt++) {
      const node = await primaryOf(key);
      const replies = await Promise.all(lines.map((args) => settled(node.sendCommand(args, BYTES))));
      const exec = replies.at(-1);
      if (Array.isArray(exec)) return exec as readonly TargetReply[];
      const moving = replies.some((reply) => reply instanceof Error && MOVING.test(reply.message));
      if (!moving || attempt === ATTEMPTS) return replies.slice(1, -1).map((reply) => refusalOf(reply, exec));
      // Nothing of it ran. A plain command finds out where the slot is now.
      await settled(cluster.sendCommand(key, false, [Buffer.from("EXISTS"), key], BYTES));
      await sleep(PAUSE_MS);
    }
  };

  return {
    async sendTo(key, commands, options) {
      const [name] = buffers([key]);
      try {
        if (options.transaction) return present(await transaction(name!, commands));
        const replies: TargetReply[] = [];
        for (const args of commands) {
          replies.push(await settled(cluster.sendCommand(name, false, buffers(args), BYTES)));
        }
        return present(replies);
      } catch (cause) {
        throw lostError(cause);
      }
    },
    async sendToAll(command) {
      const args = buffers(command);
      try {
        return present(
          await Promise.all(
            cluster.masters.map(async (master) => {
              const node = await cluster.nodeClient(master);
              return await settled(node.sendCommand(args, BYTES));
            }),
          ),
        );
      } catch (cause) {
        throw lostError(cause);
      }
    },
    close: () => cluster.destroy(),
  };
}

/** Of a transaction that did not run: what was wrong with the command, or with another one. */
function refusalOf(reply: TargetReply, exec: TargetReply): TargetReply {
  if (reply instanceof Error) return reply;
  return exec instanceof Error ? exec : new Error("EXEC gave no replies");
}

/** What Sentinels say about a master and its replicas. */
import type { RespValue } from "../resp/value.ts";
import { fieldsOf, listOf, numberOf, textOf } from "./reply.ts";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** A replica or another Sentinel, as a Sentinel sees it. */
export interface SentinelPeer extends HostPort {
  /** `slave`, `sentinel`, `s_down`, `o_down`, `disconnected`, … */
  readonly flags: readonly string[];
  /** Whether it can be used: it has a port and nothing says that it is down. */
  readonly usable: boolean;
}

/** `SENTINEL GET-MASTER-ADDR-BY-NAME`: `undefined` when the Sentinel does not know the name. */
export function parseMasterAddress(reply: RespValue): HostPort | undefined {
  if (reply.type === "null") return undefined;
  const what = "SENTINEL GET-MASTER-ADDR-BY-NAME";
  const [host, port] = listOf(reply, what);
  return { host: textOf(host, what), port: numberOf(port, what) };
}

/** `SENTINEL REPLICAS`, `SENTINEL SLAVES` and `SENTINEL SENTINELS`. */
export function parsePeers(reply: RespValue): SentinelPeer[] {
  const what = "the peers that a Sentinel lists";
  return listOf(reply, what).map((peer) => {
    const fields = fieldsOf(peer, what);
    const port = numberOf(fields.get("port"), what);
    const flags = textOf(fields.get("flags"), what).split(",");
    const down = flags.some((flag) => flag === "s_down" || flag === "o_down" || flag === "disconnected");
    return { host: textOf(fields.get("ip"), what), port, flags, usable: port > 0 && !down };
  });
}

/** What `+switch-master` announces. */
export interface MasterSwitch {
  readonly name: string;
  readonly from: HostPort;
  readonly to: HostPort;
}

/** The payload of `+switch-master`: `name old-ip old-port new-ip new-port`; `undefined` for anything else. */
export function parseSwitchMaster(payload: string): MasterSwitch | undefined {
  const words = payload.split(" ");
  const [name, fromHost, fromPort, toHost, toPort] = words;
  if (words.length !== 5 || !/^\d+$/.test(fromPort!) || !/^\d+$/.test(toPort!)) return undefined;
  return {
    name: name!,
    from: { host: fromHost!, port: Number(fromPort) },
    to: { host: toHost!, port: Number(toPort) },
  };
}

import { describe, expect, test } from "vitest";
import {
  parseClusterNodes,
  parseClusterShards,
  parseClusterSlots,
  parseInfo,
  parseInfoPairs,
  parseMasterAddress,
  parsePeers,
  parseRole,
  parseSwitchMaster,
} from "../../src/client/mod.ts";
import type { RespValue } from "../../src/resp/mod.ts";

/** A reply from plain values: text, integers, lists, maps and null. */
function reply(value: unknown): RespValue {
  const attributes = undefined;
  if (value === null) return { type: "null", form: "bulk", attributes };
  if (typeof value === "number") return { type: "integer", value, attributes };
  if (Array.isArray(value)) return { type: "array", items: value.map(reply), attributes };
  if (value instanceof Map) {
    return { type: "map", entries: [...value].map(([k, v]) => [reply(k), reply(v)] as const), attributes };
  }
  return { type: "bulk", bytes: new TextEncoder().encode(String(value)), attributes };
}

const flat = (map: Record<string, unknown>): unknown[] => Object.entries(map).flat();

describe("parseInfo", () => {
  test("takes sections apart", () => {
    const info = parseInfo(
      "lost:1\r\n# Server\r\nredis_version:7.0.15\r\nno colon\r\nexecutable:/a:b\r\n\r\n# Keyspace\r\ndb0:keys=1,expires=0\r\n",
    );
    expect({ ...info.server }).toEqual({ redis_version: "7.0.15", executable: "/a:b" });
    expect({ ...parseInfoPairs(info.keyspace!.db0!) }).toEqual({ keys: "1", expires: "0" });
  });

  test("takes no name for anything else", () => {
    const info = parseInfo("# __proto__\n__proto__:x\n");
    expect(Object.keys(info)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
    expect(info.toString).toBeUndefined();
  });
});

describe("parseRole", () => {
  test.each([
    [
      ["master", 100, [["10.0.0.1", "6380", "90"]]],
      { role: "primary", offset: 100, replicas: [{ host: "10.0.0.1", port: 6380, offset: 90 }] },
    ],
    [["master", 0, []], { role: "primary", offset: 0, replicas: [] }],
    [
      ["slave", "10.0.0.2", 6379, "connected", -1],
      { role: "replica", host: "10.0.0.2", port: 6379, state: "connected", offset: -1 },
    ],
    [["sentinel", ["a", "b"]], { role: "sentinel", masters: ["a", "b"] }],
  ])("%j", (value, role) => {
    expect(parseRole(reply(value))).toEqual(role);
  });

  test.each([[[]], [["other"]], [["master"]], [["slave", "h", "x", "connected", 1]], ["master"]])(
    "refuses %j",
    (value) => {
      expect(() => parseRole(reply(value))).toThrow(expect.objectContaining({ code: "PROTOCOL" }));
    },
  );
});

describe("cluster", () => {
  const node = {
    id: "a1",
    port: 7000,
    ip: "10.0.0.1",
    endpoint: "10.0.0.1",
    role: "master",
    "replication-offset": 72,
    health: "online",
  };
  const replica = {
    ...node,
    id: "b2",
    role: "replica",
    endpoint: null,
    ip: "",
    "tls-port": 7443,
    health: "loading",
  };

  test.each([
    ["RESP2", flat],
    ["RESP3", (map: Record<string, unknown>) => new Map(Object.entries(map))],
  ] as const)("parseClusterShards in %s", (_, form) => {
    const shards = [form({ slots: [0, 5460, 9000, 9000], nodes: [form(node), form(replica)] })];
    expect(parseClusterShards(reply(shards), "asked")).toEqual([
      {
        slots: [
          { start: 0, end: 5460 },
          { start: 9000, end: 9000 },
        ],
        nodes: [
          { id: "a1", host: "10.0.0.1", port: 7000, tlsPort: 0, role: "primary", healthy: true, offset: 72 },
          { id: "b2", host: "asked", port: 7000, tlsPort: 7443, role: "replica", healthy: false, offset: 72 },
        ],
      },
    ]);
  });

  test("parseClusterSlots joins ranges of one primary", () => {
    const slots = [
      [0, 5, ["", 7000, "a1"], ["10.0.0.2", 7001, "b2"]],
      [9, 9, ["", 7000, "a1", []], ["10.0.0.2", 7001, "b2", []]],
      [10, 20, [null, 7002, "c3"]],
    ];
    const shards = parseClusterSlots(reply(slots), "asked");
    expect(
      shards.map(({ slots, nodes }) => [slots, nodes.map(({ id, host, role }) => `${id} ${host} ${role}`)]),
    ).toEqual([
      [
        [
          { start: 0, end: 5 },
          { start: 9, end: 9 },
        ],
        ["a1 asked primary", "b2 10.0.0.2 replica"],
      ],
      [[{ start: 10, end: 20 }], ["c3 asked primary"]],
    ]);
    expect(() => parseClusterSlots(reply([[0, 5]]), "asked")).toThrow(
      expect.objectContaining({ code: "PROTOCOL" }),
    );
  });

  test("parseClusterNodes", () => {
    const lines = [
      "07c3 127.0.0.1:30004@31004,hostname4 slave e7d1 0 1426238317239 4 connected",
      "67ed ::1:30002@31002 master - 0 1426238316232 2 connected 5461-10922 11000 [93->-292f] [77-<-e7d1]",
      "e7d1 :30001@31001 myself,master - 0 0 1 connected 0-5460",
      "6ec2 127.0.0.1:30003 master,fail - 0 1426238318243 3 disconnected",
      "nonsense",
      "",
    ];
    const nodes = parseClusterNodes(reply(lines.join("\n")), "asked");
    expect(nodes.map(({ id, host, port, role, healthy }) => [id, host, port, role, healthy])).toEqual([
      ["07c3", "hostname4", 30004, "replica", true],
      ["67ed", "::1", 30002, "primary", true],
      ["e7d1", "asked", 30001, "primary", true],
      ["6ec2", "127.0.0.1", 30003, "primary", false],
    ]);
    expect(nodes[0]).toMatchObject({ primaryId: "e7d1", epoch: 4, slots: [] });
    expect(nodes[1]!.slots).toEqual([
      { start: 5461, end: 10922 },
      { start: 11000, end: 11000 },
    ]);
    expect(nodes[1]!.moving).toEqual([
      { slot: 93, to: "292f" },
      { slot: 77, from: "e7d1" },
    ]);
  });
});

describe("sentinel", () => {
  test("parseMasterAddress", () => {
    expect(parseMasterAddress(reply(["10.0.0.1", "6379"]))).toEqual({ host: "10.0.0.1", port: 6379 });
    expect(parseMasterAddress(reply(null))).toBeUndefined();
  });

  test("parsePeers tells which are usable", () => {
    const peers = [
      flat({ name: "x", ip: "10.0.0.1", port: "6380", flags: "slave" }),
      flat({ name: "y", ip: "10.0.0.2", port: "6380", flags: "s_down,slave,disconnected" }),
      flat({ name: "z", ip: "127.0.0.1", port: "0", flags: "slave" }),
    ];
    expect(parsePeers(reply(peers)).map(({ host, usable }) => [host, usable])).toEqual([
      ["10.0.0.1", true],
      ["10.0.0.2", false],
      ["127.0.0.1", false],
    ]);
  });

  test("parseSwitchMaster", () => {
    expect(parseSwitchMaster("mymaster 10.0.0.1 6379 10.0.0.2 6380")).toEqual({
      name: "mymaster",
      from: { host: "10.0.0.1", port: 6379 },
      to: { host: "10.0.0.2", port: 6380 },
    });
    for (const payload of ["", "a b c d e", "a 10.0.0.1 1 10.0.0.2 2 more"]) {
      expect(parseSwitchMaster(payload)).toBeUndefined();
    }
  });
});

import { describe, expect, test } from "vitest";
import { addressText, parseSourceUrl } from "../../src/replica/url.ts";

const plain = { tls: false, username: undefined, password: undefined };

describe("parseSourceUrl reads", () => {
  const server = { kind: "server", ...plain, db: undefined };
  const good: readonly [url: string, value: object][] = [
    ["redis://h", { ...server, address: { host: "h", port: 6379 } }],
    ["redis://h:7000", { ...server, address: { host: "h", port: 7000 } }],
    ["REDIS://h:7000/", { ...server, address: { host: "h", port: 7000 } }],
    ["redis://h:7000/0", { ...server, address: { host: "h", port: 7000 }, db: 0 }],
    ["redis://h/12", { ...server, address: { host: "h", port: 6379 }, db: 12 }],
    ["valkey://h", { ...server, address: { host: "h", port: 6379 } }],
    ["valkeys://h", { ...server, tls: true, address: { host: "h", port: 6379 } }],
    ["rediss://h:1", { ...server, tls: true, address: { host: "h", port: 1 } }],
    ["redis://[::1]:65535", { ...server, address: { host: "::1", port: 65535 } }],
    ["redis://[2001:db8::7]", { ...server, address: { host: "2001:db8::7", port: 6379 } }],
    ["redis://[fe80::1%25eth0]:1", { ...server, address: { host: "fe80::1%eth0", port: 1 } }],
    ["redis://:pw@h", { ...server, password: "pw", address: { host: "h", port: 6379 } }],
    ["redis://u:pw@h", { ...server, username: "u", password: "pw", address: { host: "h", port: 6379 } }],
    ["redis://u@h", { ...server, username: "u", address: { host: "h", port: 6379 } }],
    ["redis://u:@h", { ...server, username: "u", password: "", address: { host: "h", port: 6379 } }],
    ["redis://:@h", { ...server, address: { host: "h", port: 6379 } }],
    [
      "redis://a%3Ab:%40%2F%25%3F%20%C3%A9@h",
      { ...server, username: "a:b", password: "@/%? é", address: { host: "h", port: 6379 } },
    ],
    [
      "redis://u:p@ss:w@h:1",
      { ...server, username: "u", password: "p@ss:w", address: { host: "h", port: 1 } },
    ],
    [
      "redis://u:a/b?c#d@h:1",
      { ...server, username: "u", password: "a/b?c#d", address: { host: "h", port: 1 } },
    ],
    ["unix:///run/redis.sock", { ...server, address: { path: "/run/redis.sock" } }],
    ["unix:///run/a%20b@c.sock", { ...server, address: { path: "/run/a b@c.sock" } }],
    [
      "unix://u:p%2F@/run/r.sock",
      { ...server, username: "u", password: "p/", address: { path: "/run/r.sock" } },
    ],
    [
      "redis-cluster://a:1,[::1]:2,c",
      {
        kind: "cluster",
        ...plain,
        nodes: [
          { host: "a", port: 1 },
          { host: "::1", port: 2 },
          { host: "c", port: 6379 },
        ],
      },
    ],
    [
      "rediss-cluster://u:p@a:1/",
      { kind: "cluster", tls: true, username: "u", password: "p", nodes: [{ host: "a", port: 1 }] },
    ],
    [
      "redis-sentinel://a,b:2/my%20primary",
      {
        kind: "sentinel",
        ...plain,
        nodes: [
          { host: "a", port: 26379 },
          { host: "b", port: 2 },
        ],
        name: "my primary",
      },
    ],
    [
      "rediss-sentinel://:p@a/m",
      {
        kind: "sentinel",
        tls: true,
        username: undefined,
        password: "p",
        nodes: [{ host: "a", port: 26379 }],
        name: "m",
      },
    ],
  ];
  test.each(good)("%s", (url, value) => expect(parseSourceUrl(url)).toEqual(value));
});

describe("parseSourceUrl refuses, and keeps the password to itself,", () => {
  const bad = [
    "",
    "sEcRet",
    "localhost:6379",
    "http://u:sEcRet@h",
    "redis:/sEcRet",
    "redis://",
    "redis://u:sEcRet@",
    "redis://u:sEcRet@:6379",
    "redis://u:sEcRet@h:0",
    "redis://u:sEcRet@h:65536",
    "redis://u:sEcRet@h:",
    "redis://u:sEcRet@h:12x",
    "redis://sEcRet:h:6379",
    "redis://::1",
    "redis://[::1",
    "redis://[::1]sEcRet",
    "redis://[]:1",
    "redis://u:sEcRet@h/db",
    "redis://u:sEcRet@h/1/2",
    "redis://u:sEcRet@h?x=1",
    "redis://u:sEcRet@h#1",
    "redis://u:sEcRet%zz@h",
    "redis://u:sEcRet%ff@h",
    "redis://a b",
    "unix://",
    "unix:///",
    "unix://relative/sEcRet",
    "unix:///a%00b",
    "redis-cluster://u:sEcRet@a,,b",
    "redis-cluster://u:sEcRet@a/0",
    "redis-sentinel://u:sEcRet@a",
    "redis-sentinel://u:sEcRet@a/",
  ];
  test.each(bad)("%j", (url) => {
    let thrown: unknown;
    try {
      parseSourceUrl(url);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expect(String(thrown)).toMatch(/^TypeError: Cannot use the source URL: .{10,}/);
    expect(String(thrown)).not.toContain("sEcRet");
  });
});

test("addressText writes addresses as people do", () => {
  expect(addressText({ host: "h", port: 1 })).toBe("h:1");
  expect(addressText({ host: "::1", port: 1 })).toBe("[::1]:1");
  expect(addressText({ path: "/s" })).toBe("/s");
});

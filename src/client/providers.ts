import type { Info } from "./info.ts";

/** Hosted services by the end of their host names. */
const HOSTS: readonly (readonly [suffix: string, name: string])[] = [
  [".cache.amazonaws.com", "Amazon ElastiCache"],
  [".amazonaws.com", "Amazon MemoryDB or ElastiCache"],
  [".redis.cache.windows.net", "Azure Cache for Redis"],
  [".redisenterprise.cache.azure.net", "Azure Cache for Redis Enterprise"],
  [".redis.azure.net", "Azure Managed Redis"],
  [".redislabs.com", "Redis Cloud"],
  [".redis-cloud.com", "Redis Cloud"],
  [".redns.redis-cloud.com", "Redis Cloud"],
  [".upstash.io", "Upstash"],
  [".aivencloud.com", "Aiven"],
  [".ondigitalocean.com", "DigitalOcean Managed Databases"],
];

/** Names the hosted service that a server belongs to, by its host name or by what INFO says; most of them refuse PSYNC. */
export function providerOf(host: string, info: Info): string | undefined {
  const server = info.server ?? {};
  if (server.rlec_version !== undefined) return "Redis Enterprise";
  if (server.upstash_version !== undefined) return "Upstash";
  if (server.os?.includes("ElastiCache")) return "Amazon ElastiCache";
  const name = host.toLowerCase();
  return HOSTS.find(([suffix]) => name.endsWith(suffix))?.[1];
}

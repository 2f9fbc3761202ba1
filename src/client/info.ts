/** Fields of one section by name; without a prototype, so that no field name means anything else. */
export type InfoFields = Readonly<Record<string, string>>;

/** Sections of INFO by name, lower case: `server`, `replication`, `keyspace`, … */
export type Info = Readonly<Record<string, InfoFields>>;

/**
 * Takes the text of INFO apart. Lines before the first section heading, and lines without a colon, are passed over;
 * values may hold colons.
 */
export function parseInfo(text: string): Info {
  const info: Record<string, Record<string, string>> = Object.create(null);
  let fields: Record<string, string> | undefined;
  for (const line of text.split("\n")) {
    const end = line.endsWith("\r") ? line.length - 1 : line.length;
    if (line.startsWith("#")) {
      const name = line.slice(1, end).trim().toLowerCase();
      fields = info[name] ??= Object.create(null) as Record<string, string>;
      continue;
    }
    const colon = line.indexOf(":");
    if (colon > 0 && fields !== undefined) fields[line.slice(0, colon)] = line.slice(colon + 1, end);
  }
  return info;
}

/** A value of INFO that is itself a list of pairs: `ip=127.0.0.1,port=6380,state=online`. */
export function parseInfoPairs(value: string): InfoFields {
  const pairs: Record<string, string> = Object.create(null);
  for (const pair of value.split(",")) {
    const equals = pair.indexOf("=");
    if (equals > 0) pairs[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return pairs;
}

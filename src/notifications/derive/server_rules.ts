/** What the server is that writes the stream; `version` is major × 100 + minor. */
export interface ServerVersion {
  readonly family: "redis" | "valkey";
  readonly version: number;
}

/** What a stream without AUX fields is taken for. */
export const DEFAULT_SERVER: ServerVersion = { family: "redis", version: 800 };

/** Reads `7.0.15`; `undefined` for anything that does not begin with two numbers. */
export function parseVersion(text: string): number | undefined {
  const match = /^(\d+)\.(\d+)/.exec(text);
  return match === null ? undefined : Number(match[1]) * 100 + Number(match[2]);
}

/** Where servers differ, by family and version (call sites of notifyKeyspaceEvent and propagation of each). */
export class ServerRules {
  readonly server: ServerVersion;
  readonly isValkey: boolean;
  /** `new` is published. */
  readonly tellsNew: boolean;
  /** `overwritten` and `type_changed` are published. */
  readonly tellsOverwritten: boolean;
  /** `persist`, `move_*` and `restore` are published. */
  readonly tellsMoves: boolean;
  readonly tellsCopies: boolean;
  /** XCLAIM and XREADGROUP say that they made a consumer. */
  readonly tellsConsumers: boolean;
  /** SPOP with a count is replicated as one SREM a member; otherwise as one SREM for 1024. */
  readonly spopOneByOne: boolean;
  /** Several fields of a hash are removed by one HDEL each. */
  readonly hdelOneByOne: boolean;
  readonly hasFieldExpiry: boolean;
  /** XREADGROUP tells where the group is by XGROUP SETID even if it also claims entries. */
  readonly tellsGroupId: boolean;
  /** XGROUP SETID comes before the CREATECONSUMER that shows where it is from. */
  readonly setIdFirst: boolean;

  constructor(server: ServerVersion) {
    const { family, version } = server;
    const valkey = family === "valkey";
    this.server = server;
    this.isValkey = valkey;
    this.tellsNew = version >= 700;
    this.tellsOverwritten = !valkey && version >= 802;
    this.tellsMoves = version >= 600;
    this.tellsCopies = version >= 602;
    this.tellsConsumers = version >= 700;
    this.spopOneByOne = !valkey && version < 702;
    this.hasFieldExpiry = valkey ? version >= 900 : version >= 704;
    this.hdelOneByOne = !valkey && this.hasFieldExpiry;
    this.tellsGroupId = valkey || version >= 704;
    this.setIdFirst = !valkey && version >= 804;
  }
}

/** What a server answers; error replies are `Error`s wherever they stand. */
export type TargetReply =
  | Uint8Array
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Error
  | readonly TargetReply[];

/** The bytes of a command, name first. */
export type TargetArguments = readonly Uint8Array[];

/**
 * A connection to one server, for `applyTo` alone: it selects databases and opens transactions on it.
 */
export interface TargetClient {
  /**
   * Sends commands in order, without waiting in between, and resolves to their replies in order, an error reply as an
   * `Error`. Rejects when the connection is lost, with nothing sent again by itself.
   */
  send(commands: readonly TargetArguments[]): Promise<readonly TargetReply[]>;
}

/** A client of a cluster that finds the primaries of slots and follows their redirections. */
export interface ClusterTargetClient {
  /**
   * Sends to the primary of a key's slot: one command, or with `transaction` all of them between MULTI and EXEC. Resolves to their
   * replies, as `TargetClient.send` does (of a transaction those of EXEC).
   */
  sendTo(
    key: Uint8Array,
    commands: readonly TargetArguments[],
    options: { readonly transaction: boolean },
  ): Promise<readonly TargetReply[]>;
  /** Sends one command to every primary; their replies. */
  sendToAll(command: TargetArguments): Promise<readonly TargetReply[]>;
}

import type { AofCommand, Position } from "../events.ts";
import type { RebuildCommand } from "../stream/rebuild_command.ts";
import type { PlacedArguments } from "../stream/retarget.ts";

/** Where a command of the target comes from. */
export type CommandSource = AofCommand | RebuildCommand;

/** One command for the target. */
export interface TargetCommand extends PlacedArguments {
  /** Upper case. */
  readonly name: string;
  readonly source: CommandSource;
}

/** Commands that belong together. */
export interface Unit {
  readonly commands: readonly TargetCommand[];
  /** They were a transaction of the source. */
  readonly transaction: boolean;
}

/** What is sent in one go. */
export interface TargetBatch {
  readonly units: Unit[];
  /** The position once all of it is applied; `undefined` inside a snapshot. */
  position: Position | undefined;
  commands: number;
  bytes: number;
}

export function newBatch(position: Position | undefined): TargetBatch {
  return { units: [], position, commands: 0, bytes: 0 };
}

/** A command that the target refused. */
export interface Refused {
  /** What was sent, name first. */
  readonly args: readonly Uint8Array[];
  /** The target's database. */
  readonly db: number | undefined;
  /** The target's answer. */
  readonly reply: string;
  /** Replication offset after the command; `undefined` for one made of a snapshot. */
  readonly offset: number | undefined;
  /** Position of everything applied before the batch that the command was in. */
  readonly position: Position | undefined;
  /** The command may have been applied before, by a run that was cut: the refusal may well come from that. */
  readonly repeated: boolean;
}

/** Sends batches to a target of one kind. */
export interface BatchSender {
  /** Whether there are keys in what will be mirrored to. */
  isEmpty(): Promise<boolean>;
  /** Deletes everything in what will be mirrored to. */
  empty(): Promise<void>;
  /** Notes that a snapshot is about to be loaded. */
  beginSnapshot(): Promise<void>;
  /** Sends a batch and waits for it. Refusals go to `refuse`, which may throw: what is then left of the batch is not looked at. */
  send(batch: TargetBatch, refuse: (command: TargetCommand, reply: Error) => void): Promise<void>;
}

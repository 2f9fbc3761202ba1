import { utf8 } from "../../bytes/text.ts";
import type { AofCommand, ArrivalInterval, Position } from "../../events.ts";
import type { Certainty, DerivedNotification, DeriveLevel } from "../notification.ts";
import type { Found } from "./found.ts";

/** A derived notification; what costs something is made when it is read. */
export class DerivedEvent implements DerivedNotification {
  readonly event: string;
  readonly key: Uint8Array;
  readonly db: number;
  readonly certainty: Certainty;
  readonly mayBe: readonly string[];
  readonly level: DeriveLevel;
  readonly command: AofCommand;
  readonly position: Position | undefined;
  readonly at: number | undefined;

  constructor(
    found: Found,
    command: AofCommand,
    level: DeriveLevel,
    position: Position | undefined,
    at: number | undefined,
  ) {
    this.event = found.event;
    this.key = found.key;
    this.db = found.db;
    this.certainty = found.certainty;
    this.mayBe = found.mayBe;
    this.level = level;
    this.command = command;
    this.position = position;
    this.at = at;
  }

  get kind(): "notification" {
    return "notification";
  }

  get source(): "derived" {
    return "derived";
  }

  get keyText(): string {
    return utf8(this.key);
  }

  get offset(): number {
    return this.command.offset;
  }

  get shard(): string | undefined {
    return this.command.shard;
  }

  get receivedAt(): ArrivalInterval | undefined {
    return this.command.receivedAt;
  }
}

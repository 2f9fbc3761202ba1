import type { ReplicaError } from "../../src/errors.ts";
import type { RedisEvent } from "../../src/events.ts";
import type { ApplyTotals } from "../../src/rx/apply_to.ts";
import type { Refused } from "../../src/rx/target_batch.ts";
import { showBytes, showNumber, showSize, showText } from "../format/show.ts";
import type { StatusLine } from "../status_line.ts";

/** Prints what a mirror has to say on standard error, above the status line if there is one. */
export class Report {
  /** The status line that makes way, if there is one. */
  status: StatusLine | undefined = undefined;
  #split = 0;
  #repeated = 0;
  #failure = "";

  line(text: string): void {
    this.status?.clear();
    process.stderr.write(`rxreplica: ${text}\n`);
    this.status?.draw();
  }

  /** A run has failed and another one follows; said once for a row of the same. */
  failed(error: ReplicaError, next: string): void {
    const text = `${showText(error.message)} (${error.code}); ${next}`;
    if (text !== this.#failure) this.line(text);
    this.#failure = text;
  }

  /** What failed before is over. */
  recovered(): void {
    this.#failure = "";
  }

  /** Tells of what is more than the daily work of a link. */
  see(event: RedisEvent): void {
    if (event.kind === "rdb" && event.event === "end") this.line("the snapshot has been read");
    if (event.kind !== "link") return;
    if (event.event === "reset")
      this.line(`the history has a hole (${event.reason}): a new snapshot follows`);
    else if (event.event === "warning") this.line(`${showText(event.message)} (${event.code})`);
    else if (event.event === "disconnected") this.line(`${showText(event.message)} (${event.code})`);
    else if (event.event === "lag") {
      this.line(`${showSize(event.lag)} behind; the source cuts the link at ${showSize(event.limit)}`);
    }
  }

  refused({ args, db, reply, offset, repeated }: Refused): void {
    const words = args.slice(0, 3).map((arg) => showBytes(arg, 40));
    const more = args.length > 3 ? ` … (${args.length} arguments)` : "";
    const where = `${db === undefined ? "" : ` in database ${db}`}${offset === undefined ? "" : ` at offset ${offset}`}`;
    const why = repeated ? "; it may have been applied before" : "";
    this.line(`refused${where}: ${words.join(" ")}${more}: ${showText(reply)}${why}`);
  }

  /** The first is told, the sum at the end. */
  split(name: string): void {
    if (this.#split++ === 0) this.line(`${name} has keys of several slots and is applied one by one`);
  }

  repeated(name: string, offset: number): void {
    if (this.#repeated++ === 0) {
      this.line("the run before was cut: commands after the position kept may be applied twice");
    }
    this.line(`may be applied twice: ${showText(name)} at offset ${offset}`);
  }

  end(totals: ApplyTotals | undefined): void {
    if (totals === undefined) return;
    const { commands, bytes, refused, repeated, late, split } = totals;
    const parts = [`${showNumber(commands, "command")} applied, ${showSize(bytes)}`];
    if (refused > 0) parts.push(`${refused} refused`);
    if (repeated > 0) parts.push(`${repeated} may have been applied twice`);
    if (split > 0) parts.push(`${split} split`);
    if (late > 0) parts.push(`${late} came after the time to live of their key`);
    this.line(parts.join(", "));
  }
}

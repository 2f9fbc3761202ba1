import type { PublishedNotification } from "../../src/notifications/node_subscription.ts";
import type { DerivedNotification, NotificationGap } from "../../src/notifications/notification.ts";
import type { Block } from "../format/block.ts";
import { writeField, writeJsonBytes } from "../format/json.ts";
import { showBytes, showText, showTime } from "../format/show.ts";

export type Told = PublishedNotification | DerivedNotification | NotificationGap;

/** Writes one notification as one line of JSON. */
export function writeNotification(block: Block, told: Told): void {
  if (isGap(told)) {
    block.ascii('{"kind":"notification","event":"gap"');
    if (told.from !== undefined) writeField(block, "from", told.from);
    if (told.to !== undefined) writeField(block, "to", told.to);
    writeField(block, "reason", told.reason);
  } else {
    block.ascii(`{"kind":"notification","db":${told.db}`);
    writeField(block, "event", told.event);
    block.ascii(',"key":');
    writeJsonBytes(block, told.key);
    if (told.source === "derived") {
      writeField(block, "offset", told.offset);
      writeField(block, "certainty", told.certainty);
      if (told.mayBe.length > 0) writeField(block, "mayBe", told.mayBe);
      writeField(block, "level", told.level);
    }
    if (told.at !== undefined) writeField(block, "at", told.at);
  }
  if (told.shard !== undefined) writeField(block, "shard", told.shard);
  block.ascii("}\n");
}

/** One notification as one line for people, without the line end. */
export function notificationText(told: Told): string {
  if (isGap(told)) {
    const from = told.from === undefined ? "?" : showTime(told.from);
    const to = told.to === undefined ? "?" : showTime(told.to);
    return `gap ${from} … ${to}  ${showText(told.reason)}`;
  }
  const line = `${told.db} ${told.event.padEnd(12)} ${showBytes(told.key)}`;
  if (told.source !== "derived" || told.certainty === "exact") return line;
  const others = told.mayBe.length > 0 ? `, maybe ${told.mayBe.join(" or ")}` : "";
  return `${line}  (${told.certainty}${others})`;
}

function isGap(told: Told): told is NotificationGap {
  return told.event === "gap";
}

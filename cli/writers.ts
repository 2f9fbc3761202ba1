import type { RedisEvent } from "../src/events.ts";
import type { Block } from "./format/block.ts";
import type { Format, PrintOptions } from "./options.ts";
import { loadColors, type Terminal } from "./terminal.ts";

/** Writes one event into a block of output, in one of the formats. */
export type EventWriter = (block: Block, event: RedisEvent) => void;

/** The writer of the format asked for, its code loaded now. Text is the default on a terminal, NDJSON elsewhere. */
export async function loadWriter(options: PrintOptions, terminal: Terminal): Promise<EventWriter> {
  const keysOnly = options.keysOnly === true;
  const format: Format = options.format ?? (terminal.out ? "text" : "ndjson");
  switch (format) {
    case "ndjson": {
      const { writeNdjson } = await import("./format/ndjson.ts");
      return (block, event) => writeNdjson(block, event, { keysOnly });
    }
    case "text": {
      const { textLine } = await import("./format/text.ts");
      const colors = await loadColors(terminal.out);
      return (block, event) => {
        const width = terminal.out ? process.stdout.columns : undefined;
        block.text(textLine(event, { colors, width, keysOnly }));
        block.byte(0x0a);
      };
    }
    case "resp": {
      const { createRespWriter } = await import("./format/resp.ts");
      return createRespWriter();
    }
  }
}

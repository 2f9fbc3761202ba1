import type { RedisEvent } from "../src/events.ts";
import type { Progress } from "./event_source.ts";
import { showCount, showDuration, showNumber, showSize } from "./format/show.ts";
import type { Colors } from "./format/text.ts";
import { SourceState } from "./source_state.ts";
import { bar, joinWithin } from "./status_line.ts";
import { loadColors } from "./terminal.ts";

/** Rates are those of the last two seconds. */
const WINDOW_MS = 2000;
const BAR_COLUMNS = 24;
const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

interface Sample {
  readonly at: number;
  readonly bytes: number;
  readonly commands: number;
}

export interface MeterOptions {
  /** Milliseconds, of any clock that only moves forward. */
  readonly now: () => number;
  readonly colors: Colors;
  /** How far a file is read; without it the places of the keys in the snapshot tell. */
  readonly progress?: (() => Progress) | undefined;
  /** How far the snapshot of a link is read, told now and then; the keys' places tell in between. */
  readonly snapshot?: (() => Progress | undefined) | undefined;
  /** Keys seen so far, where no events are made of them. */
  readonly keys?: (() => number) | undefined;
}

/** Watches events go by and tells in one line how far they have come. */
export class Meter {
  readonly #options: MeterOptions;
  readonly #samples: Sample[] = [];
  readonly #state = new SourceState();
  #draws = 0;

  constructor(options: MeterOptions) {
    this.#options = options;
  }

  see(event: RedisEvent): void {
    this.#state.see(event);
  }

  /** The line, no wider than `columns`. */
  render(columns: number): string {
    const { now, progress } = this.#options;
    const { bytes, total } = progress?.() ?? this.#linkProgress();
    const rates = this.#rates({ at: now(), bytes, commands: this.#state.commands });
    const { phase, note } = this.#state;
    if (phase === "live" && progress === undefined) return this.#liveLine(columns, rates.commands);
    if (phase === "opening" && progress === undefined) return joinWithin([this.#spin(), note], columns);
    return this.#loadingLine(columns, { bytes, total }, rates.bytes);
  }

  /** Keys that a filter leaves out tell nothing, so the link's own count is asked too. */
  #linkProgress(): Progress {
    const told = this.#options.snapshot?.();
    return { bytes: Math.max(this.#state.payloadBytes, told?.bytes ?? 0), total: told?.total };
  }

  #loadingLine(columns: number, { bytes, total }: Progress, rate: number): string {
    const { colors } = this.#options;
    const { commands } = this.#state;
    const keys = this.#options.keys?.() ?? this.#state.keys;
    const counts = [
      ...(keys > 0 || commands === 0 ? [showNumber(keys, "key")] : []),
      ...(commands > 0 ? [showNumber(commands, "command")] : []),
    ];
    const speed = `${showSize(rate)}/s`;
    if (total === undefined || total === 0)
      return joinWithin([this.#spin(), showSize(bytes), ...counts, speed], columns);
    const { done, left } = bar(bytes / total, BAR_COLUMNS);
    const percent = `${Math.min(100, Math.floor((bytes / total) * 100))}%`.padStart(4);
    const remaining = rate > 0 ? [`${showDuration(((total - bytes) / rate) * 1000)} left`] : [];
    const line = joinWithin(
      [done + left, percent, `${showSize(bytes)} of ${showSize(total)}`, ...counts, speed, ...remaining],
      columns,
    );
    return line.startsWith(done + left)
      ? colors.green(done) + colors.dim(left) + line.slice(done.length + left.length)
      : line;
  }

  #liveLine(columns: number, rate: number): string {
    const { offset, shards, commands, keys, lag } = this.#state;
    const parts = [
      "● live",
      ...(offset === undefined ? [] : [`offset ${showCount(offset)}`]),
      ...(shards.all === 0 ? [] : [`${shards.there} of ${showNumber(shards.all, "shard")}`]),
      showNumber(commands, "write"),
      `${showCount(Math.round(rate))}/s`,
      ...(keys > 0 ? [`${showNumber(keys, "key")} before`] : []),
      ...(lag === 0 ? [] : [`${showSize(lag)} behind`]),
    ];
    return this.#options.colors.dim(joinWithin(parts, columns));
  }

  #spin(): string {
    return SPINNER[this.#draws++ % SPINNER.length]!;
  }

  /** Per second, over the window. */
  #rates(sample: Sample): { readonly bytes: number; readonly commands: number } {
    this.#samples.push(sample);
    while (this.#samples.length > 2 && sample.at - this.#samples[0]!.at > WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0]!;
    const seconds = (sample.at - oldest.at) / 1000;
    if (seconds <= 0) return { bytes: 0, commands: 0 };
    return {
      bytes: (sample.bytes - oldest.bytes) / seconds,
      commands: (sample.commands - oldest.commands) / seconds,
    };
  }
}

/** A meter for a source that is shown on the terminal of this run. */
export async function createMeter(
  source: Pick<MeterOptions, "progress" | "snapshot" | "keys">,
): Promise<Meter> {
  return new Meter({ ...source, now: () => performance.now(), colors: await loadColors(true) });
}

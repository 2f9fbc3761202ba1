import type { Derivation } from "../derivation.ts";
import { type Scored, ZsetValues } from "../zset_values.ts";
import type { Rule } from "./rule.ts";
import { storeResult } from "./sets.ts";

const EARTH_RADIUS_M = 6372797.560856;
const MAX_LATITUDE = 85.05112878;
const STEPS = 26;
const UNITS: Readonly<Record<string, number>> = { M: 1, KM: 1000, FT: 0.3048, MI: 1609.34 };
const RADIAN = Math.PI / 180;

type Place = readonly [longitude: number, latitude: number];

/** The middle of the cell that a score of 52 interleaved bits stands for (`geohash.c`). */
function placeOf(score: number): Place {
  let low = score;
  let x = 0;
  let y = 0;
  // Latitude bits are the even ones.
  for (let bit = 0; bit < STEPS; bit++) {
    y += (low % 2) * 2 ** bit;
    low = Math.floor(low / 2);
    x += (low % 2) * 2 ** bit;
    low = Math.floor(low / 2);
  }
  const cells = 2 ** STEPS;
  const longitude = -180 + ((x + 0.5) / cells) * 360;
  const latitude = -MAX_LATITUDE + ((y + 0.5) / cells) * 2 * MAX_LATITUDE;
  return [clamp(longitude, 180), clamp(latitude, MAX_LATITUDE)];
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}

function distance([lon1, lat1]: Place, [lon2, lat2]: Place): number {
  const v = Math.sin((lon2 * RADIAN - lon1 * RADIAN) / 2);
  const u = Math.sin((lat2 * RADIAN - lat1 * RADIAN) / 2);
  const a = u * u + Math.cos(lat1 * RADIAN) * Math.cos(lat2 * RADIAN) * v * v;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(a));
}

/** What a search asks for, from any of the commands. */
interface Search {
  readonly centre: Place | undefined;
  /** Metres: a radius, or width and height of a box. */
  readonly radius: number | undefined;
  readonly box: readonly [width: number, height: number] | undefined;
  readonly unit: number;
  readonly count: number | undefined;
  readonly any: boolean;
  readonly descending: boolean;
  readonly storeDistance: boolean;
}

/** GEOSEARCHSTORE dest source … */
const geosearchstore: Rule = (d) => {
  const source = values(d, d.arg(2));
  const result = source && find(source, readSearch(d, 3, source));
  storeResult(d, d.arg(1), "zset", "geosearchstore", result);
};

/** GEORADIUS source lon lat radius unit … STORE|STOREDIST dest; GEORADIUSBYMEMBER source member radius unit … */
const georadius =
  (byMember: boolean): Rule =>
  (d) => {
    const at = Math.max(d.indexOfWord("STORE", 4), d.indexOfWord("STOREDIST", 4));
    if (at < 0) return;
    const source = values(d, d.arg(1));
    const first = byMember ? 3 : 4;
    const unit = UNITS[d.word(first + 1)] ?? 1;
    const result =
      source &&
      find(source, {
        ...readSearch(d, first + 2, source),
        centre: byMember ? memberPlace(source, d.text(2)) : [d.number(2), d.number(3)],
        radius: d.number(first) * unit,
        unit,
      });
    storeResult(d, d.arg(at + 1), "zset", "georadiusstore", result);
  };

function values(d: Derivation, key: Uint8Array): ZsetValues | undefined {
  if (d.presence(key) === "no") return new ZsetValues();
  const contents = d.contents(key);
  return contents instanceof ZsetValues ? contents : undefined;
}

function memberPlace(source: ZsetValues, member: string): Place | undefined {
  const score = source.scores.get(member);
  return score === undefined ? undefined : placeOf(score);
}

function readSearch(d: Derivation, from: number, source: ZsetValues): Search {
  let centre: Place | undefined;
  let radius: number | undefined;
  let box: readonly [number, number] | undefined;
  let unit = 1;
  let count: number | undefined;
  let any = false;
  let descending = false;
  let storeDistance = false;
  for (let at = from; at < d.args.length; at++) {
    switch (d.word(at)) {
      case "FROMMEMBER":
        centre = memberPlace(source, d.text(++at));
        break;
      case "FROMLONLAT":
        centre = [d.number(at + 1), d.number(at + 2)];
        at += 2;
        break;
      case "BYRADIUS":
        unit = UNITS[d.word(at + 2)] ?? 1;
        radius = d.number(at + 1) * unit;
        at += 2;
        break;
      case "BYBOX":
        unit = UNITS[d.word(at + 3)] ?? 1;
        box = [d.number(at + 1) * unit, d.number(at + 2) * unit];
        at += 3;
        break;
      case "COUNT":
        count = d.number(++at);
        break;
      case "ANY":
        any = true;
        break;
      case "DESC":
        descending = true;
        break;
      case "STOREDIST":
        storeDistance = true;
        break;
    }
  }
  return { centre, radius, box, unit, count, any, descending, storeDistance };
}

function find(source: ZsetValues, search: Search): ZsetValues | undefined {
  const { centre, radius, box, unit, count, any, descending, storeDistance } = search;
  if (source.size === 0) return new ZsetValues();
  // A polygon (Valkey ≥ 9) is not followed, nor which members ANY takes.
  if (centre === undefined || (radius === undefined && box === undefined)) return undefined;
  const found: { readonly item: Scored; readonly far: number }[] = [];
  for (const item of source.ordered()) {
    const place = placeOf(item[1]);
    const far = distance(centre, place);
    if (radius !== undefined ? far <= radius : inBox(box!, centre, place)) found.push({ item, far });
  }
  if (count !== undefined && found.length > count) {
    if (any) return undefined;
    found.sort((a, b) => (descending ? b.far - a.far : a.far - b.far)).length = count;
  }
  return new ZsetValues(
    found.map(({ item, far }): Scored => [item[0], storeDistance ? far / unit : item[1]]),
  );
}

/** A box is as wide as it says at the place's own latitude (`geohashGetDistanceIfInRectangle`). */
function inBox([width, height]: readonly [number, number], centre: Place, place: Place): boolean {
  const north = distance([place[0], place[1]], [place[0], centre[1]]);
  if (north > height / 2) return false;
  return distance([place[0], place[1]], [centre[0], place[1]]) <= width / 2;
}

export const GEO_RULES: Readonly<Record<string, Rule>> = {
  GEOSEARCHSTORE: geosearchstore,
  GEORADIUS: georadius(false),
  GEORADIUSBYMEMBER: georadius(true),
};

import type { Range } from "./types";

const MARGIN = 0.04;
const TYPICAL = 0.7;
const DECADES = 6;
const MOST = 6;
const LEAVE = 0.3;
const GROWTH = 1.25;
const FEWEST = 8;
const SLACK = 1.3;

/** The least and the greatest value of one curve, in the units of its axis. */
export interface Extremes {
  low: number;
  high: number;
  baseline: boolean;
  /** Whether it still has a value at its end: a run that diverged has none. */
  sound: boolean;
}

/** The y-range of a row of charts, as backend/figures/ranges.py finds it: one wild run cannot squash the others. */
export function findRange(curves: readonly Extremes[], log: boolean, most = MOST): Range | null {
  if (curves.length === 0) return null;
  const ordinary = curves.some((curve) => curve.sound) ? curves.filter((curve) => curve.sound) : curves;
  const lows = ordinary.map((curve) => curve.low).sort(ascending);
  const highs = ordinary.map((curve) => curve.high).sort(ascending);
  const reference = ordinary.filter((curve) => curve.baseline);
  const typicalLow = Math.min(quantile(lows, 1 - TYPICAL), ...reference.map((curve) => curve.low));
  const typicalHigh = Math.max(quantile(highs, TYPICAL), ...reference.map((curve) => curve.high));
  const span = typicalHigh - typicalLow || Math.abs(typicalHigh) || 1;
  let high = Math.max(...curves.map((curve) => curve.high));
  let low = Math.min(...curves.map((curve) => curve.low));
  if (high - low > most * span) {
    high = Math.min(high, typicalHigh + LEAVE * span);
    low = Math.max(low, typicalLow - LEAVE * span);
  }
  if (log) low = Math.max(low, high - DECADES);
  const room = MARGIN * (high - low || Math.abs(high) || 1);
  return [low - room, high + room];
}

/** The range to show now: the old one as long as it fits, so that an axis does not twitch with every epoch. */
export function followRange(old: Range | null, wanted: Range): Range {
  if (old === null) return wanted;
  const size = wanted[1] - wanted[0];
  const fits = wanted[0] >= old[0] - 0.01 * size && wanted[1] <= old[1] + 0.01 * size;
  if (fits && old[1] - old[0] <= SLACK * size) return old;
  // Where it must grow it grows with room, so that it need not grow again at once.
  const low = wanted[0] < old[0] ? wanted[0] - 0.06 * size : wanted[0];
  const high = wanted[1] > old[1] ? wanted[1] + 0.06 * size : wanted[1];
  return [low, high];
}

/** How far the x-axis reaches while a sweep runs: with room to grow, in steps, up to `total` where that is known. */
export function extendX(last: number, newest: number, total: number | null): number {
  if (newest <= last) return last;
  const grown = Math.max(FEWEST, Math.ceil(newest * GROWTH));
  return total === null ? grown : Math.min(grown, Math.max(total, newest));
}

/** An x-range in the axis' own units, from `start` to `last` in those of the data. */
export function frameX(start: number, last: number, first: number, log: boolean): Range {
  if (!log) {
    const room = 0.012 * (last - start) || 0.5;
    return [start - room, last + room];
  }
  const low = Math.log10(first);
  const high = Math.log10(Math.max(last, first * 1.01));
  const room = 0.012 * (high - low);
  return [low - room, high + room];
}

function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place % 1);
}

function ascending(one: number, other: number): number {
  return one - other;
}

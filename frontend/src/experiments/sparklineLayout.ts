import type { Schemas } from "../api/client";

type Cell = Schemas["Cell"];
export interface Dot {
  x: number;
  y: number;
  cell: Cell;
}

/**
 * The range of scores that all sparklines of an experiment share. Its lower end is limited to four times the distance
 * from the best score to the median, so that one bad strength does not flatten the rest; it is at least three standard
 * deviations wide, so that noise between seeds does not look like an effect.
 */
export function findRange(sparklines: Record<string, Cell[]>): [number, number] {
  const cells = Object.values(sparklines).flat();
  const scores = sort(cells.map((cell) => cell.score_mean));
  const [bottom, top] = [scores[0], scores.at(-1)];
  if (bottom === undefined || top === undefined) return [0, 1];
  const scatter = findMedian(sort(cells.map((cell) => cell.score_deviation))) ?? 0;
  const reach = 4 * (top - (findMedian(scores) ?? bottom));
  const baseline = sparklines.none?.[0]?.score_mean ?? top;
  const low = Math.min(Math.max(bottom, top - reach), baseline, top - 3 * scatter);
  return low < top ? [low, top] : [top - 0.5, top + 0.5];
}

function sort(values: (number | null)[]): number[] {
  return values.filter((value) => value !== null).sort((one, other) => one - other);
}

function findMedian(sorted: number[]): number | undefined {
  return sorted[Math.floor(sorted.length / 2)];
}

/** Evenly spaced positions of a sparkline's dots; scores below the range are placed at its lower end. */
export function placeDots(
  cells: Cell[],
  [low, high]: [number, number],
  width: number,
  height: number,
): Dot[] {
  const margin = 4;
  const step = cells.length > 1 ? (width - 2 * margin) / (cells.length - 1) : 0;
  return cells.flatMap((cell, index) => {
    if (cell.score_mean === null) return [];
    const share = Math.max(0, (cell.score_mean - low) / (high - low));
    const x = cells.length > 1 ? margin + step * index : width / 2;
    return [{ x, y: height - margin - share * (height - 2 * margin), cell }];
  });
}

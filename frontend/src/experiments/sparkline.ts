import type { Schemas } from "../api/client";

type Cell = Schemas["Cell"];
export interface Dot {
  x: number;
  y: number;
  cell: Cell;
}

/**
 * The scores that all sparklines of one experiment span. A strength that ruins the network would press all others flat,
 * so the range reaches only three times as far below the best as the best stands above the baseline, or a sixth of all.
 */
export function findRange(sparklines: Record<string, Cell[]>): [number, number] {
  const scores = Object.values(sparklines)
    .flat()
    .map((cell) => cell.score_mean)
    .filter((score) => score !== null);
  if (scores.length === 0) return [0, 1];
  const top = Math.max(...scores);
  const bottom = Math.min(...scores);
  const baseline = sparklines.none?.[0]?.score_mean ?? bottom;
  const reach = 3 * Math.max(top - baseline, (top - bottom) / 6);
  const low = Math.max(bottom, top - reach);
  return low < top ? [low, top] : [top - 0.5, top + 0.5];
}

/** Where the dots of one sparkline stand, at even steps; those below the range stand on its floor. */
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

import type { Line } from "../../live/liveFigure";

/** The point of a line nearest to the pointer. */
export interface Hit {
  line: Line;
  x: number;
  y: number;
  /** Vertical distance from the pointer in pixels. */
  distance: number;
}

interface Scale {
  d2p(value: number): number;
}

// The largest horizontal distance from the pointer in pixels.
const REACH = 24;

/** The index between `first` and `stop` of the x nearest to `wanted`; x increases. */
export function findNearestIndex(x: readonly number[], first: number, stop: number, wanted: number): number {
  let low = first;
  let high = stop - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  if (low > first && Math.abs((x[low - 1] ?? 0) - wanted) <= Math.abs((x[low] ?? 0) - wanted)) return low - 1;
  return low;
}

/** The points of all lines at `x`, sorted by distance from the pointer at `pixelX`, `pixelY`. */
export function hitTest(
  lines: readonly Line[],
  x: number,
  pixelX: number,
  pixelY: number,
  xaxis: Scale,
  yaxis: Scale,
): Hit[] {
  const found: Hit[] = [];
  for (const line of lines) {
    if (line.stop <= line.first) continue;
    const index = findNearestIndex(line.trace.x, line.first, line.stop, x);
    const hit = { line, x: line.trace.x[index] ?? Number.NaN, y: line.trace.y[index] ?? Number.NaN };
    const distance = Math.abs(yaxis.d2p(hit.y) - pixelY);
    if (!Number.isFinite(distance) || Math.abs(xaxis.d2p(hit.x) - pixelX) > REACH) continue;
    found.push({ ...hit, distance });
  }
  return found.sort((one, other) => one.distance - other.distance);
}

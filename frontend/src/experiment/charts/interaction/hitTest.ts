import type { Line } from "../../live/liveFigure";

/** A line's point near the pointer. */
export interface Hit {
  line: Line;
  x: number;
  y: number;
  /** Pixels from the pointer, up or down. */
  distance: number;
}

interface Scale {
  d2p(value: number): number;
}

// A line that ends further left or right than this is not under the pointer.
const REACH = 24;

/** The entry of a rising x, between first and stop, that is nearest to `wanted`. */
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

/** Each line's point at `x`, nearest to the pointer first. `pixelX` and `pixelY` are along the axes. */
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

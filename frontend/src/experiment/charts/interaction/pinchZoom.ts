import type { Range } from "../../types";
import type { PlotElement } from "../rendering/plotly";
import type { Point } from "./touchGestures";

/** Two fingers on a plot, from where they touched: what they make of its ranges, in the axes' own units. */
export class PinchZoom {
  private readonly x: Range;
  private readonly y: Range;
  private readonly before: [Point, Point];

  constructor(
    private readonly plot: PlotElement,
    [one, other]: [Point, Point],
  ) {
    const { xaxis, yaxis } = plot._fullLayout;
    this.x = xaxis.range.map(Number) as Range;
    this.y = yaxis.range.map(Number) as Range;
    // The browser's own list of fingers changes under way; where they touched does not.
    this.before = [copy(one), copy(other)];
  }

  /** The ranges with the fingers here; null for an axis along which they are too close to zoom it. */
  stretch(now: [Point, Point]): { x: Range | null; y: Range | null } {
    const { xaxis, yaxis } = this.plot._fullLayout;
    const box = this.plot.getBoundingClientRect();
    const across = ({ clientX }: Point) => clientX - box.left - xaxis._offset;
    const up = ({ clientY }: Point) => box.top + yaxis._offset + yaxis._length - clientY;
    const measure = (place: (point: Point) => number, [one, other]: [Point, Point]): Range => [
      place(one),
      place(other),
    ];
    return {
      x: stretchRange(this.x, xaxis._length, measure(across, this.before), measure(across, now)),
      y: stretchRange(this.y, yaxis._length, measure(up, this.before), measure(up, now)),
    };
  }
}

function copy({ clientX, clientY }: Point): Point {
  return { clientX, clientY };
}

// Fingers closer than this along an axis do not zoom it.
const NEAREST = 36;

/** The range that keeps under two fingers, now at `now`, what was under them at `before`; all along one axis, in pixels,
 * of which the range spans `length`. Null where they were too close along it. */
export function stretchRange(
  range: Range,
  length: number,
  before: readonly [number, number],
  now: readonly [number, number],
): Range | null {
  const apart = before[1] - before[0];
  if (Math.abs(apart) < NEAREST) return null;
  const least = Math.sign(apart) * NEAREST;
  const gap = Math.sign(apart) * (now[1] - now[0]) < NEAREST ? least : now[1] - now[0];
  const perPixel = (range[1] - range[0]) / length;
  const scale = (perPixel * apart) / gap;
  const middle = range[0] + (perPixel * (before[0] + before[1])) / 2;
  const low = middle - (scale * (now[0] + now[1])) / 2;
  return [low, low + scale * length];
}

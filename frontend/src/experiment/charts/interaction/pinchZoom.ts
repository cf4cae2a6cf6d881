import type { Range } from "../../types";
import type { PlotElement } from "../rendering/plotly";
import type { Point } from "./touchGestures";

/** A pinch gesture on a plot: its axis ranges from the positions of two fingers. */
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
    // Copies, because the browser updates its touch objects.
    this.before = [copy(one), copy(other)];
  }

  /** The new ranges in axis units; null for an axis along which the fingers are too close. */
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

// Fingers closer than this along an axis, in pixels, do not zoom it.
const NEAREST = 36;

/** The range after two fingers moved from `before` to `now`, in pixels along an axis of `length`. Null if they were too
 * close. */
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

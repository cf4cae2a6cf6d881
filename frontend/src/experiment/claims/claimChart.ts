import { StrengthChart } from "../answer/strengthChart";
import type { Hit } from "../charts/interaction/hitTest";
import type { ChartTheme } from "../charts/rendering/chartTheme";
import type { Trace } from "../types";
import { thinTicks } from "./thinTicks";

/** A claim's number over the strength. A run that has not reached it has no value. */
export class ClaimChart extends StrengthChart {
  protected override makeLayout(width: number, theme: ChartTheme): Record<string, unknown> {
    const layout = super.makeLayout(width, theme);
    const axis = layout.yaxis as { type?: string; tickvals?: number[]; ticktext?: string[] };
    if (axis.type !== "log" || axis.tickvals === undefined) return layout;
    return { ...layout, yaxis: { ...axis, ...thinTicks(axis.tickvals, axis.ticktext ?? []) } };
  }

  protected override listDots(dots: Trace, strength: number, distances: number[]): Hit[] {
    const censored = new Set(dots.meta.censored);
    return super
      .listDots(dots, strength, distances)
      .map((hit) => (censored.has(hit.line.first) ? { ...hit, y: Number.NaN } : hit));
  }
}

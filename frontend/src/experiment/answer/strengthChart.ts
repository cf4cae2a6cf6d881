import type { Hit } from "../charts/interaction/hitTest";
import type { Point } from "../charts/interaction/touchGestures";
import type { ChartTheme } from "../charts/rendering/chartTheme";
import type { Trace, TraceKind } from "../types";
import { type Margin, StrengthAxisChart } from "./strengthAxisChart";

const NEAR = 30;
// The names of chosen strengths stand above the plot.
const MARGIN = { l: 46, r: 14, t: 20, b: 38 };

/** The final metric over the strength, a dot per seed; the hovered dot highlights its strength. */
export class StrengthChart extends StrengthAxisChart {
  protected getMargin(): Margin {
    return MARGIN;
  }

  protected listTraces(theme: ChartTheme): Trace[] {
    return this.options.figure.traces.map((trace) =>
      trace.meta.baseline ? { ...trace, line: { ...trace.line, color: theme.ink } } : trace,
    );
  }

  protected findPlace(strength: number): number | undefined {
    const mean = this.findTrace("mean");
    return mean?.x[mean.meta.strengths?.indexOf(strength) ?? -1];
  }

  private findTrace(kind: TraceKind): Trace | undefined {
    return this.options.figure.traces.find((trace) => trace.meta.kind === kind);
  }

  protected point(at: Point, isFinger: boolean): void {
    const dots = this.findTrace("dots");
    if (this.plot === null || dots === undefined) return;
    const { xaxis, yaxis } = this.plot._fullLayout;
    const { left, top } = this.locate(this.plot, at);
    const distances = dots.x.map((x, index) =>
      Math.hypot(xaxis.d2p(x) - left, yaxis.d2p(dots.y[index] ?? Number.NaN) - top),
    );
    const nearest = distances.indexOf(Math.min(...distances));
    // A finger hides its target, so the nearest dot is meant.
    if (nearest < 0 || (!isFinger && (distances[nearest] ?? Number.POSITIVE_INFINITY) > NEAR)) {
      this.leave();
      return;
    }
    const { interaction, tooltip } = this.context;
    const { regularizer, figure } = this.options;
    const strength = dots.meta.strengths?.[nearest] ?? 0;
    interaction.setHighlight("pointer", { regularizer, strength, run: dots.meta.runs[nearest] });
    const rows = this.listDots(dots, strength, distances);
    const name = (key: string, own: number) => interaction.labelLine(key, own);
    tooltip.show(name(regularizer, strength), rows, figure.layout.meta, name, {
      x: at.clientX,
      y: at.clientY,
    });
  }

  protected listDots(dots: Trace, strength: number, distances: number[]): Hit[] {
    const { regularizer } = this.options;
    return dots.x
      .map((x, index) => ({
        line: {
          trace: { ...dots, line: { color: this.findColour(dots, index) } },
          regularizer,
          strength: dots.meta.strengths?.[index] ?? 0,
          first: index,
          stop: index + 1,
          run: dots.meta.runs[index] ?? null,
          seed: dots.meta.seeds[index] ?? null,
          fold: dots.meta.splits?.some((split) => split > 0) ? (dots.meta.splits[index] ?? null) : null,
          baseline: false,
        },
        x,
        y: dots.y[index] ?? Number.NaN,
        distance: distances[index] ?? 0,
      }))
      .filter((hit) => hit.line.strength === strength)
      .sort((one, other) => one.distance - other.distance);
  }

  private findColour(dots: Trace, index: number): string {
    const { color } = dots.marker as { color: string | string[] };
    return typeof color === "string" ? color : (color[index] ?? "");
  }
}

import { StrengthAxisChart } from "../experiment/answer/strengthAxisChart";
import { type TooltipRow, writeValues } from "../experiment/charts/interaction/tooltip";
import type { Point } from "../experiment/charts/interaction/touchGestures";
import type { Trace } from "../experiment/types";
import { countNoun, MISSING } from "../text/numbers";

const NEAR = 30;
const MARGIN = { l: 46, r: 14, t: 8, b: 38 };

interface Dot {
  trace: Trace;
  index: number;
  distance: number;
}

/** The final metric over the strength, a line per experiment; the hovered dot highlights its strength in all. */
export class PathsChart extends StrengthAxisChart {
  protected getMargin() {
    return MARGIN;
  }

  protected listTraces(): Trace[] {
    return this.options.figure.traces;
  }

  protected findPlace(strength: number): number | undefined {
    for (const { x, meta } of this.listLines()) {
      const place = x[meta.strengths?.indexOf(strength) ?? -1];
      if (place !== undefined) return place;
    }
    return undefined;
  }

  private listLines(): Trace[] {
    return this.options.figure.traces.filter(({ meta }) => meta.kind === "mean");
  }

  protected point(at: Point, isFinger: boolean): void {
    if (this.plot === null) return;
    const nearest = this.listDots(at)[0];
    // A finger hides its target, so the nearest dot is meant.
    if (nearest === undefined || (!isFinger && nearest.distance > NEAR)) {
      this.leave();
      return;
    }
    const { interaction, tooltip } = this.context;
    const { regularizer } = this.options;
    const strength = nearest.trace.meta.strengths?.[nearest.index] ?? 0;
    interaction.setHighlight("pointer", { regularizer, strength });
    const title = interaction.labelLine(strength === 0 ? "none" : regularizer, strength);
    tooltip.showRows(title, this.describe(strength), { x: at.clientX, y: at.clientY });
  }

  /** The nearest first. */
  private listDots(at: Point): Dot[] {
    if (this.plot === null) return [];
    const { xaxis, yaxis } = this.plot._fullLayout;
    const { left, top } = this.locate(this.plot, at);
    return this.listLines()
      .flatMap((trace) =>
        trace.x.map((x, index) => ({
          trace,
          index,
          distance: Math.hypot(xaxis.d2p(x) - left, yaxis.d2p(trace.y[index] ?? Number.NaN) - top),
        })),
      )
      .sort((one, other) => one.distance - other.distance);
  }

  /** A row per experiment that has this strength. */
  private describe(strength: number): TooltipRow[] {
    const found = this.listLines().flatMap((trace) => {
      const index = trace.meta.strengths?.indexOf(strength) ?? -1;
      const y = trace.y[index];
      return y === undefined ? [] : [{ trace, index, y }];
    });
    const values = writeValues(
      found.map(({ y }) => y),
      this.options.figure.layout.meta,
    );
    return found.map(({ trace, index, y }) => ({
      colour: (trace.marker as { color: string[] }).color[index] ?? "",
      name: `#${trace.meta.experiment}`,
      note: `mean of ${countNoun(trace.meta.counts?.[index] ?? 0, "seed")}`,
      value: values.get(y) ?? MISSING,
    }));
  }
}

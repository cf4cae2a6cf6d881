import { formatNumbers } from "../../text/digits";
import { MISSING } from "../../text/numbers";
import type { TooltipRow } from "../charts/interaction/tooltip";
import type { Point } from "../charts/interaction/touchGestures";
import type { ChartTheme } from "../charts/rendering/chartTheme";
import type { Range, Trace } from "../types";
import { type Margin, StrengthAxisChart } from "./strengthAxisChart";

// The names of chosen strengths stand above the plot.
const MARGIN = { l: 104, r: 46, t: 20, b: 38 };
const NARROW = { ...MARGIN, l: 76 };
const NARROW_WIDTH = 420;
const NEAR = 40;
const CHARACTER = 6.6;
const LABEL_HEIGHT = 14;
const GAP = 8;

/** One feature's line within a trace. */
export interface FeatureLine {
  feature: string;
  x: number[];
  y: number[];
  colour: string;
}

/** A regularization path: a line per feature, the largest labelled at their left ends. */
export class PathChart extends StrengthAxisChart {
  private highlighted: string | null = null;

  protected getMargin(width: number): Margin {
    return width < NARROW_WIDTH ? NARROW : MARGIN;
  }

  protected listTraces(): Trace[] {
    return this.options.figure.traces;
  }

  protected findPlace(strength: number): number | undefined {
    const trace = this.options.figure.traces[0];
    return trace?.x[trace.meta.strengths?.indexOf(strength) ?? -1];
  }

  protected override makeLayout(width: number, theme: ChartTheme): Record<string, unknown> {
    const layout = super.makeLayout(width, theme);
    const yaxis = { ...(layout.yaxis as object), side: "right", automargin: false };
    // Those of the figure name the strengths that validation chooses.
    const annotations = [
      ...((layout.annotations as object[] | undefined) ?? []),
      ...this.makeLabels(width, theme),
    ];
    return { ...layout, yaxis, annotations };
  }

  /** Labels of the largest coefficients, connected to the left ends of their lines. */
  private makeLabels(width: number, theme: ChartTheme): object[] {
    const { figure, height } = this.options;
    const { l, r, t, b } = this.getMargin(width);
    const [low, high] = figure.layout.yaxis.range as Range;
    const [first, last] = figure.layout.xaxis.range as Range;
    const traces = figure.traces.filter(
      ({ meta, y }) => meta.kind === "path" && Number.isFinite(y[0]) && meta.features?.[0] !== undefined,
    );
    const scale = (height - t - b) / (high - low);
    const ends = traces.map(({ y }) => scale * (high - (y[0] ?? 0)));
    const places = spreadEnds(ends, height - t - b);
    return traces.map((trace, index) => {
      const colour = trace.line?.color ?? theme.muted;
      const x = trace.x[0] ?? 0;
      return {
        x,
        y: trace.y[0],
        ax: -GAP - ((width - l - r) * (x - first)) / (last - first),
        ay: (places[index] ?? 0) - (ends[index] ?? 0),
        xanchor: "right",
        text: escapeMarkup(shorten(trace.meta.features?.[0] ?? "", Math.floor((l - GAP) / CHARACTER))),
        showarrow: true,
        arrowhead: 0,
        arrowwidth: 0.7,
        arrowcolor: colour,
        standoff: 3,
        font: { color: colour, size: 12 },
      };
    });
  }

  protected point(at: Point, isFinger: boolean): void {
    if (this.plot === null) return;
    const { xaxis, yaxis } = this.plot._fullLayout;
    const { left, top } = this.locate(this.plot, at);
    const { regularizer, figure } = this.options;
    const lines = listFeatures(figure.traces);
    const places = lines[0]?.x.map((x) => Math.abs(xaxis.d2p(x) - left)) ?? [];
    const index = places.indexOf(Math.min(...places));
    const hits = lines
      .map((line) => ({ line, distance: Math.abs(yaxis.d2p(line.y[index] ?? Number.NaN) - top) }))
      .filter(({ distance }) => Number.isFinite(distance))
      .sort((one, other) => one.distance - other.distance);
    const nearest = hits[0];
    // A finger hides its target, so the nearest line is meant.
    const isNear = isFinger || (nearest && nearest.distance <= NEAR && top >= -NEAR && left >= -NEAR);
    if (nearest === undefined || !isNear) {
      this.leave();
      return;
    }
    const { interaction, tooltip } = this.context;
    const strength = figure.traces[0]?.meta.strengths?.[index] ?? 0;
    interaction.setHighlight("pointer", { regularizer, strength });
    this.highlightLine(nearest.line);
    const values = formatNumbers(hits.map(({ line }) => line.y[index] ?? Number.NaN));
    const rows: TooltipRow[] = hits.map(({ line }) => ({
      colour: line.colour,
      name: line.feature,
      note: "",
      value: values.get(line.y[index] ?? Number.NaN) ?? MISSING,
    }));
    tooltip.showRows(interaction.labelLine(regularizer, strength), rows, {
      x: at.clientX,
      y: at.clientY,
    });
  }

  private highlightLine(line: FeatureLine): void {
    if (this.plot === null || this.highlighted === line.feature) return;
    this.highlighted = line.feature;
    this.overlay.showRun(this.plot, line.x, line.y, line.colour);
  }

  protected override leave(): void {
    super.leave();
    this.highlighted = null;
    this.overlay.hideRun();
  }
}

/** The lines of all features; small ones share a trace. */
export function listFeatures(traces: readonly Trace[]): FeatureLine[] {
  return traces.flatMap((trace) => {
    const { features = [], strengths = [] } = trace.meta;
    return features.map((feature, index) => {
      const first = index * (strengths.length + 1);
      const cut = (values: number[]) => values.slice(first, first + strengths.length);
      return { feature, x: cut(trace.x), y: cut(trace.y), colour: trace.line?.color ?? "" };
    });
  });
}

/** Heights of labels near the given ends, in order, without overlap, between 0 and `height`. */
export function spreadEnds(ends: readonly number[], height: number): number[] {
  const order = [...ends.keys()].sort((one, other) => (ends[one] ?? 0) - (ends[other] ?? 0));
  const gap = Math.min(LABEL_HEIGHT, height / Math.max(ends.length, 1));
  const places = [...ends];
  let least = 0;
  for (const index of order) {
    places[index] = Math.max(places[index] ?? 0, least);
    least = (places[index] ?? 0) + gap;
  }
  let most = height;
  for (const index of order.reverse()) {
    places[index] = Math.min(places[index] ?? 0, most);
    most = (places[index] ?? 0) - gap;
  }
  return places;
}

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

// plotly.js interprets some HTML in texts.
function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

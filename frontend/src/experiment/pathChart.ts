import { formatNumber } from "../format";
import { type Margin, StrengthAxisChart } from "./strengthAxis";
import { nameLine, type Row } from "./tooltip";
import type { Trace } from "./types";

const MARGIN = { l: 104, r: 46, t: 8, b: 38 };
const NARROW = { ...MARGIN, l: 76 };
const NARROW_WIDTH = 420;
const NEAR = 40;
const CHARACTER = 6.6;
const LABEL_HEIGHT = 14;

/** One feature's line within a trace. */
export interface FeatureLine {
  feature: string;
  x: number[];
  y: number[];
  colour: string;
}

/** The regularization path: a line per feature, the strongest named at their left ends, all of them under the pointer. */
export class PathChart extends StrengthAxisChart {
  private lifted: string | null = null;

  protected getMargin(): Margin {
    return this.host.clientWidth < NARROW_WIDTH ? NARROW : MARGIN;
  }

  protected listTraces(): Trace[] {
    return this.options.figure.traces;
  }

  protected findPlace(strength: number): number | undefined {
    const trace = this.options.figure.traces[0];
    return trace?.x[trace.meta.strengths?.indexOf(strength) ?? -1];
  }

  protected override makeLayout(width: number): Record<string, unknown> {
    const layout = super.makeLayout(width);
    const yaxis = { ...(layout.yaxis as object), side: "right", automargin: false };
    return { ...layout, yaxis, annotations: this.makeLabels() };
  }

  /** The names of the strongest features at the left ends of their lines, as many as do not overlap. */
  private makeLabels(): object[] {
    const { figure, theme, height } = this.options;
    const [low, high] = figure.layout.yaxis.range as [number, number];
    const { l, t, b } = this.getMargin();
    const ends = figure.traces
      .filter((trace) => trace.meta.kind === "path")
      .reverse()
      .map((trace) => ({ text: trace.meta.features?.[0] ?? "", y: trace.y[0] ?? Number.NaN, trace }));
    const scale = (height - t - b) / (high - low);
    const fits = fitEnds(ends.map(({ y }) => scale * y));
    return ends
      .filter((_, index) => fits[index])
      .map(({ text, y, trace }) => ({
        x: 0,
        xref: "paper",
        xanchor: "right",
        y,
        text: escapeMarkup(shorten(text, Math.floor((l - 8) / CHARACTER))),
        showarrow: false,
        font: { color: trace.line?.color ?? theme.muted, size: 12 },
      }));
  }

  protected hover(event: PointerEvent): void {
    if (this.plot === null) return;
    const { xaxis, yaxis } = this.plot._fullLayout;
    const { left, top } = this.findPointer(this.plot, event);
    const { regularizer, figure } = this.options;
    const lines = listFeatures(figure.traces);
    const places = lines[0]?.x.map((x) => Math.abs(xaxis.d2p(x) - left)) ?? [];
    const index = places.indexOf(Math.min(...places));
    const nears = lines
      .map((line) => ({ line, distance: Math.abs(yaxis.d2p(line.y[index] ?? Number.NaN) - top) }))
      .filter(({ distance }) => Number.isFinite(distance))
      .sort((one, other) => one.distance - other.distance);
    const nearest = nears[0];
    if (nearest === undefined || nearest.distance > NEAR || top < -NEAR || left < -NEAR) {
      this.leave();
      return;
    }
    const strength = figure.traces[0]?.meta.strengths?.[index] ?? 0;
    this.view.setLift("pointer", { regularizer, strength });
    this.lift(nearest.line);
    const rows: Row[] = nears.map(({ line }) => ({
      colour: line.colour,
      name: line.feature,
      note: "",
      value: formatNumber(line.y[index]),
    }));
    this.tooltip.list(nameLine(regularizer, strength), rows, { x: event.clientX, y: event.clientY });
  }

  private lift(line: FeatureLine): void {
    if (this.plot === null || this.lifted === line.feature) return;
    this.lifted = line.feature;
    this.overlay.showRun(this.plot, line.x, line.y, line.colour);
  }

  protected override leave(): void {
    super.leave();
    this.lifted = null;
    this.overlay.hideRun();
  }
}

/** Every feature's own line; the weak ones share a trace with a gap between two. */
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

/** Which labels have room at these heights in pixels, the first ones preferred. */
export function fitEnds(heights: readonly number[]): boolean[] {
  const taken: number[] = [];
  return heights.map((height) => {
    const isFree =
      Number.isFinite(height) && taken.every((other) => Math.abs(other - height) >= LABEL_HEIGHT);
    if (isFree) taken.push(height);
    return isFree;
  });
}

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

// plotly.js reads a little HTML in its texts.
function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

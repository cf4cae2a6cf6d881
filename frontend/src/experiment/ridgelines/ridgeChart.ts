import { formatCount } from "../../text/numbers";
import { cellClass, type Highlight } from "../charts/interaction/chartInteraction";
import type { TooltipRow } from "../charts/interaction/tooltip";
import type { Point } from "../charts/interaction/touchGestures";
import { type ChartContext, type DrawPolicy, PlotlyChart } from "../charts/plotlyChart";
import type { ChartTheme } from "../charts/rendering/chartTheme";
import type { LiveFigure } from "../live/liveFigure";
import type { Trace } from "../types";

export interface RidgeChartOptions {
  figure: LiveFigure;
  /** Changes with every update of the figure. */
  revision: number;
  regularizer: string;
  theme: ChartTheme;
  height: number;
}

const POLICY: DrawPolicy = { margin: "200px", shortestPause: 0, restPerDraw: 0 };
const MARGIN = { l: 66, r: 10, t: 6, b: 38 };
const ZEROS_WIDTH = 66;

/** Histograms of the weights, one above the other; the hovered one highlights its strength. */
export class RidgeChart extends PlotlyChart<RidgeChartOptions> {
  private hovered: Trace | null = null;

  constructor(host: HTMLElement, options: RidgeChartOptions, context: ChartContext) {
    super(host, options, context, POLICY);
  }

  protected build(width: number, theme: ChartTheme) {
    const { figure, height } = this.options;
    const { layout } = figure;
    const colours = { color: theme.muted, gridcolor: theme.line, linecolor: theme.line };
    const annotations = ((layout.annotations as object[] | undefined) ?? []).map((own) => ({
      ...own,
      font: { family: theme.font, color: theme.muted, size: 12 },
    }));
    return {
      traces: figure.traces.map((trace) => (trace.meta.baseline ? colourBaseline(trace, theme) : trace)),
      layout: {
        ...layout,
        width,
        height,
        font: { family: theme.font, color: theme.muted, size: 12 },
        margin: { ...MARGIN, r: layout.meta.anyZeros ? ZEROS_WIDTH : MARGIN.r },
        annotations,
        xaxis: { ...layout.xaxis, ...colours, zeroline: true, zerolinecolor: theme.line, fixedrange: true },
        yaxis: { ...layout.yaxis, ...colours, automargin: false, fixedrange: true },
      },
    };
  }

  applyZoom(): void {
    // The zoom is one of epochs; this axis is the weights.
  }

  applyCrosshair(): void {
    // So is the cross-hair.
  }

  applyHighlight(_highlight: Highlight | null): void {
    // The style sheet of the highlight does it, by the classes below.
  }

  protected override decorate(): void {
    const traces = new Map(this.options.figure.traces.map((trace) => [trace.uid, trace.meta]));
    for (const element of this.host.querySelectorAll(".scatterlayer .trace")) {
      const data = (element as Element & { __data__?: { trace?: { uid: string } }[] }).__data__;
      const meta = traces.get(data?.[0]?.trace?.uid ?? "");
      if (meta !== undefined) element.classList.add(cellClass(meta), "mean");
    }
  }

  protected point(at: Point): void {
    if (this.plot === null) return;
    const { xaxis, yaxis } = this.plot._fullLayout;
    const { left, top } = this.locate(this.plot, at);
    const isInside = left >= 0 && left <= xaxis._length && top >= 0 && top <= yaxis._length;
    const row = Math.max(Math.floor(yaxis.p2d(top)), 0);
    const trace = isInside ? this.findRow(row) : undefined;
    if (trace === undefined) {
      this.leave();
      return;
    }
    this.hovered = trace;
    const { interaction, tooltip } = this.context;
    const { regularizer, strength } = trace.meta;
    interaction.setHighlight("pointer", { regularizer, strength });
    tooltip.showRows(interaction.labelLine(regularizer, strength), describeRidge(trace), {
      x: at.clientX,
      y: at.clientY,
    });
  }

  /** The ridge that stands in a row; of the rows above the uppermost, that one. */
  private findRow(row: number): Trace | undefined {
    const { traces } = this.options.figure;
    const last = traces.length - 1;
    return traces.find(({ meta }) => meta.row === Math.min(row, last));
  }

  protected leave(): void {
    if (this.hovered === null) return;
    this.hovered = null;
    this.context.tooltip.hide();
    this.context.interaction.setHighlight("pointer", null);
  }
}

/** In the text colour, as in the charts of curves. */
function colourBaseline(trace: Trace, theme: ChartTheme): Trace {
  return { ...trace, line: { ...trace.line, color: theme.ink } };
}

function describeRidge({ meta, line }: Trace): TooltipRow[] {
  const row = (name: string, value: string) => ({ colour: line?.color ?? "", name, note: "", value });
  return [
    row("weights", formatCount(meta.weights ?? 0)),
    row("exactly 0", meta.zeros ?? ""),
    ...(meta.middle ? [row("middle 90 % of the others", meta.middle)] : []),
  ];
}

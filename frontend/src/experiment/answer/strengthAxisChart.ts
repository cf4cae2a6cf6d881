import type { Highlight } from "../charts/interaction/chartInteraction";
import { type ChartContext, type DrawPolicy, PlotlyChart } from "../charts/plotlyChart";
import { fitLabels, isDecade, makeLogTicks } from "../charts/rendering/axisTicks";
import type { ChartTheme } from "../charts/rendering/chartTheme";
import type { LiveFigure } from "../live/liveFigure";
import type { ColourScale, Range, Trace } from "../types";

export interface StrengthChartOptions {
  figure: LiveFigure;
  regularizer: string;
  scale: ColourScale | null;
  theme: ChartTheme;
  height: number;
}

export interface Margin {
  l: number;
  r: number;
  t: number;
  b: number;
}

const POLICY: DrawPolicy = { margin: "200px", shortestPause: 0, restPerDraw: 0 };

/** A chart over the strength, which marks the highlighted strength. */
export abstract class StrengthAxisChart extends PlotlyChart<StrengthChartOptions> {
  constructor(host: HTMLElement, options: StrengthChartOptions, context: ChartContext) {
    super(host, options, context, POLICY);
  }

  /** The traces as they are drawn. */
  protected abstract listTraces(theme: ChartTheme): Trace[];
  protected abstract getMargin(width: number): Margin;
  /** The position of a strength on the axis. */
  protected abstract findPlace(strength: number): number | undefined;

  protected build(width: number, theme: ChartTheme) {
    // plotly.js fails on an empty trace of markers.
    const traces = this.listTraces(theme).filter((trace) => trace.x.length > 0);
    return { traces, layout: this.makeLayout(width, theme) };
  }

  applyZoom(): void {
    // The zoom is one of epochs; this axis is the strength.
  }

  applyCrosshair(): void {
    // So is the cross-hair.
  }

  applyHighlight(highlight: Highlight | null): void {
    if (this.plot === null) return;
    const isOwn = highlight?.regularizer === this.options.regularizer;
    const place = isOwn ? this.findPlace(highlight.strength) : undefined;
    if (place === undefined) this.overlay.hideCrosshair();
    else this.overlay.showCrosshair(this.plot, place);
  }

  protected leave(): void {
    this.context.tooltip.hide();
    this.context.interaction.setHighlight("pointer", null);
  }

  protected makeLayout(width: number, theme: ChartTheme): Record<string, unknown> {
    const { figure, scale, height } = this.options;
    const { layout } = figure;
    const margin = this.getMargin(width);
    const colours = { color: theme.muted, gridcolor: theme.line, linecolor: theme.line };
    const { tickvals, ticktext, range } = layout.xaxis as {
      tickvals: number[];
      ticktext: string[];
      range: Range;
    };
    const perUnit = (width - margin.l - margin.r) / (range[1] - range[0]);
    const isLog = scale?.kind === "log";
    const fits = fitLabels(
      ticktext.map((label, index) => {
        const place = tickvals[index] ?? 0;
        return { label, place: perUnit * place, isDecade: isLog && (label === "0" || isDecade(10 ** place)) };
      }),
    );
    const { type, range: values } = layout.yaxis as { type?: string; range: Range };
    return {
      ...layout,
      width,
      height,
      font: { family: theme.font, color: theme.muted, size: 12 },
      margin,
      xaxis: {
        ...layout.xaxis,
        ...colours,
        ticktext: ticktext.map((label, index) => (fits[index] ? label : "")),
        tickangle: 0,
        ticklabeloverflow: "allow",
        fixedrange: true,
      },
      yaxis: {
        ...layout.yaxis,
        ...colours,
        exponentformat: "power",
        ...(type === "log" ? makeLogTicks(values, layout.meta.percent) : {}),
        fixedrange: true,
      },
    };
  }
}

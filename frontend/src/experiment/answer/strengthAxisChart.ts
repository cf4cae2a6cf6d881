import { getScale } from "../../text/format";
import type { ChartInteraction, Highlight, LinkedChart } from "../charts/interaction/chartInteraction";
import { Overlay } from "../charts/interaction/overlay";
import type { Tooltip } from "../charts/interaction/tooltip";
import { type Point, watchTouchGestures } from "../charts/interaction/touchGestures";
import { fitLabels, isDecade, makeLogTicks } from "../charts/rendering/axisTicks";
import type { ChartTheme } from "../charts/rendering/chartTheme";
import { type Drawable, dequeue, enqueue } from "../charts/rendering/drawQueue";
import { type PlotElement, type Plotly, whenPlotly } from "../charts/rendering/plotly";
import { addPrintable, getIsPrinting, type Printable } from "../charts/rendering/print";
import type { LiveFigure } from "../live/liveFigure";
import type { Range, Trace } from "../types";

export interface StrengthChartOptions {
  figure: LiveFigure;
  regularizer: string;
  theme: ChartTheme;
  height: number;
}

export interface Margin {
  l: number;
  r: number;
  t: number;
  b: number;
}

const CONFIG = {
  displayModeBar: false,
  responsive: false,
  staticPlot: false,
  showTips: false,
  doubleClick: false,
};

/** A chart whose horizontal axis is the strength: owns its plot, draws it in its turn, shows the lifted strength. */
export abstract class StrengthAxisChart implements Drawable, LinkedChart, Printable {
  notBefore = 0;
  protected plot: PlotElement | null = null;
  protected readonly overlay: Overlay;
  private plotly: Plotly | null = null;
  private isVisible = false;
  private isDestroyed = false;
  private readonly cleanups: (() => void)[] = [];

  constructor(
    protected readonly host: HTMLElement,
    protected options: StrengthChartOptions,
    protected readonly interaction: ChartInteraction,
    protected readonly tooltip: Tooltip,
    overlayClass: string,
    private readonly onDraw: () => void,
  ) {
    this.overlay = new Overlay(overlayClass, host.parentElement ?? host);
    const seen = new IntersectionObserver(
      (entries) => {
        this.isVisible = entries.at(-1)?.isIntersecting ?? false;
        this.invalidate();
      },
      { rootMargin: "200px" },
    );
    seen.observe(host);
    const sized = new ResizeObserver(() => this.invalidate());
    sized.observe(host);
    const move = (event: PointerEvent) => {
      if (event.pointerType !== "touch") this.hover(event);
    };
    const leave = (event: PointerEvent) => {
      if (event.pointerType !== "touch") this.leave();
    };
    host.addEventListener("pointermove", move);
    host.addEventListener("pointerdown", move);
    host.addEventListener("pointerleave", leave);
    this.cleanups.push(
      // A finger covers what it points at: it need not be near.
      watchTouchGestures(host, { show: (at) => this.hover(at, true), hide: () => this.leave() }),
      () => seen.disconnect(),
      () => sized.disconnect(),
      interaction.add(this),
    );
    this.cleanups.push(
      addPrintable(this),
      whenPlotly((plotly) => {
        this.plotly = plotly;
        this.invalidate();
      }),
    );
  }

  /** The traces as they are drawn. */
  protected abstract listTraces(): Trace[];
  protected abstract getMargin(width: number): Margin;
  /** Show the values at the pointer; of what is nearest, however far that is, where `isFar`. */
  protected abstract hover(at: Point, isFar?: boolean): void;
  /** Where a strength of this chart's regularizer lies on its axis. */
  protected abstract findPlace(strength: number): number | undefined;

  update(options: StrengthChartOptions): void {
    this.options = options;
    this.invalidate();
  }

  destroy(): void {
    this.isDestroyed = true;
    dequeue(this);
    for (const undo of this.cleanups) undo();
    this.overlay.remove();
    if (this.plot) this.plotly?.purge(this.host);
  }

  draw(): void {
    if (!getIsPrinting()) this.render(this.host.clientWidth);
  }

  print(width: number, theme: ChartTheme): void {
    const { options } = this;
    this.options = { ...options, theme };
    this.render(width);
    this.options = options;
  }

  restore(): void {
    this.invalidate();
  }

  private render(width: number): void {
    if (this.plotly === null || this.isDestroyed || width === 0) return;
    // plotly.js draws an empty trace of markers as an error of its own; it is left out instead.
    const traces = this.listTraces().filter((trace) => trace.x.length > 0);
    void this.plotly.react(this.host, traces, this.makeLayout(width), CONFIG);
    this.plot = this.host as PlotElement;
    this.onDraw();
    this.applyHighlight(this.interaction.highlight);
  }

  applyZoom(): void {
    // Its axis is the strength: no zoom of epochs reaches it.
  }

  applyCrosshair(): void {
    // The same goes for the cross-hair.
  }

  applyHighlight(highlight: Highlight | null): void {
    if (this.plot === null) return;
    const isOwn = highlight?.regularizer === this.options.regularizer;
    const place = isOwn ? this.findPlace(highlight.strength) : undefined;
    if (place === undefined) this.overlay.hideCrosshair();
    else this.overlay.showCrosshair(this.plot, place);
  }

  protected leave(): void {
    this.tooltip.hide();
    this.interaction.setHighlight("pointer", null);
  }

  /** The pointer in pixels along the axes of the plot. */
  protected findPointer(plot: PlotElement, at: Point): { left: number; top: number } {
    const { xaxis, yaxis } = plot._fullLayout;
    const box = this.host.getBoundingClientRect();
    return { left: at.clientX - box.left - xaxis._offset, top: at.clientY - box.top - yaxis._offset };
  }

  protected makeLayout(width: number): Record<string, unknown> {
    const { figure, regularizer, theme, height } = this.options;
    const { layout } = figure;
    const margin = this.getMargin(width);
    const colours = { color: theme.muted, gridcolor: theme.line, linecolor: theme.line };
    const { tickvals, ticktext, range } = layout.xaxis as {
      tickvals: number[];
      ticktext: string[];
      range: Range;
    };
    const scale = (width - margin.l - margin.r) / (range[1] - range[0]);
    const isLog = getScale(regularizer) === "log";
    const fits = fitLabels(
      ticktext.map((label, index) => {
        const place = tickvals[index] ?? 0;
        return { label, place: scale * place, isDecade: isLog && (label === "0" || isDecade(10 ** place)) };
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

  private invalidate(): void {
    if (this.isVisible && this.plotly !== null && !this.isDestroyed) enqueue(this);
  }
}

import type { Figure } from "./figure";
import type { Near } from "./nearest";
import { Overlay } from "./overlay";
import { loadPlotly, type PlotElement, type Plotly } from "./plotly";
import { type Drawable, dequeue, enqueue } from "./queue";
import type { ChartTheme } from "./theme";
import { fitLabels } from "./ticks";
import { nameLine, type Tooltip } from "./tooltip";
import type { Range, Trace } from "./types";
import type { Lift, View, Viewer } from "./view";

export interface StrengthOptions {
  figure: Figure;
  regularizer: string;
  theme: ChartTheme;
  height: number;
}

const CONFIG = {
  displayModeBar: false,
  responsive: false,
  staticPlot: false,
  showTips: false,
  doubleClick: false,
};
const NEAR = 30;
const MARGIN = { l: 46, r: 8, t: 8, b: 38 };

/** The chart of the final metric over the strength: a dot per seed; the dot under the pointer lifts its strength. */
export class StrengthChart implements Drawable, Viewer {
  notBefore = 0;
  private plotly: Plotly | null = null;
  private plot: PlotElement | null = null;
  private isVisible = false;
  private isGone = false;
  private readonly overlay: Overlay;
  private readonly clean: (() => void)[] = [];

  constructor(
    private readonly host: HTMLElement,
    private options: StrengthOptions,
    private readonly view: View,
    private readonly tooltip: Tooltip,
    overlayClass: string,
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
    const move = (event: PointerEvent) => this.hover(event);
    const leave = () => this.leave();
    host.addEventListener("pointermove", move);
    host.addEventListener("pointerleave", leave);
    this.clean.push(
      () => seen.disconnect(),
      () => sized.disconnect(),
      view.add(this),
    );
    void loadPlotly().then(
      (plotly) => {
        this.plotly = plotly;
        this.invalidate();
      },
      () => undefined,
    );
  }

  update(options: StrengthOptions): void {
    this.options = options;
    this.invalidate();
  }

  destroy(): void {
    this.isGone = true;
    dequeue(this);
    for (const undo of this.clean) undo();
    this.overlay.remove();
    if (this.plot) this.plotly?.purge(this.host);
  }

  draw(): void {
    const width = this.host.clientWidth;
    if (this.plotly === null || this.isGone || width === 0) return;
    const { figure, theme } = this.options;
    // plotly.js draws an empty trace of markers as an error of its own; it is left out instead.
    const traces = figure.traces
      .filter((trace) => trace.x.length > 0)
      .map((trace) =>
        trace.meta.baseline ? { ...trace, line: { ...trace.line, color: theme.ink } } : trace,
      );
    void this.plotly.react(this.host, traces, this.makeLayout(width), CONFIG);
    this.plot = this.host as PlotElement;
    this.applyLift(this.view.lift);
  }

  applyZoom(): void {
    // Its axis is the strength: no zoom of epochs reaches it.
  }

  applyCross(): void {
    // The same goes for the cross-hair.
  }

  applyLift(lift: Lift | null): void {
    if (this.plot === null) return;
    const place = lift === null ? undefined : this.findPlace(lift);
    if (place === undefined) this.overlay.hideCross();
    else this.overlay.showCross(this.plot, place);
  }

  private invalidate(): void {
    if (this.isVisible && this.plotly !== null && !this.isGone) enqueue(this);
  }

  private findTrace(kind: string): Trace | undefined {
    return this.options.figure.traces.find((trace) => trace.meta.kind === kind);
  }

  private findPlace(lift: Lift): number | undefined {
    if (lift.regularizer !== this.options.regularizer) return undefined;
    const mean = this.findTrace("mean");
    return mean?.x[mean.meta.strengths?.indexOf(lift.strength) ?? -1];
  }

  private makeLayout(width: number) {
    const { figure, theme, height } = this.options;
    const { layout } = figure;
    const colours = { color: theme.muted, gridcolor: theme.line, linecolor: theme.line };
    const { tickvals, ticktext, range } = layout.xaxis as {
      tickvals: number[];
      ticktext: string[];
      range: Range;
    };
    const scale = (width - MARGIN.l - MARGIN.r) / (range[1] - range[0]);
    const fits = fitLabels(
      ticktext.map((label, index) => ({ label, place: scale * (tickvals[index] ?? 0) })),
    );
    return {
      ...layout,
      width,
      height,
      font: { family: theme.font, color: theme.muted, size: 12 },
      margin: MARGIN,
      xaxis: {
        ...layout.xaxis,
        ...colours,
        ticktext: ticktext.map((label, index) => (fits[index] ? label : "")),
        tickangle: 0,
        fixedrange: true,
      },
      yaxis: { ...layout.yaxis, ...colours, fixedrange: true },
    };
  }

  private hover(event: PointerEvent): void {
    const dots = this.findTrace("dots");
    if (this.plot === null || dots === undefined) return;
    const { xaxis, yaxis } = this.plot._fullLayout;
    const box = this.host.getBoundingClientRect();
    const left = event.clientX - box.left - xaxis._offset;
    const top = event.clientY - box.top - yaxis._offset;
    const distances = dots.x.map((x, index) =>
      Math.hypot(xaxis.d2p(x) - left, yaxis.d2p(dots.y[index] ?? Number.NaN) - top),
    );
    const nearest = distances.indexOf(Math.min(...distances));
    if (nearest < 0 || (distances[nearest] ?? Number.POSITIVE_INFINITY) > NEAR) {
      this.leave();
      return;
    }
    const { regularizer, figure } = this.options;
    const strength = dots.meta.strengths?.[nearest] ?? 0;
    this.view.setLift("pointer", { regularizer, strength, run: dots.meta.runs[nearest] });
    const rows = this.listDots(dots, strength, distances);
    this.tooltip.show(nameLine(regularizer, strength), rows, figure.layout.meta, {
      x: event.clientX,
      y: event.clientY,
    });
  }

  private listDots(dots: Trace, strength: number, distances: number[]): Near[] {
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
          baseline: false,
        },
        x,
        y: dots.y[index] ?? Number.NaN,
        distance: distances[index] ?? 0,
      }))
      .filter((near) => near.line.strength === strength)
      .sort((one, other) => one.distance - other.distance);
  }

  private findColour(dots: Trace, index: number): string {
    const { color } = dots.marker as { color: string | string[] };
    return typeof color === "string" ? color : (color[index] ?? "");
  }

  private leave(): void {
    this.tooltip.hide();
    this.view.setLift("pointer", null);
  }
}

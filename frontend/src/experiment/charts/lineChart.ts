import type { LiveFigureSet } from "../live/figureSet";
import type { Line, LiveFigure } from "../live/liveFigure";
import { isSameCell, type Range } from "../types";
import {
  type ChartInteraction,
  cellClass,
  type Highlight,
  type LinkedChart,
} from "./interaction/chartInteraction";
import { findNearestIndex, type Hit, hitTest } from "./interaction/hitTest";
import { Overlay } from "./interaction/overlay";
import { PinchZoom } from "./interaction/pinchZoom";
import { type Tooltip, writeValue, writeX } from "./interaction/tooltip";
import { type Point, watchTouchGestures } from "./interaction/touchGestures";
import { makeLayout, readZoomRange, toAxisUnits, toDataUnits } from "./rendering/chartLayout";
import type { ChartTheme } from "./rendering/chartTheme";
import { type Drawable, dequeue, enqueue } from "./rendering/drawQueue";
import { clampToFloor, drawAtFloor } from "./rendering/logAxisFloor";
import { type PlotElement, type Plotly, whenPlotly } from "./rendering/plotly";
import { addPrintable, getIsPrinting, type Printable } from "./rendering/print";

/** What a chart is drawn with. A new object means: draw again. */
export interface LineChartOptions {
  figureSet: LiveFigureSet;
  figure: LiveFigure;
  axis: "epoch" | "seconds";
  logX: boolean;
  logY: boolean;
  theme: ChartTheme;
  height: number;
}

export interface ChartContext {
  interaction: ChartInteraction;
  tooltip: Tooltip;
  /** Where the value under the cross-hair is written. */
  readout: HTMLElement | null;
  overlayClass: string;
  onZoom: (isZoomed: boolean) => void;
  onDraw: () => void;
}

const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false };
// A redraw may take up to this share of the page's time; the rest is the reader's.
const REST_PER_DRAW = 4;
const SHORTEST_PAUSE = 120;

/** One chart of lines: owns its plot, and draws it when its turn comes. */
export class LineChart implements Drawable, LinkedChart, Printable {
  notBefore = 0;
  private plotly: Plotly | null = null;
  private plot: PlotElement | null = null;
  private isVisible = false;
  private isDirty = true;
  private isDestroyed = false;
  /** What a logarithmic axis shows at its lower end; what is less lies there. */
  private floor = Number.NEGATIVE_INFINITY;
  private hovered: Hit | null = null;
  private frame = 0;
  private pointer: Point | null = null;
  private pinch: PinchZoom | null = null;
  private readonly overlay: Overlay;
  private readonly cleanups: (() => void)[] = [];

  constructor(
    private readonly host: HTMLElement,
    private options: LineChartOptions,
    private readonly context: ChartContext,
  ) {
    this.overlay = new Overlay(context.overlayClass, host.parentElement ?? host);
    this.watch();
    this.cleanups.push(context.interaction.add(this));
    this.cleanups.push(
      addPrintable(this),
      whenPlotly((plotly) => {
        this.plotly = plotly;
        this.invalidate();
      }),
    );
  }

  update(options: LineChartOptions): void {
    this.options = options;
    this.applyZoom();
  }

  /** The data changed: draw when there is time for it. */
  invalidate(): void {
    this.isDirty = true;
    if (this.isVisible && this.plotly !== null && !this.isDestroyed) enqueue(this);
  }

  destroy(): void {
    this.isDestroyed = true;
    dequeue(this);
    cancelAnimationFrame(this.frame);
    for (const undo of this.cleanups) undo();
    this.overlay.remove();
    if (this.plot) this.plotly?.purge(this.host);
  }

  /** Of every chart: a zoom that one of them kept would be one that nobody sees. */
  showAll(): void {
    this.context.interaction.setZoom();
  }

  draw(): void {
    const width = this.host.clientWidth;
    // What is drawn for paper stays until the screen is back.
    if (this.plotly === null || width === 0 || getIsPrinting()) return;
    const start = performance.now();
    this.isDirty = false;
    this.render(width, this.options.theme);
    this.notBefore =
      performance.now() + Math.max(SHORTEST_PAUSE, REST_PER_DRAW * (performance.now() - start));
  }

  print(width: number, theme: ChartTheme): void {
    this.render(width, theme);
  }

  restore(): void {
    this.invalidate();
  }

  private render(width: number, theme: ChartTheme): void {
    if (this.plotly === null || this.isDestroyed) return;
    const { figure, logY } = this.options;
    const frame = this.findFrame(width);
    const layout = makeLayout(figure, frame, theme);
    colourBaseline(figure, theme);
    this.floor = logY ? 10 ** frame.y[0] : Number.NEGATIVE_INFINITY;
    const traces = logY ? drawAtFloor(figure.traces, this.floor) : figure.traces;
    if (this.plot === null) {
      void this.plotly.newPlot(this.host, traces, layout, CONFIG);
      this.plot = this.host as PlotElement;
      this.listen(this.plot);
    } else void this.plotly.react(this.host, traces, layout, CONFIG);
    this.markTraces();
    this.context.onDraw();
    this.applyHighlight(this.context.interaction.highlight);
  }

  applyZoom(): void {
    this.context.onZoom(this.zoomY !== null || this.context.interaction.zoomX !== null);
    this.notBefore = 0;
    this.invalidate();
  }

  applyCrosshair(x: number | null): void {
    if (this.plot === null) return;
    if (x === null) this.overlay.hideCrosshair();
    else this.overlay.showCrosshair(this.plot, x);
    this.writeReadout(x);
  }

  applyHighlight(highlight: Highlight | null): void {
    const { plot } = this;
    if (plot === null) return;
    const line =
      highlight?.run == null ? undefined : this.listRuns().find((own) => own.run === highlight.run);
    if (line === undefined) this.overlay.hideRun();
    else {
      const { trace, first, stop } = line;
      this.overlay.showRun(
        plot,
        trace.x.slice(first, stop),
        trace.y.slice(first, stop).map((value) => clampToFloor(value, this.floor)),
        trace.line?.color ?? "",
      );
    }
    this.applyCrosshair(this.context.interaction.crosshairX);
  }

  private findFrame(width: number) {
    const { figureSet, figure, axis, logX, logY, height } = this.options;
    const { zoomX } = this.context.interaction;
    return {
      width,
      height,
      logX,
      logY,
      whole: axis === "epoch",
      x: zoomX === null ? figureSet.findX(logX) : toAxisUnits(zoomX, logX),
      y: this.zoomY === null ? figureSet.findY(figure.metric, logY) : toAxisUnits(this.zoomY, logY),
    };
  }

  private watch(): void {
    const seen = new IntersectionObserver(
      (entries) => {
        this.isVisible = entries.at(-1)?.isIntersecting ?? false;
        if (this.isVisible && this.isDirty) this.invalidate();
      },
      { rootMargin: "500px" },
    );
    seen.observe(this.host);
    let width = this.host.clientWidth;
    const sized = new ResizeObserver(() => {
      if (this.host.clientWidth === width) return;
      width = this.host.clientWidth;
      this.invalidate();
    });
    sized.observe(this.host);
    this.cleanups.push(
      () => seen.disconnect(),
      () => sized.disconnect(),
    );
  }

  private listen(plot: PlotElement): void {
    plot.on("plotly_relayout", (change) => this.takeZoom(change));
    plot.on("plotly_doubleclick", () => this.showAll());
    const move = (event: PointerEvent) => {
      if (event.pointerType !== "touch") this.planHover(event);
    };
    const leave = (event: PointerEvent) => {
      if (event.pointerType !== "touch") this.leave();
    };
    this.host.addEventListener("pointermove", move);
    this.host.addEventListener("pointerdown", move);
    this.host.addEventListener("pointerleave", leave);
    const stop = watchTouchGestures(this.host, {
      show: (at) => this.planHover(at),
      hide: () => this.leave(),
      beginPinch: (fingers) => {
        this.pinch = new PinchZoom(plot, fingers);
      },
      pinch: (fingers) => {
        const ranges = this.pinch?.stretch(fingers);
        if (ranges) this.zoomTo(ranges.x, ranges.y);
      },
      reset: () => this.showAll(),
    });
    this.cleanups.push(stop);
  }

  private takeZoom(change: Record<string, unknown>): void {
    this.zoomTo(readZoomRange(change, "xaxis"), readZoomRange(change, "yaxis"));
  }

  /** Ranges in the axes' own units; null for one that stays. */
  private zoomTo(x: Range | null, y: Range | null): void {
    if (x === null && y === null) return;
    const { logX, logY, figure } = this.options;
    this.context.interaction.zoomTo(x && toDataUnits(x, logX), figure.metric, y && toDataUnits(y, logY));
  }

  private get zoomY(): Range | null {
    return this.context.interaction.getZoomY(this.options.figure.metric);
  }

  /** Classes by which the view's style sheet finds the traces of a strength. */
  private markTraces(): void {
    const traces = new Map(this.options.figure.traces.map((trace) => [trace.uid, trace.meta]));
    for (const element of this.host.querySelectorAll(".scatterlayer .trace")) {
      const data = (element as Element & { __data__?: { trace?: { uid: string } }[] }).__data__;
      const meta = traces.get(data?.[0]?.trace?.uid ?? "");
      if (meta === undefined) continue;
      const part = meta.kind === "mean" ? "mean" : "seeds";
      element.classList.add(cellClass(meta), part);
    }
  }

  private listRuns(): Line[] {
    return this.options.figure.listLines("run");
  }

  private planHover(at: Point): void {
    this.pointer = at;
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.hover());
  }

  private hover(): void {
    this.frame = 0;
    const { plot, pointer } = this;
    if (plot === null || pointer === null) return;
    const { xaxis, yaxis } = plot._fullLayout;
    const box = this.host.getBoundingClientRect();
    const pixelX = pointer.clientX - box.left - xaxis._offset;
    const pixelY = pointer.clientY - box.top - yaxis._offset;
    const isInside = pixelX >= 0 && pixelX <= xaxis._length && pixelY >= 0 && pixelY <= yaxis._length;
    const hits = isInside ? this.findHits(plot, pixelX, pixelY) : [];
    const nearest = hits[0];
    if (nearest === undefined) {
      this.leave();
      return;
    }
    this.hovered = nearest;
    const { interaction, tooltip } = this.context;
    const { axis, figure } = this.options;
    interaction.setHighlight("pointer", { ...cellOf(nearest.line), run: nearest.line.run });
    interaction.setCrosshair(nearest.x);
    const name = (key: string, strength: number) => interaction.labelLine(key, strength);
    tooltip.show(writeX(nearest.x, axis), hits, figure.layout.meta, name, {
      x: pointer.clientX,
      y: pointer.clientY,
    });
  }

  private findHits(plot: PlotElement, pixelX: number, pixelY: number): Hit[] {
    const { xaxis, yaxis } = plot._fullLayout;
    const runs = this.listRuns();
    const lines = runs.length > 0 ? runs : this.options.figure.listLines("mean");
    const scale = { d2p: (value: number) => yaxis.d2p(clampToFloor(value, this.floor)) };
    return hitTest(lines, xaxis.p2d(pixelX), pixelX, pixelY, xaxis, scale);
  }

  private leave(): void {
    this.pointer = null;
    if (this.hovered === null) return;
    this.hovered = null;
    this.context.tooltip.hide();
    this.context.interaction.setHighlight("pointer", null);
    this.context.interaction.setCrosshair(null);
  }

  /** Write what the lifted strength's mean is at the cross-hair. */
  private writeReadout(x: number | null): void {
    const { readout, interaction } = this.context;
    const { plot } = this;
    if (readout === null || plot === null) return;
    const { highlight } = interaction;
    const line = highlight && this.options.figure.listLines("mean").find((own) => isSameCell(own, highlight));
    if (!line || line.stop === 0) {
      readout.textContent = "";
      return;
    }
    const { trace } = line;
    const index = x === null ? line.stop - 1 : findNearestIndex(trace.x, line.first, line.stop, x);
    const y = trace.y[index] ?? Number.NaN;
    const drawn = clampToFloor(y, this.floor);
    if (x !== null) this.overlay.showDot(plot, trace.x[index] ?? 0, drawn, trace.line?.color ?? "");
    const value = writeValue(y, this.options.figure.layout.meta);
    readout.textContent = `${interaction.labelLine(line.regularizer, line.strength)}: ${value}${x === null ? " at the end" : ""}`;
  }
}

/** The baseline in the page's ink: among the colours of a sweep a mid-grey line is lost. */
function colourBaseline(figure: LiveFigure, theme: ChartTheme): void {
  for (const trace of figure.traces)
    if (trace.meta.baseline && trace.line?.color !== theme.ink) {
      trace.line = { ...trace.line, color: theme.ink };
      trace.marker = { ...(trace.marker as object), color: theme.ink };
    }
}

function cellOf({ regularizer, strength }: Line) {
  return { regularizer, strength };
}

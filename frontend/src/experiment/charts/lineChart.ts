import type { FigureGroup } from "../live/figureSet";
import type { Figure, Line } from "../live/liveFigure";
import { isSameCell, type Range } from "../types";
import { type Lift, nameCell, type View, type Viewer } from "./interaction/chartInteraction";
import { findNearest, findNearestIndex, type Near } from "./interaction/hitTest";
import { Overlay } from "./interaction/overlay";
import { Pinch } from "./interaction/pinchZoom";
import { type Tooltip, writeValue, writeX } from "./interaction/tooltip";
import { type Point, watchTouch } from "./interaction/touchGestures";
import { makeLayout, readRange, toAxis, toData } from "./rendering/chartLayout";
import type { ChartTheme } from "./rendering/chartTheme";
import { type Drawable, dequeue, enqueue } from "./rendering/drawQueue";
import { drawAtFoot, raise } from "./rendering/logAxisFloor";
import { type PlotElement, type Plotly, whenPlotly } from "./rendering/plotly";
import { addPrintable, getIsPrinting, type Printable } from "./rendering/print";

/** What a chart is drawn with. A new object means: draw again. */
export interface ChartOptions {
  group: FigureGroup;
  figure: Figure;
  axis: "epoch" | "seconds";
  logX: boolean;
  logY: boolean;
  theme: ChartTheme;
  height: number;
}

export interface Surroundings {
  view: View;
  tooltip: Tooltip;
  /** Where the value under the cross-hair is written. */
  reading: HTMLElement | null;
  overlayClass: string;
  onZoom: (isZoomed: boolean) => void;
  onDraw: () => void;
}

const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false };
// A redraw may take up to this share of the page's time; the rest is the reader's.
const SHARE = 4;
const SHORTEST_PAUSE = 120;

/** One chart of lines: owns its plot, and draws it when its turn comes. */
export class LineChart implements Drawable, Viewer, Printable {
  notBefore = 0;
  private plotly: Plotly | null = null;
  private plot: PlotElement | null = null;
  private isVisible = false;
  private isDirty = true;
  private isGone = false;
  /** What a logarithmic axis shows at its lower end; what is less lies there. */
  private foot = Number.NEGATIVE_INFINITY;
  private hovered: Near | null = null;
  private frame = 0;
  private pointer: Point | null = null;
  private pinch: Pinch | null = null;
  private readonly overlay: Overlay;
  private readonly clean: (() => void)[] = [];

  constructor(
    private readonly host: HTMLElement,
    private options: ChartOptions,
    private readonly around: Surroundings,
  ) {
    this.overlay = new Overlay(around.overlayClass, host.parentElement ?? host);
    this.watch();
    this.clean.push(around.view.add(this));
    this.clean.push(
      addPrintable(this),
      whenPlotly((plotly) => {
        this.plotly = plotly;
        this.invalidate();
      }),
    );
  }

  update(options: ChartOptions): void {
    this.options = options;
    this.applyZoom();
  }

  /** The data changed: draw when there is time for it. */
  invalidate(): void {
    this.isDirty = true;
    if (this.isVisible && this.plotly !== null && !this.isGone) enqueue(this);
  }

  destroy(): void {
    this.isGone = true;
    dequeue(this);
    cancelAnimationFrame(this.frame);
    for (const undo of this.clean) undo();
    this.overlay.remove();
    if (this.plot) this.plotly?.purge(this.host);
  }

  /** Of every chart: a zoom that one of them kept would be one that nobody sees. */
  showAll(): void {
    this.around.view.setZoom();
  }

  draw(): void {
    const width = this.host.clientWidth;
    // What is drawn for paper stays until the screen is back.
    if (this.plotly === null || width === 0 || getIsPrinting()) return;
    const start = performance.now();
    this.isDirty = false;
    this.render(width, this.options.theme);
    this.notBefore = performance.now() + Math.max(SHORTEST_PAUSE, SHARE * (performance.now() - start));
  }

  print(width: number, theme: ChartTheme): void {
    this.render(width, theme);
  }

  restore(): void {
    this.invalidate();
  }

  private render(width: number, theme: ChartTheme): void {
    if (this.plotly === null || this.isGone) return;
    const { figure, logY } = this.options;
    const frame = this.findFrame(width);
    const layout = makeLayout(figure, frame, theme);
    inkBaseline(figure, theme);
    this.foot = logY ? 10 ** frame.y[0] : Number.NEGATIVE_INFINITY;
    const traces = logY ? drawAtFoot(figure.traces, this.foot) : figure.traces;
    if (this.plot === null) {
      void this.plotly.newPlot(this.host, traces, layout, CONFIG);
      this.plot = this.host as PlotElement;
      this.listen(this.plot);
    } else void this.plotly.react(this.host, traces, layout, CONFIG);
    this.markTraces();
    this.around.onDraw();
    this.applyLift(this.around.view.lift);
  }

  applyZoom(): void {
    this.around.onZoom(this.zoomY !== null || this.around.view.zoomX !== null);
    this.notBefore = 0;
    this.invalidate();
  }

  applyCross(x: number | null): void {
    if (this.plot === null) return;
    if (x === null) this.overlay.hideCross();
    else this.overlay.showCross(this.plot, x);
    this.read(x);
  }

  applyLift(lift: Lift | null): void {
    const { plot } = this;
    if (plot === null) return;
    const line = lift?.run == null ? undefined : this.listRuns().find((own) => own.run === lift.run);
    if (line === undefined) this.overlay.hideRun();
    else {
      const { trace, first, stop } = line;
      this.overlay.showRun(
        plot,
        trace.x.slice(first, stop),
        trace.y.slice(first, stop).map((value) => raise(value, this.foot)),
        trace.line?.color ?? "",
      );
    }
    this.applyCross(this.around.view.crossX);
  }

  private findFrame(width: number) {
    const { group, figure, axis, logX, logY, height } = this.options;
    const { zoomX } = this.around.view;
    return {
      width,
      height,
      logX,
      logY,
      whole: axis === "epoch",
      x: zoomX === null ? group.findX(logX) : toAxis(zoomX, logX),
      y: this.zoomY === null ? group.findY(figure.metric, logY) : toAxis(this.zoomY, logY),
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
    this.clean.push(
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
    const stop = watchTouch(this.host, {
      show: (at) => this.planHover(at),
      hide: () => this.leave(),
      beginPinch: (fingers) => {
        this.pinch = new Pinch(plot, fingers);
      },
      pinch: (fingers) => {
        const ranges = this.pinch?.stretch(fingers);
        if (ranges) this.zoomTo(ranges.x, ranges.y);
      },
      reset: () => this.showAll(),
    });
    this.clean.push(stop);
  }

  private takeZoom(change: Record<string, unknown>): void {
    this.zoomTo(readRange(change, "xaxis"), readRange(change, "yaxis"));
  }

  /** Ranges in the axes' own units; null for one that stays. */
  private zoomTo(x: Range | null, y: Range | null): void {
    if (x === null && y === null) return;
    const { logX, logY, figure } = this.options;
    this.around.view.zoomTo(x && toData(x, logX), figure.metric, y && toData(y, logY));
  }

  private get zoomY(): Range | null {
    return this.around.view.getZoomY(this.options.figure.metric);
  }

  /** Classes by which the view's style sheet finds the traces of a strength. */
  private markTraces(): void {
    const traces = new Map(this.options.figure.traces.map((trace) => [trace.uid, trace.meta]));
    for (const element of this.host.querySelectorAll(".scatterlayer .trace")) {
      const data = (element as Element & { __data__?: { trace?: { uid: string } }[] }).__data__;
      const meta = traces.get(data?.[0]?.trace?.uid ?? "");
      if (meta === undefined) continue;
      const part = meta.kind === "mean" ? "mean" : "seeds";
      element.classList.add(nameCell(meta), part);
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
    const nears = isInside ? this.findNears(plot, pixelX, pixelY) : [];
    const nearest = nears[0];
    if (nearest === undefined) {
      this.leave();
      return;
    }
    this.hovered = nearest;
    const { view, tooltip } = this.around;
    const { axis, figure } = this.options;
    view.setLift("pointer", { ...cellOf(nearest.line), run: nearest.line.run });
    view.setCross(nearest.x);
    const name = (key: string, strength: number) => view.nameLine(key, strength);
    tooltip.show(writeX(nearest.x, axis), nears, figure.layout.meta, name, {
      x: pointer.clientX,
      y: pointer.clientY,
    });
  }

  private findNears(plot: PlotElement, pixelX: number, pixelY: number): Near[] {
    const { xaxis, yaxis } = plot._fullLayout;
    const runs = this.listRuns();
    const lines = runs.length > 0 ? runs : this.options.figure.listLines("mean");
    const scale = { d2p: (value: number) => yaxis.d2p(raise(value, this.foot)) };
    return findNearest(lines, xaxis.p2d(pixelX), pixelX, pixelY, xaxis, scale);
  }

  private leave(): void {
    this.pointer = null;
    if (this.hovered === null) return;
    this.hovered = null;
    this.around.tooltip.hide();
    this.around.view.setLift("pointer", null);
    this.around.view.setCross(null);
  }

  /** Write what the lifted strength's mean is at the cross-hair. */
  private read(x: number | null): void {
    const { reading, view } = this.around;
    const { plot } = this;
    if (reading === null || plot === null) return;
    const { lift } = view;
    const line = lift && this.options.figure.listLines("mean").find((own) => isSameCell(own, lift));
    if (!line || line.stop === 0) {
      reading.textContent = "";
      return;
    }
    const { trace } = line;
    const index = x === null ? line.stop - 1 : findNearestIndex(trace.x, line.first, line.stop, x);
    const y = trace.y[index] ?? Number.NaN;
    const drawn = raise(y, this.foot);
    if (x !== null) this.overlay.showDot(plot, trace.x[index] ?? 0, drawn, trace.line?.color ?? "");
    const value = writeValue(y, this.options.figure.layout.meta);
    reading.textContent = `${view.nameLine(line.regularizer, line.strength)}: ${value}${x === null ? " at the end" : ""}`;
  }
}

/** The baseline in the page's ink: among the colours of a sweep a mid-grey line is lost. */
function inkBaseline(figure: Figure, theme: ChartTheme): void {
  for (const trace of figure.traces)
    if (trace.meta.baseline && trace.line?.color !== theme.ink) {
      trace.line = { ...trace.line, color: theme.ink };
      trace.marker = { ...(trace.marker as object), color: theme.ink };
    }
}

function cellOf({ regularizer, strength }: Line) {
  return { regularizer, strength };
}

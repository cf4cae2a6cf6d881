import type { LiveFigureSet } from "../live/figureSet";
import type { Line, LiveFigure } from "../live/liveFigure";
import { isSameCell, type Range } from "../types";
import { cellClass, type Highlight } from "./interaction/chartInteraction";
import { findNearestIndex, type Hit, hitTest } from "./interaction/hitTest";
import { PinchZoom } from "./interaction/pinchZoom";
import { writeValue, writeX } from "./interaction/tooltip";
import type { Gestures, Point } from "./interaction/touchGestures";
import { type ChartContext, type DrawPolicy, PlotlyChart } from "./plotlyChart";
import { makeLayout, readZoomRange, toAxisUnits, toDataUnits } from "./rendering/chartLayout";
import type { ChartTheme } from "./rendering/chartTheme";
import { clampToFloor, drawAtFloor } from "./rendering/logAxisFloor";
import type { PlotElement } from "./rendering/plotly";

/** What a chart is drawn from. A new object means a redraw. */
export interface LineChartOptions {
  /** The ranges that charts share, and their changes. */
  figureSet: Pick<LiveFigureSet, "findX" | "findY" | "subscribe">;
  figure: LiveFigure;
  axis: "epoch" | "seconds";
  logX: boolean;
  logY: boolean;
  theme: ChartTheme;
  height: number;
}

interface LineChartContext extends ChartContext {
  /** The element that shows the value at the cross-hair. */
  readout: HTMLElement | null;
  onZoom: (isZoomed: boolean) => void;
}

// Redraws take at most a fifth of the time.
const POLICY: DrawPolicy = { margin: "500px", shortestPause: 120, restPerDraw: 4 };

/** A chart of lines over epochs or seconds, with zoom, cross-hair and highlight shared by all charts. */
export class LineChart extends PlotlyChart<LineChartOptions, LineChartContext> {
  /** The lower end of a logarithmic y-axis, at which smaller values are drawn. */
  private floor = Number.NEGATIVE_INFINITY;
  private hovered: Hit | null = null;
  private frame = 0;
  private pointer: Point | null = null;
  private pinch: PinchZoom | null = null;

  constructor(host: HTMLElement, options: LineChartOptions, context: LineChartContext) {
    super(host, options, context, POLICY);
  }

  override update(options: LineChartOptions): void {
    this.options = options;
    this.applyZoom();
  }

  override destroy(): void {
    cancelAnimationFrame(this.frame);
    super.destroy();
  }

  /** Resets the zoom of all charts. */
  showAll(): void {
    this.context.interaction.setZoom();
  }

  protected build(width: number, theme: ChartTheme) {
    const { figure, logY } = this.options;
    const frame = this.findFrame(width);
    colourBaseline(figure, theme);
    this.floor = logY ? 10 ** frame.y[0] : Number.NEGATIVE_INFINITY;
    const traces = logY ? drawAtFloor(figure.traces, this.floor) : figure.traces;
    return { traces, layout: makeLayout(figure, frame, theme) };
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

  protected override listen(plot: PlotElement): void {
    plot.on("plotly_relayout", (change) => this.takeZoom(change));
    plot.on("plotly_doubleclick", () => this.showAll());
  }

  protected override makeZoomGestures(plot: PlotElement): Partial<Gestures> {
    return {
      beginPinch: (fingers) => {
        this.pinch = new PinchZoom(plot, fingers);
      },
      pinch: (fingers) => {
        const ranges = this.pinch?.stretch(fingers);
        if (ranges) this.zoomTo(ranges.x, ranges.y);
      },
      reset: () => this.showAll(),
    };
  }

  private takeZoom(change: Record<string, unknown>): void {
    this.zoomTo(readZoomRange(change, "xaxis"), readZoomRange(change, "yaxis"));
  }

  /** Ranges in axis units; null for one that stays. */
  private zoomTo(x: Range | null, y: Range | null): void {
    if (x === null && y === null) return;
    const { logX, logY, figure } = this.options;
    this.context.interaction.zoomTo(x && toDataUnits(x, logX), figure.metric, y && toDataUnits(y, logY));
  }

  private get zoomY(): Range | null {
    return this.context.interaction.getZoomY(this.options.figure.metric);
  }

  /** Adds the classes that the style sheet of the highlight selects. */
  protected override decorate(): void {
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

  protected point(at: Point): void {
    this.pointer = at;
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.hover());
  }

  private hover(): void {
    this.frame = 0;
    const { plot, pointer } = this;
    if (plot === null || pointer === null) return;
    const { left, top } = this.locate(plot, pointer);
    const { xaxis, yaxis } = plot._fullLayout;
    const isInside = left >= 0 && left <= xaxis._length && top >= 0 && top <= yaxis._length;
    const hits = isInside ? this.findHits(plot, left, top) : [];
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

  protected leave(): void {
    this.pointer = null;
    if (this.hovered === null) return;
    this.hovered = null;
    this.context.tooltip.hide();
    this.context.interaction.setHighlight("pointer", null);
    this.context.interaction.setCrosshair(null);
  }

  /** Shows the highlighted strength's mean at the cross-hair. */
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

/** Draws the baseline in the text colour: grey is hard to see among the colours of a sweep. */
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

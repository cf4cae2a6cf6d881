import type { ChartInteraction, Highlight, LinkedChart } from "./interaction/chartInteraction";
import { Overlay } from "./interaction/overlay";
import type { Tooltip } from "./interaction/tooltip";
import { type Gestures, type Point, watchTouchGestures } from "./interaction/touchGestures";
import type { ChartTheme } from "./rendering/chartTheme";
import { type Drawable, dequeue, enqueue } from "./rendering/drawQueue";
import { type PlotElement, type Plotly, whenPlotly } from "./rendering/plotly";
import { addPrintable, getIsPrinting, type Printable } from "./rendering/print";

/** What all charts share, and a callback after each drawing. */
export interface ChartContext {
  interaction: ChartInteraction;
  tooltip: Tooltip;
  onDraw: () => void;
}

/** When a chart is redrawn. */
export interface DrawPolicy {
  /** Distance from the screen within which it is drawn, as a CSS length. */
  margin: string;
  /** The fewest milliseconds between two drawings. */
  shortestPause: number;
  /** Pause after a drawing as a multiple of its duration. */
  restPerDraw: number;
}

const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false };

/** A chart drawn by plotly.js: through the draw queue while it is on or near the screen, and for printing. */
export abstract class PlotlyChart<
  Options extends { theme: ChartTheme },
  Context extends ChartContext = ChartContext,
> implements Drawable, LinkedChart, Printable
{
  notBefore = 0;
  protected plot: PlotElement | null = null;
  protected readonly overlay: Overlay;
  private plotly: Plotly | null = null;
  private isVisible = false;
  private isDirty = true;
  private isDestroyed = false;
  private readonly cleanups: (() => void)[] = [];

  constructor(
    protected readonly host: HTMLElement,
    protected options: Options,
    protected readonly context: Context,
    private readonly policy: DrawPolicy,
  ) {
    this.overlay = new Overlay(host.parentElement ?? host);
    this.cleanups.push(
      this.watchVisibility(),
      this.watchWidth(),
      context.interaction.add(this),
      addPrintable(this),
      whenPlotly((plotly) => {
        this.plotly = plotly;
        this.invalidate();
      }),
    );
  }

  /** Traces and layout in this width and these colours. */
  protected abstract build(width: number, theme: ChartTheme): { traces: object[]; layout: object };
  /** Show the values at the pointer or finger. */
  protected abstract point(at: Point, isFinger: boolean): void;
  /** Hide the values. */
  protected abstract leave(): void;
  abstract applyZoom(): void;
  abstract applyCrosshair(x: number | null): void;
  abstract applyHighlight(highlight: Highlight | null): void;

  /** Called once, after the first drawing. */
  protected listen(_plot: PlotElement): void {}
  /** Handlers of pinch and double tap. */
  protected makeZoomGestures(_plot: PlotElement): Partial<Gestures> {
    return {};
  }
  /** Called after every drawing. */
  protected decorate(): void {}

  update(options: Options): void {
    this.options = options;
    this.invalidate();
  }

  /** Schedules a redraw after the data changed. */
  invalidate(): void {
    this.isDirty = true;
    if (this.isVisible && this.plotly !== null && !this.isDestroyed) enqueue(this);
  }

  destroy(): void {
    this.isDestroyed = true;
    dequeue(this);
    for (const undo of this.cleanups) undo();
    this.overlay.remove();
    if (this.plot) this.plotly?.purge(this.host);
  }

  draw(): void {
    const width = this.host.clientWidth;
    // While printing, the drawing for paper stays.
    if (this.plotly === null || width === 0 || getIsPrinting()) return;
    const start = performance.now();
    this.isDirty = false;
    this.render(width, this.options.theme);
    const end = performance.now();
    this.notBefore = end + Math.max(this.policy.shortestPause, this.policy.restPerDraw * (end - start));
  }

  print(width: number, theme: ChartTheme): void {
    this.render(width, theme);
  }

  restore(): void {
    this.invalidate();
  }

  /** A point of the window, in pixels along the axes. */
  protected locate(plot: PlotElement, at: Point): { left: number; top: number } {
    const { xaxis, yaxis } = plot._fullLayout;
    const box = this.host.getBoundingClientRect();
    return { left: at.clientX - box.left - xaxis._offset, top: at.clientY - box.top - yaxis._offset };
  }

  private render(width: number, theme: ChartTheme): void {
    if (this.plotly === null || this.isDestroyed || width === 0) return;
    const { traces, layout } = this.build(width, theme);
    if (this.plot === null) {
      void this.plotly.newPlot(this.host, traces, layout, CONFIG);
      this.plot = this.host as PlotElement;
      this.watchPointer(this.plot);
      this.listen(this.plot);
    } else void this.plotly.react(this.host, traces, layout, CONFIG);
    this.decorate();
    this.context.onDraw();
    this.applyHighlight(this.context.interaction.highlight);
  }

  private watchPointer(plot: PlotElement): void {
    const move = (event: PointerEvent) => {
      if (event.pointerType !== "touch") this.point(event, false);
    };
    const leave = (event: PointerEvent) => {
      if (event.pointerType !== "touch") this.leave();
    };
    this.host.addEventListener("pointermove", move);
    this.host.addEventListener("pointerdown", move);
    this.host.addEventListener("pointerleave", leave);
    this.cleanups.push(
      watchTouchGestures(this.host, {
        show: (at) => this.point(at, true),
        hide: () => this.leave(),
        ...this.makeZoomGestures(plot),
      }),
    );
  }

  private watchVisibility(): () => void {
    const observer = new IntersectionObserver(
      (entries) => {
        this.isVisible = entries.at(-1)?.isIntersecting ?? false;
        if (this.isVisible && this.isDirty) this.invalidate();
      },
      { rootMargin: this.policy.margin },
    );
    observer.observe(this.host);
    return () => observer.disconnect();
  }

  private watchWidth(): () => void {
    let width = this.host.clientWidth;
    const observer = new ResizeObserver(() => {
      if (this.host.clientWidth === width) return;
      width = this.host.clientWidth;
      this.invalidate();
    });
    observer.observe(this.host);
    return () => observer.disconnect();
  }
}

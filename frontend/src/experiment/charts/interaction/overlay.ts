import classes from "../charts.module.css";
import type { PlotAxis, PlotElement } from "../rendering/plotly";

const SVG = "http://www.w3.org/2000/svg";

/** Cross-hair, dot and highlighted run, drawn over a chart without redrawing it. */
export class Overlay {
  private readonly svg = document.createElementNS(SVG, "svg");
  private readonly crosshair = document.createElementNS(SVG, "line");
  private readonly run = document.createElementNS(SVG, "path");
  private readonly dot = document.createElementNS(SVG, "circle");

  constructor(host: HTMLElement) {
    this.svg.setAttribute("class", classes.overlay ?? "");
    this.svg.setAttribute("aria-hidden", "true");
    this.dot.setAttribute("r", "4");
    this.svg.append(this.crosshair, this.run, this.dot);
    host.append(this.svg);
    this.clear();
  }

  remove(): void {
    this.svg.remove();
  }

  clear(): void {
    for (const part of [this.crosshair, this.run, this.dot]) part.setAttribute("display", "none");
  }

  showCrosshair(plot: PlotElement, x: number): void {
    const { xaxis, yaxis } = plot._fullLayout;
    const pixel = xaxis.d2p(x);
    const left = xaxis._offset + pixel;
    if (!isWithin(pixel, xaxis)) this.hide(this.crosshair);
    else set(this.crosshair, { x1: left, x2: left, y1: yaxis._offset, y2: yaxis._offset + yaxis._length });
  }

  hideCrosshair(): void {
    this.hide(this.crosshair);
    this.hide(this.dot);
  }

  showDot(plot: PlotElement, x: number, y: number, colour: string): void {
    const { xaxis, yaxis } = plot._fullLayout;
    const [left, top] = [xaxis.d2p(x), yaxis.d2p(y)];
    if (!isWithin(left, xaxis) || !isWithin(top, yaxis)) this.hide(this.dot);
    else set(this.dot, { cx: xaxis._offset + left, cy: yaxis._offset + top, fill: colour });
  }

  /** Draws one run's line over the others. */
  showRun(plot: PlotElement, x: readonly number[], y: readonly number[], colour: string): void {
    const { xaxis, yaxis } = plot._fullLayout;
    let path = "";
    let isOn = false;
    x.forEach((value, index) => {
      const [left, top] = [xaxis.d2p(value), yaxis.d2p(y[index] ?? Number.NaN)];
      const isSeen = Number.isFinite(top) && isWithin(left, xaxis) && isWithin(top, yaxis);
      if (isSeen)
        path += `${isOn ? "L" : "M"}${(xaxis._offset + left).toFixed(1)},${(yaxis._offset + top).toFixed(1)}`;
      isOn = isSeen;
    });
    set(this.run, { d: path, stroke: colour });
  }

  hideRun(): void {
    this.hide(this.run);
  }

  private hide(part: SVGElement): void {
    part.setAttribute("display", "none");
  }
}

function set(part: SVGElement, attributes: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, String(value));
  part.removeAttribute("display");
}

function isWithin(pixel: number, axis: PlotAxis): boolean {
  return pixel >= 0 && pixel <= axis._length;
}

import type { LiveFigure } from "../../live/liveFigure";
import type { Layout, Range } from "../../types";
import { makeLogTicks } from "./axisTicks";
import type { ChartTheme } from "./chartTheme";

export interface ChartFrame {
  width: number;
  height: number;
  x: Range;
  y: Range;
  logX: boolean;
  logY: boolean;
  /** Whether x is in epochs, with whole ticks. */
  whole: boolean;
}

/** The figure's layout with the page's colours, the chart's size and the current ranges. */
export function makeLayout(figure: LiveFigure, frame: ChartFrame, theme: ChartTheme): Layout {
  const { layout } = figure;
  const colours = {
    color: theme.muted,
    gridcolor: theme.line,
    linecolor: theme.line,
    zerolinecolor: theme.line,
  };
  const narrow = frame.width < 330;
  const xaxis: Record<string, unknown> = {
    ...layout.xaxis,
    ...colours,
    type: frame.logX ? "log" : "linear",
    range: [...frame.x],
    nticks: narrow ? 5 : 8,
  };
  if (frame.whole && !frame.logX && frame.x[1] - frame.x[0] < 10) xaxis.dtick = 1;
  if (frame.logX) Object.assign(xaxis, makeLogTicks(frame.x));
  return {
    ...layout,
    width: frame.width,
    height: frame.height,
    datarevision: figure.version,
    font: { family: theme.font, color: theme.muted, size: 12 },
    margin: { l: 44, r: 8, t: 6, b: 36 },
    xaxis,
    yaxis: {
      ...layout.yaxis,
      ...colours,
      type: frame.logY ? "log" : "linear",
      range: layout.meta.percent && !frame.logY ? showEnds(frame.y) : [...frame.y],
      exponentformat: "power",
      ...(frame.logY ? makeLogTicks(frame.y, layout.meta.percent) : {}),
      nticks: frame.height < 230 ? 5 : 7,
    },
  };
}

/** Widens a range that ends at 0 or 100 %, so that their grid lines and labels are not cut off. */
function showEnds([low, high]: Range): Range {
  const hair = 0.006 * (high - low);
  return [low === 0 ? -hair : low, high === 1 ? 1 + hair : high];
}

/** From data units to axis units: powers of ten on a logarithmic axis. */
export function toAxisUnits(range: Range, log: boolean): Range {
  if (!log) return range;
  const high = range[1] > 0 ? range[1] : 1;
  return [Math.log10(range[0] > 0 ? range[0] : high / 1e3), Math.log10(high)];
}

export function toDataUnits(range: Range, log: boolean): Range {
  return log ? [10 ** range[0], 10 ** range[1]] : range;
}

/** The range in a relayout event of plotly.js, in either of its forms. */
export function readZoomRange(change: Record<string, unknown>, axis: "xaxis" | "yaxis"): Range | null {
  const whole = change[`${axis}.range`];
  const pair = Array.isArray(whole) ? whole : [change[`${axis}.range[0]`], change[`${axis}.range[1]`]];
  const [low, high] = pair.map(Number);
  return low !== undefined &&
    high !== undefined &&
    Number.isFinite(low) &&
    Number.isFinite(high) &&
    low < high
    ? [low, high]
    : null;
}

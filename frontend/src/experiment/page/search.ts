import type { Zoom } from "../charts/interaction/chartInteraction";
import type { Range } from "../types";

/** The view options that live in the address of an experiment page. What is at its default is left out. */
export interface ExperimentSearch {
  /** Keys of the regularizers that are shown, a column each; none means the experiment's first. */
  show?: string[];
  x?: "seconds";
  /** Axes that are logarithmic. */
  log?: Axis[];
  /** Of the moving average, between 0 and 1. */
  smoothing?: number;
  /** Mean and band in place of every seed's line. */
  seeds?: "mean";
  /** Minibatch loss in place of the epoch's training loss. */
  loss?: "batch";
  /** The strength that the scrubber holds, and the regularizer that it belongs to. */
  strength?: number;
  of?: string;
  /** The class whose coefficients are shown, if not the first. */
  output?: number;
  /** The range of epochs or seconds that is zoomed to. */
  zoom?: Range;
  /** By metric, the range of values that is zoomed to. */
  zoomY?: Record<string, Range>;
  /** Column of the runs table, with a minus for descending. */
  sort?: string;
}

export type Axis = "x" | "loss" | "score";

export const AXES: readonly Axis[] = ["x", "loss", "score"];
/** So many regularizers can stand side by side and still be read. */
export const MOST_COLUMNS = 3;
export const MOST_SMOOTHING = 0.98;
// What the figures' route takes.
const LARGEST = 1e12;

/** What the address says, with whatever is not understood left out. */
export function parseExperimentSearch(search: Record<string, unknown>): ExperimentSearch {
  const show = readList(search.show).filter((key) => key !== "" && key !== "none");
  const log = AXES.filter((axis) => readList(search.log).includes(axis));
  const smoothing = Number(search.smoothing);
  const output = Number(search.output);
  const zoom = readRange(search.zoom);
  const zoomY = readRanges(search.zoomY);
  const strength = typeof search.strength === "number" ? search.strength : Number.NaN;
  return {
    ...(show.length > 0 ? { show: [...new Set(show)].slice(0, 32) } : {}),
    ...(search.x === "seconds" ? { x: "seconds" } : {}),
    ...(log.length > 0 ? { log } : {}),
    ...(smoothing > 0 && smoothing <= MOST_SMOOTHING ? { smoothing } : {}),
    ...(search.seeds === "mean" ? { seeds: "mean" } : {}),
    ...(search.loss === "batch" ? { loss: "batch" } : {}),
    ...(strength >= 0 && Number.isFinite(strength) && typeof search.of === "string"
      ? { strength, of: search.of }
      : {}),
    ...(Number.isInteger(output) && output > 0 && output < 10_000 ? { output } : {}),
    ...(zoom ? { zoom } : {}),
    ...(Object.keys(zoomY).length > 0 ? { zoomY } : {}),
    ...(typeof search.sort === "string" && /^-?\w+$/.test(search.sort) ? { sort: search.sort } : {}),
  };
}

function readList(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === "string");
}

function readRange(value: unknown): Range | null {
  const [low, high] = Array.isArray(value) && value.length === 2 ? value : [];
  const isRange = typeof low === "number" && typeof high === "number" && low < high;
  return isRange && Math.abs(low) <= LARGEST && Math.abs(high) <= LARGEST ? [low, high] : null;
}

function readRanges(value: unknown): Record<string, Range> {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value)
    .filter(([metric]) => /^\w{1,40}$/.test(metric))
    .map(([metric, range]) => [metric, readRange(range)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, Range] => entry[1] !== null));
}

/** A zoom as the address holds it: as many digits as a screen can show. */
export function writeZoom({ x, y }: Zoom): Pick<ExperimentSearch, "zoom" | "zoomY"> {
  const round = (range: Range): Range => {
    const digits =
      4 + Math.max(0, Math.ceil(Math.log10(Math.max(...range.map(Math.abs)) / (range[1] - range[0]))));
    return [
      Number(range[0].toPrecision(Math.min(digits, 17))),
      Number(range[1].toPrecision(Math.min(digits, 17))),
    ];
  };
  const ranges = Object.entries(y).map(([metric, range]) => [metric, round(range)] as const);
  return {
    zoom: x ? round(x) : undefined,
    zoomY: ranges.length > 0 ? Object.fromEntries(ranges) : undefined,
  };
}

export function readZoom({ zoom, zoomY }: ExperimentSearch): Zoom {
  return { x: zoom ?? null, y: zoomY ?? {} };
}

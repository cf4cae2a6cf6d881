import type { Range, Zoom } from "./types";

/** The search parameters of an experiment's page: its view options. Defaults are left out. */
export interface ExperimentSearch {
  /** Keys of the regularizers shown, one column each; by default the experiment's first. */
  show?: string[];
  x?: "seconds";
  /** Logarithmic axes. */
  log?: Axis[];
  /** Weight of the moving average, between 0 and 1. */
  smoothing?: number;
  /** Mean and band instead of a line per seed. */
  seeds?: "mean";
  /** Minibatch loss instead of the epoch's training loss. */
  loss?: "batch";
  /** The pinned strength and its regularizer. */
  strength?: number;
  of?: string;
  /** The class whose coefficients are shown; by default the first. */
  output?: number;
  /** The epoch of the ridgelines, by default the newest, and their layer, by default all. */
  epoch?: number;
  layer?: string;
  /** The zoomed range of epochs or seconds. */
  zoom?: Range;
  /** The zoomed range of values, by metric. */
  zoomY?: Record<string, Range>;
  /** What the answer is by; by default the score. */
  answer?: "loss";
  /** The column by which the runs are sorted, with a minus for descending. */
  sort?: string;
}

export type Axis = "x" | "loss" | "score";

export const AXES: readonly Axis[] = ["x", "loss", "score"];
/** The most columns that remain readable. */
export const MOST_COLUMNS = 3;
export const MOST_SMOOTHING = 0.98;
// The largest bound of a zoom that the API accepts.
const LARGEST = 1e12;

/** Parses the search parameters; invalid ones are left out. */
export function parseExperimentSearch(search: Record<string, unknown>): ExperimentSearch {
  const show = readList(search.show).filter((key) => key !== "" && key !== "none");
  const log = AXES.filter((axis) => readList(search.log).includes(axis));
  const smoothing = Number(search.smoothing);
  const output = Number(search.output);
  const epoch = typeof search.epoch === "number" ? search.epoch : Number.NaN;
  const zoom = readRange(search.zoom);
  const zoomY = readRanges(search.zoomY);
  const strength = typeof search.strength === "number" ? search.strength : Number.NaN;
  return {
    ...(show.length > 0 ? { show: [...new Set(show)].slice(0, 32) } : {}),
    ...(search.x === "seconds" ? { x: "seconds" } : {}),
    ...(log.length > 0 ? { log } : {}),
    ...(smoothing > 0 && smoothing <= MOST_SMOOTHING ? { smoothing } : {}),
    ...(search.seeds === "mean" ? { seeds: "mean" } : {}),
    ...(search.answer === "loss" ? { answer: "loss" } : {}),
    ...(search.loss === "batch" ? { loss: "batch" } : {}),
    ...(strength >= 0 && Number.isFinite(strength) && typeof search.of === "string"
      ? { strength, of: search.of }
      : {}),
    ...(Number.isInteger(output) && output > 0 && output < 10_000 ? { output } : {}),
    ...(Number.isInteger(epoch) && epoch >= 0 && epoch < 2 ** 31 ? { epoch } : {}),
    ...(typeof search.layer === "string" && /^[\w.]{1,100}$/.test(search.layer)
      ? { layer: search.layer }
      : {}),
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

/** A zoom as search parameters, with as many digits as a screen can resolve. */
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

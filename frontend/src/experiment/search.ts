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
  /** Column of the runs table, with a minus for descending. */
  sort?: string;
}

export type Axis = "x" | "loss" | "score";

export const AXES: readonly Axis[] = ["x", "loss", "score"];
export const MOST_SMOOTHING = 0.98;

/** What the address says, with whatever is not understood left out. */
export function parseExperimentSearch(search: Record<string, unknown>): ExperimentSearch {
  const show = readList(search.show).filter((key) => key !== "" && key !== "none");
  const log = AXES.filter((axis) => readList(search.log).includes(axis));
  const smoothing = Number(search.smoothing);
  const output = Number(search.output);
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
    ...(typeof search.sort === "string" && /^-?\w+$/.test(search.sort) ? { sort: search.sort } : {}),
  };
}

function readList(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === "string");
}

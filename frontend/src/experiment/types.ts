import type { Schemas } from "../api/client";
import type { paths } from "../api/schema";

export type FigureSet = Schemas["FigureSet"];
export type FigureName =
  paths["/api/experiments/{experiment_id}/figures/{figure}"]["get"]["parameters"]["path"]["figure"];
export type ColourScale = Schemas["ColourScale"];
export type RunView = Schemas["RunView"];
export type Experiment = Schemas["ExperimentView"];
export type Verdict = Schemas["Verdict"];
export type Observation = Schemas["Observation"];
export type StrengthTable = Schemas["StrengthTable"];
export type StrengthRow = Schemas["StrengthRow"];
export type Estimate = Schemas["Estimate"];
export type Range = [number, number];

/** Zoomed ranges in data units: one x-range for all charts, a y-range per metric. */
export interface Zoom {
  x: Range | null;
  y: Record<string, Range>;
}

/** A typed array as in Plotly's JSON: little-endian numbers in base64. */
export interface TypedArrayText {
  dtype: string;
  bdata: string;
}

/** One (regularizer, strength); the baseline is ("none", 0). */
export interface CellKey {
  regularizer: string;
  strength: number;
}

/**
 * What a trace draws. Of curves: every seed's line, what is smoothed behind a mean, a mean, the two edges of its band.
 * Over the strength: a dot per run, their mean, the baseline, the training mean, the gap to it, test at the chosen one. Of coefficients: one that stands out, or all others. Of ridgelines: a strength's weights.
 */
export type TraceKind =
  | "runs"
  | "raw"
  | "mean"
  | "low"
  | "high"
  | "dots"
  | "baseline"
  | "path"
  | "paths"
  | "ridge";

/** What a trace's meta says: see PlotlyFigure in the API's schemas. */
export interface TraceMeta {
  kind: TraceKind;
  metric: string;
  regularizer: string;
  strength: number;
  seeds: number[];
  /** The runs' folds, from 0. */
  splits?: number[];
  runs: number[];
  baseline: boolean;
  smoothing: number;
  lengths?: number[];
  strengths?: number[];
  /** Of dots of a claim: which of them have not reached it. */
  censored?: number[];
  /** Of a path: the features whose lines the trace holds, one gap between two. */
  features?: string[];
  counts?: number[];
  /** Of a chart of several experiments: whose line it is. */
  experiment?: number;
  /** Of a ridge: its place from below, the share of exact zeros, how many weights, the middle 90 % of the others. */
  row?: number;
  zeros?: string;
  weights?: number;
  middle?: string;
}

export interface RawTrace extends Record<string, unknown> {
  uid: string;
  mode: string;
  x: TypedArrayText | number[];
  y: TypedArrayText | number[];
  meta: TraceMeta;
}

export interface Trace extends Record<string, unknown> {
  uid: string;
  mode: string;
  /** All lines, one behind the other with a gap between two. */
  x: number[];
  y: number[];
  lines: { x: number[]; y: number[] }[];
  meta: TraceMeta;
  line?: { color: string };
}

/** The verdict on a claim: see ClaimVerdict and Claims in the API's schemas. */
export interface ClaimMeta extends Pick<Schemas["ClaimVerdict"], "title" | "word" | "sentence" | "censored"> {
  epoch: number;
  so_far: string | null;
  note: string | null;
}

export interface FigureMeta {
  metric: string;
  title: string;
  sentence: string;
  /** Why a chart of lines has none; empty where it has some. */
  empty?: string;
  percent: boolean;
  better: "high" | "low" | "neither";
  shown: number;
  total: number;
  /** Of charts over the strength: how many dots, or coefficients, lie outside of the chart. */
  outside?: number;
  /** How many runs leave the range of an axis; on a logarithmic one upwards, or to its foot, where 0 lies. */
  leaving?: { linear: number; log: { above: number; foot: number } };
  /** Of the chart over the strength: whether its means have standard errors. */
  errors?: boolean;
  /** Of the chart over the strength: whether training means, and test at the chosen strength, are drawn. */
  training?: boolean;
  tested?: boolean;
  /** Of the chart over the strength: how many strengths halving stopped. */
  rejected?: number;
  /** Of the chart of a claim. */
  claim?: ClaimMeta;
  /** Of a path: the names of the network's outputs; one of no name where there is one. */
  outputs?: string[];
  /** Of a path: how many lines stand out; 0 where all do. */
  strong?: number;
  /** Of a path: how many coefficients are exactly 0, strength by strength. */
  zeros?: { label: string; zeros: number; total: number }[];
  /** Of ridgelines: the epochs and layers to choose from, and what they leave out. */
  epochs?: number[];
  layers?: string[];
  ridges?: number;
  anyZeros?: boolean;
  /** Whether the zeros of the layer shown are an estimate: they are counted over all layers. */
  estimated?: boolean;
  earlier?: number;
  ranges: {
    x?: { linear: Range; log: Range };
    y: { linear: Range; log: Range };
    total?: number | null;
    start?: number;
  };
}

export interface Layout extends Record<string, unknown> {
  xaxis: Record<string, unknown>;
  yaxis: Record<string, unknown>;
  meta: FigureMeta;
}

export function isSameCell(one: CellKey | null, other: CellKey | null): boolean {
  if (one === null || other === null) return one === other;
  return one.regularizer === other.regularizer && one.strength === other.strength;
}

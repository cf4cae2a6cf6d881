import type { Schemas } from "../../api/client";
import type { CellKey, Layout, RawTrace, Trace, TraceMeta } from "../types";
import { decodeArray } from "./typedArrays";

type FigureChange = Schemas["FigureChange"];
type TraceChange = Schemas["TraceChange"];

/** The line of a run or a mean within a trace: points `first` to `stop` - 1. */
export interface Line extends CellKey {
  trace: Trace;
  first: number;
  stop: number;
  run: number | null;
  seed: number | null;
  /** The fold; null where a seed has one split. */
  fold: number | null;
  baseline: boolean;
}

let figureCount = 0;

/** A figure of the API with live updates applied; nothing is computed here. */
export class LiveFigure {
  readonly traces: Trace[];
  layout: Layout;
  /** Incremented by every update. */
  private revision = 0;
  private readonly number = ++figureCount;

  constructor(raw: { data: Record<string, unknown>[]; layout: Record<string, unknown> }) {
    this.traces = (raw.data as RawTrace[]).map(openTrace);
    this.layout = raw.layout as Layout;
  }

  /** Unique for every state of every figure. */
  get version(): string {
    return `${this.number}:${this.revision}`;
  }

  get metric(): string {
    return this.layout.meta.metric;
  }

  apply(change: FigureChange): void {
    this.revision++;
    this.layout = { ...this.layout, ...change.layout };
    for (const own of change.traces ?? []) {
      const trace = this.traces[own.trace];
      if (trace !== undefined) this.traces[own.trace] = changeTrace(trace, own);
    }
  }

  /** The lines of all runs, or of all means. */
  listLines(kind: "mean" | "run"): Line[] {
    return this.traces
      .filter(({ meta }) => meta.kind === (kind === "mean" ? "mean" : "runs"))
      .flatMap((trace) => listLines(trace, kind));
  }
}

function listLines(trace: Trace, kind: "mean" | "run"): Line[] {
  const { regularizer, strength, baseline, runs, seeds, splits = [] } = trace.meta;
  const hasFolds = splits.some((split) => split > 0);
  let first = 0;
  return trace.lines.map(({ x }, index) => {
    const start = first;
    first += x.length + 1;
    const whose =
      kind === "run"
        ? {
            run: runs[index] ?? null,
            seed: seeds[index] ?? null,
            fold: hasFolds ? (splits[index] ?? null) : null,
          }
        : { run: null, seed: null, fold: null };
    return { regularizer, strength, baseline, trace, first: start, stop: start + x.length, ...whose };
  });
}

/** Decodes a trace and separates its lines. */
function openTrace(raw: RawTrace): Trace {
  const x = decodeArray(raw.x);
  const y = decodeArray(raw.y);
  const lengths = raw.meta.lengths ?? [x.length];
  let first = 0;
  const lines = lengths.map((length) => {
    const start = first;
    first += length + 1;
    return { x: x.slice(start, start + length), y: y.slice(start, start + length) };
  });
  return { ...raw, x, y, lines };
}

function changeTrace(trace: Trace, { options, lines }: TraceChange): Trace {
  const changed: Trace = { ...trace, ...options };
  // Traces of one line are sent whole.
  if (options?.x !== undefined || options?.y !== undefined) return openTrace(changed as unknown as RawTrace);
  if (lines === undefined || lines.length === 0) return changed;
  for (const { line, keep, x, y } of lines) {
    const own = changed.lines[line];
    if (own === undefined) continue;
    own.x.splice(keep, Number.POSITIVE_INFINITY, ...x.map(readNumber));
    own.y.splice(keep, Number.POSITIVE_INFINITY, ...y.map(readNumber));
  }
  return joinLines(changed);
}

/** Numbers sent as text have single precision, like encoded ones. */
function readNumber(value: number | null): number {
  return value === null ? Number.NaN : Math.fround(value);
}

/** Joins the lines with gaps between them, as plotly.js expects. */
function joinLines(trace: Trace): Trace {
  const x: number[] = [];
  const y: number[] = [];
  for (const line of trace.lines) {
    if (x.length > 0 || line !== trace.lines[0]) {
      x.push(0);
      y.push(Number.NaN);
    }
    for (const value of line.x) x.push(value);
    for (const value of line.y) y.push(value);
  }
  const meta: TraceMeta = { ...trace.meta, lengths: trace.lines.map((line) => line.x.length) };
  return { ...trace, x, y, meta };
}

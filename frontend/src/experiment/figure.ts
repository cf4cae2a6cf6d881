import { decode } from "./decode";
import type { Extremes } from "./ranges";
import { choosePoints } from "./reduce";
import type { CellKey, EpochEvent, Layout, RawTrace, Trace } from "./types";

/** One run's line, or a mean's, within a trace: entries from `first` up to `stop`. */
export interface Line extends CellKey {
  trace: Trace;
  first: number;
  stop: number;
  run: number | null;
  seed: number | null;
  baseline: boolean;
}

const BAND_SEEDS = 3;
let made = 0;

/** One chart's traces, decoded, to which the stream appends. */
export class Figure {
  readonly traces: Trace[];
  readonly layout: Layout;
  /** Grows with every change of the data since the answer. */
  revision = 0;
  private readonly number = ++made;
  /** The newest sound value of each run: what a run that has stopped counts with while others of its mean go on. */
  private readonly newest = new Map<number, number>();
  /** Points that came by the stream, over the lines that `shown` counts. */
  appended = 0;
  /** Whether points are left out since the stream began. */
  isReduced = false;

  constructor(
    raw: { data: Record<string, unknown>[]; layout: Record<string, unknown> },
    private readonly axis: "epoch" | "seconds",
    private readonly points: number,
  ) {
    this.traces = (raw.data as RawTrace[]).map((trace) => ({
      ...trace,
      x: decode(trace.x),
      y: decode(trace.y),
    }));
    this.layout = raw.layout as Layout;
    for (const { meta } of this.traces)
      for (const [run, value] of Object.entries(meta.held ?? {})) this.newest.set(Number(run), value);
  }

  /** Tells this data from that of every other answer, and from what it was before. */
  get version(): string {
    return `${this.number}:${this.revision}`;
  }

  get metric(): string {
    return this.layout.meta.metric;
  }

  /** Append an epoch of one job to every line that it reaches. Returns whether there was one. */
  append(event: EpochEvent): boolean {
    const place = new Map(event.runs.map((run, index) => [run, index]));
    this.remember(event);
    let touched = false;
    for (const trace of this.traces) {
      const rows = trace.meta.runs.map((run) => place.get(run)).filter((row) => row !== undefined);
      if (rows.length === 0) continue;
      const held = trace.meta.kind === "run" ? [] : this.listHeld(trace, place);
      if (this.metric === "batch_loss") this.appendSteps(trace, rows, event, held);
      else this.appendValue(trace, this.findX(rows, event), this.summarize(trace, rows, event, held));
      if (trace.meta.kind === "run") this.appended++;
      touched = true;
      this.tidy(trace);
    }
    if (touched) this.revision++;
    return touched;
  }

  /** Keep each run's value; one whose loss is no number diverged, and counts no further. */
  private remember(event: EpochEvent): void {
    event.runs.forEach((run, row) => {
      const value =
        this.metric === "batch_loss" ? event.batch_losses?.[row]?.at(-1) : event.metrics[this.metric]?.[row];
      const isSound = event.metrics.train_loss?.[row] !== null && typeof value === "number";
      if (isSound) this.newest.set(run, value);
      else this.newest.delete(run);
    });
  }

  /** The values of those of a mean's runs that are no longer in the stream: all runs of a mean are in one job. */
  private listHeld(trace: Trace, place: ReadonlyMap<number, number>): number[] {
    const gone = trace.meta.runs.filter((run) => !place.has(run));
    return gone.map((run) => this.newest.get(run)).filter((value) => value !== undefined);
  }

  /** Drop every point of these runs: their job starts again. */
  reset(runs: readonly number[]): void {
    const gone = new Set(runs);
    for (const trace of this.traces) {
      if (!trace.meta.runs.some((run) => gone.has(run))) continue;
      trace.x.length = 0;
      trace.y.length = 0;
      if (trace.meta.state) trace.meta.state = [0, 0];
    }
    for (const run of gone) this.newest.delete(run);
    this.revision++;
  }

  private findX(rows: readonly number[], event: EpochEvent): number {
    if (this.axis === "epoch") return event.epoch;
    const seconds = rows.map((row) => event.metrics.seconds?.[row]).filter((value) => value != null);
    return seconds.length > 0 ? average(seconds) : Number.NaN;
  }

  private summarize(
    trace: Trace,
    rows: readonly number[],
    event: EpochEvent,
    held: readonly number[],
  ): number {
    const values = event.metrics[this.metric] ?? [];
    return summarize(trace.meta.kind, [...rows.map((row) => values[row] ?? Number.NaN), ...held]);
  }

  private appendSteps(
    trace: Trace,
    rows: readonly number[],
    event: EpochEvent,
    held: readonly number[],
  ): void {
    const losses = rows.map((row) => event.batch_losses?.[row] ?? []);
    const steps = Math.max(0, ...losses.map((own) => own.length));
    const stop = this.findX(rows, event);
    const previous = trace.x.at(-1) ?? 0;
    const start = this.axis === "epoch" ? event.epoch - 1 : previous;
    for (let step = 0; step < steps; step++) {
      const values = losses.map((own) => own[step] ?? Number.NaN);
      const x = start + ((step + 1) / steps) * (stop - start);
      this.appendValue(trace, x, summarize(trace.meta.kind, [...values, ...held]));
    }
  }

  private appendValue(trace: Trace, x: number, y: number): void {
    if (Number.isNaN(x)) return;
    trace.x.push(x);
    trace.y.push(trace.meta.kind === "raw" ? y : smoothNext(trace, y));
  }

  /** A line of one point needs a marker; a line of very many is reduced where it stands. */
  private tidy(trace: Trace): void {
    if (trace.mode !== "markers" && trace.meta.kind !== "low" && trace.meta.kind !== "high")
      trace.mode = trace.x.length > 1 ? "lines" : "lines+markers";
    if (trace.x.length <= 2 * this.points) return;
    const kept = choosePoints(trace.y, this.points);
    trace.x = kept.map((index) => trace.x[index] ?? Number.NaN);
    trace.y = kept.map((index) => trace.y[index] ?? Number.NaN);
    this.isReduced = true;
  }

  /** Every run's line, or every mean's where the seeds have none. */
  listLines(kind: "mean" | "run"): Line[] {
    const lines: Line[] = [];
    for (const trace of this.traces) {
      const { meta } = trace;
      const cell = { regularizer: meta.regularizer, strength: meta.strength, baseline: meta.baseline, trace };
      if (meta.kind === "mean" && kind === "mean") {
        lines.push({ ...cell, first: 0, stop: trace.x.length, run: null, seed: null });
      } else if (meta.kind === "run" && kind === "run") {
        lines.push({
          ...cell,
          first: 0,
          stop: trace.x.length,
          run: meta.runs[0] ?? null,
          seed: meta.seeds[0] ?? null,
        });
      } else if (meta.kind === "runs" && kind === "run") {
        let first = 0;
        meta.runs.forEach((run, index) => {
          const length = meta.lengths?.[index] ?? 0;
          lines.push({ ...cell, first, stop: first + length, run, seed: meta.seeds[index] ?? null });
          first += length + 1;
        });
      }
    }
    return lines;
  }

  /** The extremes of every line, in the units of a linear or a log axis. */
  findExtremes(log: boolean): Extremes[] {
    const runs = this.listLines("run");
    const lines = runs.length > 0 ? runs : this.listLines("mean");
    return lines.map((line) => findExtremes(line, log)).filter((found) => found !== null);
  }

  get isEmpty(): boolean {
    return this.traces.every((trace) => trace.x.length === 0);
  }

  findLastX(): number {
    let last = 0;
    for (const { x } of this.traces) last = Math.max(last, x.at(-1) ?? 0);
    return last;
  }
}

/** The next value of a line's moving average; see meta.state in backend/schemas.py. A gap leaves it as it is. */
function smoothNext(trace: Trace, y: number): number {
  const { smoothing, state } = trace.meta;
  if (smoothing === 0 || state === undefined || Number.isNaN(y)) return y;
  state[0] = smoothing * state[0] + (1 - smoothing) * y;
  state[1] = smoothing * state[1] + (1 - smoothing);
  return state[0] / state[1];
}

function summarize(kind: string, values: readonly number[]): number {
  const found = values.filter((value) => Number.isFinite(value));
  if (found.length === 0) return Number.NaN;
  const mean = average(found);
  if (kind !== "low" && kind !== "high") return mean;
  if (found.length < BAND_SEEDS) return Number.NaN;
  const squares = found.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (found.length - 1));
  return kind === "low" ? mean - deviation : mean + deviation;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function findExtremes(line: Line, log: boolean): Extremes | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let index = line.first; index < line.stop; index++) {
    const value = line.trace.y[index] ?? Number.NaN;
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return null;
  const sound = Number.isFinite(line.trace.y[line.stop - 1]);
  const [least, most] = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  return { low: least, high: most, baseline: line.baseline, sound };
}

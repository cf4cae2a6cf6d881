import type { LiveUpdate } from "../../live/messages";
import type { ColourScale, FigureSet, Range } from "../types";
import { LiveFigure } from "./liveFigure";

export interface FigureColumn {
  regularizer: string;
  label: string;
  scale: ColourScale | null;
  figures: Record<string, LiveFigure>;
}

/** A response of the figures' route, decoded and kept up to date by the live stream. */
export class LiveFigureSet {
  readonly columns: FigureColumn[];
  readonly metrics: readonly string[];
  info: Omit<FigureSet, "columns">;
  /** Incremented by every update. */
  revision = 0;
  private readonly listeners = new Set<() => void>();

  constructor(set: FigureSet) {
    this.columns = set.columns.map(({ regularizer, label, scale, figures }) => ({
      regularizer,
      label,
      scale,
      figures: Object.fromEntries(
        Object.entries(figures).map(([metric, figure]) => [metric, new LiveFigure(figure)]),
      ),
    }));
    this.metrics = Object.keys(this.columns[0]?.figures ?? {});
    const { columns: _, ...rest } = set;
    this.info = rest;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Applies the changes since this set's version. */
  apply(update: LiveUpdate): void {
    this.info = { ...this.info, ...update.set, version: update.version };
    for (const change of update.figures ?? [])
      this.columns[change.column]?.figures[change.metric]?.apply(change);
    this.revision++;
    for (const listener of this.listeners) listener();
  }

  /** The y-range of a metric, the same in every column, in axis units. */
  findY(metric: string, log: boolean): Range {
    const ranges = this.columns[0]?.figures[metric]?.layout.meta.ranges;
    return ranges?.y[log ? "log" : "linear"] ?? [0, 1];
  }

  /** The x-range of all charts of the set, in axis units. */
  findX(log: boolean): Range {
    const ranges = this.columns[0]?.figures[this.metrics[0] ?? ""]?.layout.meta.ranges;
    return ranges?.x?.[log ? "log" : "linear"] ?? [0, 1];
  }
}

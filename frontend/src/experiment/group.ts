import { Figure } from "./figure";
import { extendX, findRange, followRange, frameX } from "./ranges";
import type { ColourScale, EpochEvent, FigureSet, Range, ResetEvent } from "./types";

export interface Column {
  regularizer: string;
  label: string;
  scale: ColourScale | null;
  figures: Record<string, Figure>;
}

/** How far a job's points reach. */
export interface Reach {
  epoch: number;
  rewinds: number;
}

/** An event of the stream, and how often its job had been rewound by then. */
export type Entry = { rewinds: number } & (
  | { kind: "epoch"; event: EpochEvent }
  | { kind: "reset"; event: ResetEvent }
);

/** One answer of the figures' route, decoded, kept up to date by the stream. */
export class FigureGroup {
  readonly columns: Column[];
  /** Whether an epoch is missing, so that the set must be asked for anew. */
  hasGap = false;
  private readonly listeners = new Set<() => void>();
  private readonly reaches: Map<number, Reach>;
  private readonly ranges = new Map<string, Range>();
  private lastX = 0;

  constructor(
    readonly set: FigureSet,
    axis: "epoch" | "seconds",
    points: number,
  ) {
    this.columns = set.columns.map(({ regularizer, label, scale, figures }) => ({
      regularizer,
      label,
      scale,
      figures: Object.fromEntries(
        Object.entries(figures).map(([metric, figure]) => [metric, new Figure(figure, axis, points)]),
      ),
    }));
    this.reaches = parseCursor(set.cursor);
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  notify(): void {
    for (const listener of this.listeners) listener();
  }

  get metrics(): string[] {
    return Object.keys(this.columns[0]?.figures ?? {});
  }

  /** Take one event over, unless its points are here already. Returns whether a figure changed. */
  apply(entry: Entry): boolean {
    const { job } = entry.event;
    const reach = this.reaches.get(job) ?? { epoch: 0, rewinds: entry.rewinds };
    if (entry.rewinds < reach.rewinds) return false;
    if (entry.kind === "reset") return entry.rewinds > reach.rewinds && this.rewind(entry.event, reach);
    if (entry.event.epoch <= reach.epoch && entry.rewinds === reach.rewinds) return false;
    if (entry.event.epoch > reach.epoch + 1 || entry.rewinds > reach.rewinds) this.hasGap = true;
    this.reaches.set(job, { epoch: entry.event.epoch, rewinds: entry.rewinds });
    return this.listFigures().filter((figure) => figure.append(entry.event)).length > 0;
  }

  /** Points of later epochs are void. Lines may be means and reduced: where some points stay, the set is asked anew. */
  private rewind(event: ResetEvent, reach: Reach): boolean {
    this.reaches.set(event.job, { epoch: Math.min(reach.epoch, event.epoch), rewinds: event.rewinds });
    if (event.epoch >= reach.epoch) return false;
    if (event.epoch > 0) this.hasGap = true;
    else for (const figure of this.listFigures()) figure.reset(event.runs);
    return true;
  }

  listFigures(): Figure[] {
    return this.columns.flatMap((column) => Object.values(column.figures));
  }

  /** The y-range of the row of `metric`, the same in every column, in the axis' own units. */
  findY(metric: string, log: boolean): Range {
    const row = this.columns.map((column) => column.figures[metric]).filter((figure) => figure !== undefined);
    const first = row[0]?.layout.meta.ranges.y[log ? "log" : "linear"] ?? [0, 1];
    if (row.every((figure) => figure.revision === 0)) return first;
    const wanted = findRange(
      row.flatMap((figure) => figure.findExtremes(log)),
      log,
      // Shares lie between 0 and 1: none of them can squash the others.
      row[0]?.layout.meta.percent ? Number.POSITIVE_INFINITY : undefined,
    );
    if (wanted === null) return first;
    const key = `${metric} ${log}`;
    const range = followRange(this.ranges.get(key) ?? null, wanted);
    this.ranges.set(key, range);
    return range;
  }

  /** The x-range of every chart of the group, in the axis' own units. */
  findX(log: boolean): Range {
    const figures = this.listFigures();
    const ranges = figures[0]?.layout.meta.ranges;
    if (ranges?.x === undefined) return [0, 1];
    if (figures.every((figure) => figure.revision === 0)) return ranges.x[log ? "log" : "linear"];
    const newest = Math.max(...figures.map((figure) => figure.findLastX()));
    this.lastX = extendX(this.lastX, newest, ranges.total ?? null);
    return frameX(ranges.start ?? 0, this.lastX, this.findFirstX(figures), log);
  }

  private findFirstX(figures: readonly Figure[]): number {
    let first = Number.POSITIVE_INFINITY;
    for (const figure of figures)
      for (const { x } of figure.traces) {
        const found = x.find((value) => value > 0);
        if (found !== undefined && found < first) first = found;
      }
    return Number.isFinite(first) ? first : 1;
  }
}

/** `7:40:0,8:38:1`: job, epoch, and how often the job was rewound. */
export function parseCursor(cursor: string): Map<number, Reach> {
  const entries = cursor.split(",").filter((part) => part !== "");
  return new Map(
    entries.map((part) => {
      const [job = 0, epoch = 0, rewinds = 0] = part.split(":").map(Number);
      return [job, { epoch, rewinds }];
    }),
  );
}

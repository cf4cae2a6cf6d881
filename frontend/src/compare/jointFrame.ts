import type { LiveFigureSet } from "../experiment/live/figureSet";
import type { Range } from "../experiment/types";

/** The axes of charts of several figure sets: their ranges hold all of them. */
export class JointFrame {
  constructor(private readonly sets: readonly LiveFigureSet[]) {}

  subscribe = (listener: () => void): (() => void) => {
    const undo = this.sets.map((set) => set.subscribe(listener));
    return () => {
      for (const forget of undo) forget();
    };
  };

  findX(log: boolean): Range {
    return join(this.sets.map((set) => set.findX(log)));
  }

  findY(metric: string, log: boolean): Range {
    // An empty chart has no range of its own.
    const own = this.sets.filter((set) => set.columns[0]?.figures[metric]?.layout.meta.empty === "");
    return join((own.length > 0 ? own : this.sets).map((set) => set.findY(metric, log)));
  }
}

function join(ranges: readonly Range[]): Range {
  return [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))];
}

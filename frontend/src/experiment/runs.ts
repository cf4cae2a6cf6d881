import { labelRegularizer, nameStrength } from "../format";
import type { RunView } from "./types";

/** The diverged runs by strength, in words: `L1, λ = 10 from epoch 4`. */
export function groupDiverged(runs: readonly RunView[]): { words: string; count: number }[] {
  const groups = new Map<string, { epoch: number; count: number }>();
  for (const run of runs) {
    if (run.state !== "diverged" && run.diverged_epoch === null) continue;
    const name =
      run.regularizer === "none"
        ? labelRegularizer("none")
        : `${labelRegularizer(run.regularizer)}, ${nameStrength(run.regularizer, run.strength)}`;
    const group = groups.get(name) ?? { epoch: Number.POSITIVE_INFINITY, count: 0 };
    groups.set(name, {
      epoch: Math.min(group.epoch, run.diverged_epoch ?? Number.POSITIVE_INFINITY),
      count: group.count + 1,
    });
  }
  return [...groups].map(([name, { epoch, count }]) => ({
    words: Number.isFinite(epoch) ? `${name} from epoch ${epoch}` : name,
    count,
  }));
}

/** A number of a run's summary row, or null. */
export function readNumber(row: RunView["last"], metric: string): number | null {
  const value = row?.[metric];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Training score minus validation score after the newest epoch. */
export function findGap(run: RunView): number | null {
  const train = readNumber(run.last, "train_score");
  const validation = readNumber(run.last, "validation_score");
  return train === null || validation === null ? null : train - validation;
}

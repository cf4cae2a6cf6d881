import type { RunView } from "../types";

const REASONS: Record<string, string> = {
  early_stopping: "early stopping",
  halving: "halving",
  tolerance: "converged",
};

/** `stopped at epoch 12 (halving)`; null for a run that was not stopped. */
export function describeStop(run: RunView): string | null {
  if (run.stopped_epoch == null) return null;
  const reason = run.stopped_by == null ? "" : ` (${REASONS[run.stopped_by] ?? run.stopped_by})`;
  return `stopped at epoch ${run.stopped_epoch}${reason}`;
}

/** A finite number of a run's summary, or null. */
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

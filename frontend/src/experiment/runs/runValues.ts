import { getSymbol, labelRegularizer } from "../../text/regularizers";
import { nameStrength } from "../../text/strengths";
import type { Experiment, RunView } from "../types";

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

function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** The regularizers of every run: `L2, λ = 10⁻⁴`; empty without any. */
export function nameFixed(spec: Experiment["spec"]): string {
  const names = (spec.fixed ?? []).map(({ name, strengths, ...parameters }) => {
    const inner = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
    const key = inner.length > 0 ? `${name}(${inner.join(",")})` : name;
    const strength = Array.isArray(strengths) ? strengths[0] : strengths.from;
    return `${labelRegularizer(key)}, ${nameStrength(getSymbol(key), strength ?? 0)}`;
  });
  return joinWords(names);
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

import { MISSING } from "./numbers";
import { isNumber, toFixed, withMinus } from "./rounding";

export type Task = "classification" | "regression";

/** The name of a task's score. */
export function nameScore(task: Task): string {
  return task === "regression" ? "R²" : "accuracy";
}

/** Accuracy in percent with one decimal, R² as a number with three; the deviation in the same unit. */
export function formatScore(
  mean: number | null | undefined,
  task: Task,
  deviation?: number | null,
  wanted?: number,
): string {
  if (!isNumber(mean)) return MISSING;
  const [scale, usual, unit] = task === "classification" ? [100, 1, " %"] : [1, 3, ""];
  const digits = wanted ?? usual;
  const spread = isNumber(deviation) ? ` ± ${formatDeviation(scale * deviation, digits)}` : "";
  return withMinus(`${toFixed(scale * mean, digits)}${unit}${spread}`);
}

/** A deviation that would be rounded to 0 is written as an upper bound. */
function formatDeviation(deviation: number, digits: number): string {
  const text = toFixed(deviation, digits);
  return deviation > 0 && Number(text) === 0 ? `<${toFixed(10 ** -digits, digits)}` : text;
}

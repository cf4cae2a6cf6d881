import { formatNumber, MISSING, writeWhole } from "../../text/numbers";
import { isNumber, toFixed, withMinus } from "../../text/rounding";
import { formatScore, type Task } from "../../text/scores";
import type { Estimate } from "../types";

const MOST_DECIMALS = 6;

/** `1.13 ± 0.20`: the interval's half width with two significant digits, and the mean with as many decimals. */
export function formatEstimate(estimate: Estimate | null): string {
  if (estimate === null) return MISSING;
  const { mean, half_width: half } = estimate;
  if (!isNumber(half) || half === 0) return formatNumber(mean);
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(half)));
  if (decimals > MOST_DECIMALS || Math.abs(mean) >= 1e5)
    return `${formatNumber(mean)} ± ${formatNumber(half, 2)}`;
  return withMinus(`${toFixed(mean, decimals)} ± ${toFixed(half, decimals)}`);
}

/** `93.1 % ± 0.4`. */
export function formatScoreEstimate(estimate: Estimate | null, task: Task): string {
  return formatScore(estimate?.mean, task, estimate?.half_width || null);
}

/** `+1.7 ± 0.4`: of accuracies in points. */
export function formatDifference(estimate: Estimate | null, metric: "score" | "loss", task: Task): string {
  if (estimate === null) return MISSING;
  const sign = estimate.mean > 0 ? "+" : "";
  if (metric === "loss") return sign + formatEstimate(estimate);
  return sign + formatScoreEstimate(estimate, task).replace(" %", "");
}

/** `12.5 %`. */
export function formatShareEstimate(estimate: Estimate | null): string {
  return formatScoreEstimate(estimate, "classification");
}

/** Mean and half width with all their digits. */
export function writeWholeEstimate(estimate: Estimate | null): string {
  if (estimate === null) return "";
  const half = writeWhole(estimate.half_width);
  return half === "" ? writeWhole(estimate.mean) : `${writeWhole(estimate.mean)} ± ${half}`;
}

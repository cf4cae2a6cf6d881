import type { Verdict } from "../types";

/** The largest distance from 0 of what is drawn, of all verdicts, so that their intervals share one scale. */
export function findExtent(verdicts: readonly Pick<Verdict, "difference" | "low" | "high">[]): number {
  const ends = verdicts.flatMap(({ difference, low, high }) => [difference, low, high]);
  return Math.max(0, ...ends.filter((end) => end !== null).map(Math.abs));
}

/** The place of a difference along the bar, 0 to 1; 0 lies in the middle. */
export function placeDifference(difference: number, extent: number): number {
  return extent === 0 ? 0.5 : 0.5 + (0.48 * difference) / extent;
}

import { expect, test } from "vitest";
import type { Verdict } from "../types";
import { findExtent, placeDifference } from "./intervalScale";

const make = (difference: number | null, low: number | null, high: number | null) =>
  ({ difference, low, high }) as Verdict;

test("all verdicts share one scale, that of the farthest end", () => {
  expect(findExtent([make(0.01, -0.02, 0.04), make(-0.01, -0.07, 0.05), make(null, null, null)])).toBe(0.07);
  expect(findExtent([])).toBe(0);
});

test("no difference lies in the middle, and nothing leaves the bar", () => {
  expect(placeDifference(0, 0.07)).toBe(0.5);
  expect(placeDifference(0, 0)).toBe(0.5);
  expect(placeDifference(-0.07, 0.07)).toBeGreaterThan(0);
  expect(placeDifference(0.07, 0.07)).toBeLessThan(1);
  expect(placeDifference(0.035, 0.07)).toBeGreaterThan(0.5);
});

import { expect, test } from "vitest";
import { findRange, placeDots } from "./sparklineLayout";

const cell = (strength: number, score_mean: number | null, score_deviation: number | null = 0.004) => ({
  regularizer: "l1",
  strength,
  seeds: 3,
  score_mean,
  score_deviation,
  loss_mean: null,
  diverged: 0,
  failed: 0,
  stopped: 0,
});

test("one ruinous strength does not press the others flat", () => {
  const cells = [0.91, 0.92, 0.94, 0.935, 0.1].map((score, index) => cell(10 ** -index, score));
  const [low, high] = findRange({ none: [cell(0, 0.91)], l1: cells });
  expect(high).toBe(0.94);
  expect(low).toBeGreaterThan(0.8);
  const dots = placeDots(cells, [low, high], 80, 28);
  expect(dots.at(-1)?.y).toBe(24);
  expect(dots[2]?.y).toBe(4);
});

test("scatter between seeds does not look like an effect", () => {
  const [low, high] = findRange({ none: [cell(0, 0.9305)], l1: [cell(1e-4, 0.9301), cell(1e-3, 0.9303)] });
  expect(high - low).toBeCloseTo(3 * 0.004);
});

test("a strength without a score yet has no dot, and none at all has a range to draw in", () => {
  expect(placeDots([cell(1e-4, null), cell(1e-3, 0.9)], [0.8, 1], 80, 28)).toHaveLength(1);
  expect(findRange({ l1: [cell(1e-4, null)] })).toEqual([0, 1]);
  const [low, high] = findRange({ none: [cell(0, 0.9)] });
  expect(low).toBeLessThan(high);
});

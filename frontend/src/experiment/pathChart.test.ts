import { expect, test } from "vitest";
import { fitEnds, listFeatures } from "./pathChart";
import type { Trace } from "./types";

const gap = Number.NaN;

test("every feature is told apart, those that share a trace too", () => {
  const shared = {
    x: [1, 2, 0, 1, 2],
    y: [5, 4, gap, 3, 0],
    line: { color: "grey" },
    meta: { kind: "paths", features: ["a", "b"], strengths: [0.1, 1] },
  };
  const own = { ...shared, x: [1, 2], y: [9, 8], meta: { ...shared.meta, kind: "path", features: ["c"] } };
  const lines = listFeatures([shared, own] as unknown as Trace[]);
  expect(lines.map(({ feature, y }) => [feature, y])).toEqual([
    ["a", [5, 4]],
    ["b", [3, 0]],
    ["c", [9, 8]],
  ]);
  expect(lines.every(({ x }) => x[0] === 1 && x[1] === 2)).toBe(true);
});

test("of labels that would overlap the first has its place, and one of no height has none", () => {
  expect(fitEnds([100, 105, 130, gap, 60])).toEqual([true, false, true, false, true]);
});

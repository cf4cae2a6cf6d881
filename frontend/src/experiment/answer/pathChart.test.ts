import { expect, test } from "vitest";
import type { Trace } from "../types";
import { listFeatures, spreadEnds } from "./pathChart";

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

test("labels keep the order of their lines and stand apart, within the chart", () => {
  expect(spreadEnds([100, 105, 300, 60], 400)).toEqual([100, 114, 300, 60]);
  expect(spreadEnds([199, 198, 200], 200)).toEqual([186, 172, 200]);
  expect(spreadEnds([5, 5, 5], 30)).toEqual([5, 15, 25]);
});

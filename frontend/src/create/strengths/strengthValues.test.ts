import { expect, test } from "vitest";
import { listGrid } from "./strengthGrid";
import { describeRange, fromStrengthsSpec, listStrengths, toStrengthsSpec } from "./strengthValues";

// What core.spec.Grid(...).values() gives for the same grids.
test("a grid has the API's own strengths, to the last digit", () => {
  expect(listGrid(1e-5, 1e-2, 7, "log")).toEqual([
    1e-5, 3.16227766017e-5, 1e-4, 3.16227766017e-4, 1e-3, 3.16227766017e-3, 1e-2,
  ]);
  expect(listGrid(0.1, 0.7, 4, "linear")).toEqual([0.1, 0.3, 0.5, 0.7]);
  expect(listGrid(0.3, 0.9, 1, "log")).toEqual([0.3]);
  expect(listGrid(1, 0.01, 3, "log")).toEqual([1, 0.1, 0.01]);
});

test("a grid and a list survive the form", () => {
  const grid = { from: 1e-5, to: 0.01, count: 7, scale: "log" as const };
  expect(toStrengthsSpec(fromStrengthsSpec(grid, "log"))).toEqual(grid);
  expect(toStrengthsSpec(fromStrengthsSpec([0, 1e-4, 0.5], "log"))).toEqual([0, 1e-4, 0.5]);
});

test("what is half typed has no strengths to show, and is sent as it is for the API to refuse", () => {
  const draft = { ...fromStrengthsSpec({ from: 1e-4, to: 1, count: 3, scale: "log" }, "log"), from: "1e-" };
  expect(listStrengths(draft)).toEqual([]);
  expect(toStrengthsSpec(draft)).toEqual({ from: "1e-", to: 1, count: 3, scale: "log" });
  expect(listStrengths({ ...draft, from: "0" })).toEqual([]);
  expect(listStrengths({ ...draft, from: "1", count: "" })).toEqual([]);
});

test("switching from a grid to a list offers the grid's own strengths", () => {
  expect(fromStrengthsSpec({ from: 1e-4, to: 1e-2, count: 5, scale: "log" }, "log").list).toBe(
    "1e-4, 10^-3.5, 1e-3, 10^-2.5, 0.01",
  );
});

test.each([
  [{ low: 0, high: null }, "0 or more; 0 is the baseline itself."],
  [{ low: 0, high: 1 }, "0 to below 1; 0 is the baseline itself."],
  [{ low: 0, high: null, open_low: true, smaller_is_stronger: true }, "Above 0. Smaller is stronger."],
  [
    { low: 1, high: null, whole: true, smaller_is_stronger: true },
    "A whole number, 1 or more. Smaller is stronger.",
  ],
])("%o is said as %s", (legal, words) => {
  const rest = {
    open_low: false,
    whole: false,
    smaller_is_stronger: false,
    scale: "log" as const,
    default: [],
  };
  expect(describeRange({ ...rest, ...legal })).toBe(words);
});

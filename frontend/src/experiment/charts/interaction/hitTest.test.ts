import { expect, it } from "vitest";
import { findNearestIndex } from "./hitTest";

it("the nearest of a rising x is found", () => {
  const x = [1, 2, 4, 8, 1, 5];
  expect(findNearestIndex(x, 0, 4, 3.2)).toBe(2);
  expect(findNearestIndex(x, 0, 4, 2.4)).toBe(1);
  expect(findNearestIndex(x, 4, 6, 100)).toBe(5);
});

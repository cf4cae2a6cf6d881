import { expect, it } from "vitest";
import { findNext } from "./ColourBar";

it("keys move the scrubber and take it away", () => {
  expect(findNext("ArrowRight", -1, 5)).toBe(0);
  expect(findNext("ArrowLeft", -1, 5)).toBe(4);
  expect(findNext("End", 1, 5)).toBe(4);
  expect(findNext("Escape", 1, 5)).toBeNull();
  expect(findNext("a", 1, 5)).toBeUndefined();
});

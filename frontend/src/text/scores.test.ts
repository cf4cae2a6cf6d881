import { expect, test } from "vitest";
import { formatScore } from "./scores";

// As core.analysis writes the same numbers.
test("scores: percent with one decimal, R² with three, ties to even as Python has them", () => {
  expect(formatScore(0.9325, "classification")).toBe("93.2 %");
  expect(formatScore(0.9335, "classification")).toBe("93.3 %");
  expect(formatScore(0.931, "classification", 0.004)).toBe("93.1 % ± 0.4");
  expect(formatScore(-0.12345, "regression")).toBe("−0.123");
  expect(formatScore(0.5, "regression", 0.01)).toBe("0.500 ± 0.010");
  expect(formatScore(0.5, "classification", 1e-5)).toBe("50.0 % ± <0.1");
  expect(formatScore(0.5, "classification", 0)).toBe("50.0 % ± 0.0");
  expect(formatScore(null, "regression")).toBe("–");
  expect(formatScore(Number.NaN, "classification")).toBe("–");
});

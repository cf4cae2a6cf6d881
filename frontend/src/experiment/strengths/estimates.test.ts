import { expect, test } from "vitest";
import { formatDifference, formatEstimate, formatScoreEstimate, writeWholeEstimate } from "./estimates";

const make = (mean: number, half: number | null) => ({ mean, half_width: half, replicates: 5 });

test.each([
  [make(1.1304, 0.196), "1.13 ± 0.20"],
  [make(24.397, 0.584), "24.40 ± 0.58"],
  [make(1234.6, 321), "1235 ± 321"],
  [make(-0.5, 0.0213), "−0.500 ± 0.021"],
  [make(0.5, 1e-9), "0.5 ± 1·10⁻⁹"],
  [make(0.5, null), "0.5"],
  [make(60, 0), "60"],
  [null, "–"],
])("the mean has the decimals of its interval: %o", (estimate, text) => {
  expect(formatEstimate(estimate)).toBe(text);
});

test("scores are written as everywhere, and one run has no interval", () => {
  expect(formatScoreEstimate(make(0.9312, 0.0041), "classification")).toBe("93.1 % ± 0.4");
  expect(formatScoreEstimate(make(0.9312, null), "classification")).toBe("93.1 %");
  expect(formatScoreEstimate(make(0.51234, 0.01), "regression")).toBe("0.512 ± 0.010");
});

test("a difference says its sign", () => {
  expect(formatDifference(make(0.0171, 0.02), "score", "classification")).toBe("+1.7 ± 2.0");
  expect(formatDifference(make(-0.0171, 0.02), "score", "classification")).toBe("−1.7 ± 2.0");
  expect(formatDifference(make(0.25, 0.1), "loss", "classification")).toBe("+0.25 ± 0.10");
  expect(formatDifference(null, "score", "regression")).toBe("–");
});

test("every digit can be copied", () => {
  expect(writeWholeEstimate(make(0.6735376044568244, 0.0166))).toBe("0.6735376044568244 ± 0.0166");
  expect(writeWholeEstimate(make(2, null))).toBe("2");
});

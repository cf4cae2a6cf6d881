import { describe, expect, test } from "vitest";
import * as format from "./format";

// The expected texts of strengths and scores are what core.analysis writes for the same numbers.
describe("strengths", () => {
  test.each([
    [1e-4, "10⁻⁴"],
    [3e-4, "3·10⁻⁴"],
    [10 ** -3.5, "10⁻³·⁵"],
    [10 ** -2.25, "10⁻²·²⁵"],
    [0.000316227766017, "10⁻³·⁵"],
    [0.05, "5·10⁻²"],
    [0.1, "0.1"],
    [0.25, "0.25"],
    [1, "1"],
    [10, "10"],
    [31.6227766017, "10¹·⁵"],
    [99.95, "100"],
    [1000, "10³"],
    [1e5, "10⁵"],
    [3.3333e-4, "3.33·10⁻⁴"],
    [1.234e-7, "1.23·10⁻⁷"],
    [0, "0"],
  ])("%d is written %s", (strength, text) => {
    expect(format.formatStrength(strength)).toBe(text);
  });

  test.each([
    [0.05, "0.05"],
    [0.333333, "0.333"],
    [0.001, "0.001"],
    [0.5, "0.5"],
    [0, "0"],
  ])("the probability %d is a plain decimal", (strength, text) => {
    expect(format.formatStrength(strength, "dropout")).toBe(text);
  });

  test.each([
    [10, "10"],
    [1000, "1000"],
    [12_345, "12345"],
    [0.05, "0.05"],
    [1e-5, "10⁻⁵"],
  ])("without λ, %d is plain as well", (strength, text) => {
    expect(format.formatStrength(strength, "early_stopping")).toBe(text);
  });

  test("are named with the regularizer's own symbol", () => {
    expect(format.nameStrength("l1", 1e-4)).toBe("λ = 10⁻⁴");
    expect(format.nameStrength("dropout", 0.5)).toBe("p = 0.5");
    expect(format.nameStrength("early_stopping", 20)).toBe("patience = 20");
    expect(format.nameStrength("max_norm", 3)).toBe("c = 3");
    expect(format.nameStrength("elastic_net(mixing=0.5)", 3e-4)).toBe("λ = 3·10⁻⁴");
  });
});

test("regularizers are named by label and parameters", () => {
  expect(format.labelRegularizer("none")).toBe("Baseline");
  expect(format.labelRegularizer("l1_subgradient")).toBe("L1 (subgradient)");
  expect(format.labelRegularizer("elastic_net(mixing=0.5)")).toBe("Elastic net (mixing 0.5)");
  expect(format.labelRegularizer("max_norm")).toBe("Max norm");
});

test("scores: percent with one decimal, R² with three, ties to even as Python has them", () => {
  expect(format.formatScore(0.9325, "classification")).toBe("93.2 %");
  expect(format.formatScore(0.9335, "classification")).toBe("93.3 %");
  expect(format.formatScore(0.931, "classification", 0.004)).toBe("93.1 % ± 0.4");
  expect(format.formatScore(-0.12345, "regression")).toBe("−0.123");
  expect(format.formatScore(0.5, "regression", 0.01)).toBe("0.500 ± 0.010");
  expect(format.formatScore(0.5, "classification", 1e-5)).toBe("50.0 % ± <0.1");
  expect(format.formatScore(0.5, "classification", 0)).toBe("50.0 % ± 0.0");
  expect(format.formatScore(null, "regression")).toBe("–");
  expect(format.formatScore(Number.NaN, "classification")).toBe("–");
});

test("numbers keep three digits, whatever their size", () => {
  expect(
    [0, 0.1234, 12.345, 1234.5, -0.5, 1.2e-7, 1e6, null].map((value) => format.formatNumber(value)),
  ).toEqual(["0", "0.123", "12.3", "1230", "−0.5", "1.2·10⁻⁷", "1·10⁶", "–"]);
});

test.each([
  [0, "0.0 s"],
  [0.42, "0.4 s"],
  [40, "40 s"],
  [59.7, "1 min"],
  [125, "2 min 5 s"],
  [3780, "1 h 3 min"],
  [3600, "1 h"],
  [187_200, "2 d 4 h"],
])("%d seconds last %s", (seconds, text) => {
  expect(format.formatDuration(seconds)).toBe(text);
});

test.each([
  [0.2, "about a second"],
  [4.4, "about 4 seconds"],
  [41, "about 40 seconds"],
  [170, "about 3 minutes"],
  [7300, "about 2 hours"],
  [200_000, "about 2 days"],
])("%d seconds to come are %s", (seconds, text) => {
  expect(format.describeEstimate(seconds)).toBe(text);
});

test("moments are told as from now, in the reader's zone", () => {
  const now = new Date(2026, 10, 24, 15, 0, 0);
  const ago = (seconds: number) => format.formatMoment(new Date(now.getTime() - 1000 * seconds), now);
  expect(ago(3)).toBe("just now");
  expect(ago(60 * 5)).toBe("5 min ago");
  expect(ago(3600 * 3)).toBe("12:00");
  expect(ago(3600 * 20)).toBe("yesterday 19:00");
  expect(ago(86_400 * 10)).toBe("14 Nov 15:00");
  expect(ago(86_400 * 400)).toBe("20 Oct 2025");
});

test("sizes, counts and shares", () => {
  expect([512, 1536, 85_899_345_920, null].map(format.formatBytes)).toEqual([
    "512 B",
    "1.5 KiB",
    "80 GiB",
    "–",
  ]);
  expect(format.countNoun(1, "run")).toBe("1 run");
  expect(format.countNoun(5000, "run")).toBe("5,000 runs");
  expect(format.formatShare(0.4213)).toBe("42.1 %");
});

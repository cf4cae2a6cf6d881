import { expect, test } from "vitest";
import { countNoun, formatBytes, formatNumber, formatShare } from "./numbers";

test("numbers keep three digits, whatever their size", () => {
  expect([0, 0.1234, 12.345, 1234.5, -0.5, 1.2e-7, 1e6, null].map((value) => formatNumber(value))).toEqual([
    "0",
    "0.123",
    "12.3",
    "1230",
    "−0.5",
    "1.2·10⁻⁷",
    "1·10⁶",
    "–",
  ]);
});

test("sizes, counts and shares", () => {
  expect([512, 1536, 85_899_345_920, null].map(formatBytes)).toEqual(["512 B", "1.5 KiB", "80 GiB", "–"]);
  expect(countNoun(1, "run")).toBe("1 run");
  expect(countNoun(5000, "run")).toBe("5,000 runs");
  expect(formatShare(0.4213)).toBe("42.1 %");
});

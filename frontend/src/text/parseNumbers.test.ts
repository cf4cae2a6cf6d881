import { expect, test } from "vitest";
import { parseNumber, parseNumbers, writeNumber } from "./parseNumbers";

test.each([
  ["0.01", 0.01],
  [" 1e-4 ", 1e-4],
  ["10^-4", 1e-4],
  ["10⁻⁴", 1e-4],
  ["3·10⁻⁴", 3e-4],
  ["3*10^-4", 3e-4],
  ["10⁻³·⁵", 0.000316227766017],
  ["10^-3.5", 0.000316227766017],
  ["−2", -2],
  ["0", 0],
  ["0,01", 0.01],
  ["1,5", 1.5],
  ["0,125", 0.125],
  ["3,5e-4", 3.5e-4],
  ["10**-4", 1e-4],
  ["3×10⁻⁴", 3e-4],
  ["10⁺²", 100],
  ["-10^-2", -0.01],
  ["1E-4", 1e-4],
  [".5", 0.5],
])("%s is read as %d", (text, value) => {
  expect(parseNumber(text)).toBeCloseTo(value, 15);
});

test.each(["", "abc", "1,000", "1,2,3", "1e-4x", "10^400", "Infinity", "NaN", "10^"])(
  "%j comes back as it was typed",
  (text) => {
    expect(parseNumber(text)).toBe(text);
  },
);

test("a list is split at commas, semicolons and spaces, not inside a number", () => {
  expect(parseNumbers("0, 1e-4; 3 · 10^-3\n0.5")).toEqual([0, 1e-4, 0.003, 0.5]);
  expect(parseNumbers(" , ")).toEqual([]);
  expect(parseNumbers("0.1, x")).toEqual([0.1, "x"]);
  expect(parseNumbers("[256, 256]")).toEqual([256, 256]);
  expect(parseNumbers("(64,)")).toEqual([64]);
});

test.each([
  0,
  1,
  0.5,
  0.05,
  1e-4,
  3e-7,
  2.5e-3,
  600,
  1e7,
  10 ** -2.5,
  1 / 3,
  0.000316227766017,
  0.0056234132519,
  31.6227766017,
])("%d survives being written and read", (value) => {
  expect(parseNumber(writeNumber(value))).toBe(value);
});

test("small numbers and quarter powers are written as one would type them", () => {
  expect([1e-4, 0.001, 0.00316227766017, 0.25, 1e6].map(writeNumber)).toEqual([
    "1e-4",
    "1e-3",
    "10^-2.5",
    "0.25",
    "1e6",
  ]);
});

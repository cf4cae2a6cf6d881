import { describe, expect, test } from "vitest";
import { formatNumbers, formatScores, formatShares, formatStrengths } from "./digits";

// The expected texts of strengths are what core.analysis writes for the same numbers.
test("strengths have as many digits as tell them apart", () => {
  const write = (strengths: number[]) => [...formatStrengths(strengths, "λ").values()];
  expect(write([0.001, 0.00100001, 0.00100002])).toEqual(["10⁻³", "1.00001·10⁻³", "1.00002·10⁻³"]);
  expect(write([0.1001, 0.1002])).toEqual(["0.1001", "0.1002"]);
  expect(write([1e-3, 10 ** -2.5, 1e-2])).toEqual(["10⁻³", "10⁻²·⁵", "10⁻²"]);
  expect(write([10 ** -2.5, 10 ** -2.5 * (1 + 1e-10)])).toEqual(["10⁻²·⁵", "3.1622776605·10⁻³"]);
});

test("losses, scores and shares too", () => {
  expect([...formatNumbers([1.3008, 1.304, 2]).values()]).toEqual(["1.301", "1.304", "2"]);
  expect([...formatScores([0.931, 0.9312, 0.8], "classification").values()]).toEqual([
    "93.10 %",
    "93.12 %",
    "80.0 %",
  ]);
  expect([...formatShares([0.42, 0.4201]).values()]).toEqual(["42.00 %", "42.01 %"]);
});

test("scores that differ by rounding only are written alike, and short", () => {
  const scores = [0.1 + 0.2 + 0.363, 0.1 + (0.2 + 0.363)];
  expect(new Set(scores).size).toBe(2);
  expect([...formatScores(scores, "classification").values()]).toEqual(["66.3 %", "66.3 %"]);
});

// A generator of its own: the same numbers in every run.
function* draw(seed: number): Generator<number> {
  let state = seed;
  while (true) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe("numbers that differ have texts that differ", () => {
  test.each([...Array(200).keys()])("round %d", (round) => {
    const random = draw(round);
    const next = () => random.next().value as number;
    const base = 10 ** (12 * next() - 9);
    const spread = 10 ** (-14 * next());
    const values = new Set(Array.from({ length: 8 }, () => base * (1 + spread * next())));
    for (const symbol of ["λ", "p", "patience"])
      expect(new Set(formatStrengths(values, symbol).values()).size).toBe(values.size);
    expect(new Set(formatNumbers(values).values()).size).toBe(values.size);
    expect(new Set(formatNumbers([...values].map((value) => -value)).values()).size).toBe(values.size);
  });
});

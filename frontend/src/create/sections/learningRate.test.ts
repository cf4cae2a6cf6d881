import { expect, test } from "vitest";
import { findFactor, sampleFactors } from "./learningRate";

const constant = { name: "constant", warmup: 0, final: 0, every: 30, factor: 0.1 };
const cosine = { ...constant, name: "cosine", final: 0.2 };
const step = { ...constant, name: "step", every: 10, factor: 0.5 };

test("a constant rate rises over its warm-up and stays", () => {
  expect([0, 2.5, 5, 40].map((epoch) => findFactor({ ...constant, warmup: 5 }, epoch, 40))).toEqual([
    0, 0.5, 1, 1,
  ]);
});

test("half a cosine begins after the warm-up and ends at its final share", () => {
  expect(findFactor(cosine, 0, 40)).toBe(1);
  expect(findFactor(cosine, 20, 40)).toBeCloseTo(0.6);
  expect(findFactor({ ...cosine, warmup: 10 }, 10, 40)).toBe(1);
  expect(findFactor({ ...cosine, warmup: 10 }, 40, 40)).toBeCloseTo(0.2);
});

test("steps fall after every so many epochs, and none at the very end", () => {
  expect([0, 9.9, 10, 25].map((epoch) => findFactor(step, epoch, 30))).toEqual([1, 1, 0.5, 0.25]);
  expect(sampleFactors(step, 30, 4)).toEqual([1, 0.5, 0.25, 0.25]);
});

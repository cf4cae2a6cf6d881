import { expect, test } from "vitest";
import { findDomain, listMarks, pick, place, stepFrom } from "./strip";

const log = findDomain("log", [1e-6, 1e-2], [1e-5, 1e-3]);
const linear = findDomain("linear", [0.1, 0.7], [0.1, 0.7], { high: 1 });

test("a log strip reaches two decades beyond what is offered, and further where a strength lies further", () => {
  expect([log.low, log.high].map((end) => Math.log10(end))).toEqual([-8, 0]);
  expect(Math.log10(findDomain("log", [1e-6, 1e-2], [1e-12]).low)).toBeCloseTo(-12);
  expect([findDomain("log", [0.25, 8], []).low, findDomain("log", [0.25, 8], []).high]).toEqual([0.01, 100]);
  expect(findDomain("log", [], []).low).toBeLessThan(findDomain("log", [], []).high);
});

test.each([1e-8, 1e-5, 10 ** -3.25, 1])("a strength of %d is picked where it stands", (value) => {
  expect(pick(place(value, log), log)).toBeCloseTo(value, 12);
});

test("dragging beyond an end stays at the end, and a probability stays below 1", () => {
  expect(pick(-1, log)).toBe(1e-8);
  expect(pick(2, log)).toBe(1);
  expect(pick(1, linear)).toBe(0.95);
  expect(pick(-3, linear)).toBe(0);
});

test("0 stands in a slot of its own, left of every other strength", () => {
  expect(place(0, log)).toBe(0);
  expect(place(1e-8, log)).toBeGreaterThan(0.05);
});

test("an arrow key goes a quarter decade, or 0.05", () => {
  expect(stepFrom(1e-4, 1, log)).toBeCloseTo(10 ** -3.75, 12);
  expect(stepFrom(1e-4, -4, log)).toBeCloseTo(1e-5, 12);
  expect(stepFrom(0.1, 1, linear)).toBe(0.15);
});

test("marks are whole decades", () => {
  expect(listMarks(log)).toEqual([1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1]);
  expect(listMarks(linear)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
});

test("a whole strength stays whole, is never below its bound, and each key moves it", () => {
  const patience = findDomain("log", [1, 20], [1, 20], { low: 1, whole: true });
  expect(patience.low).toBe(1);
  const steps = [1];
  for (let step = 0; step < 6; step++) steps.push(stepFrom(steps.at(-1) ?? 0, 1, patience));
  expect(steps).toEqual([1, 2, 3, 6, 10, 18, 32]);
  expect(stepFrom(1, -1, patience)).toBe(1);
  expect(pick(place(10, patience), patience)).toBe(10);
});

import { expect, test } from "vitest";
import { findDomain, findPosition, findValue, isLegal, listMarks, stepFrom } from "./sliderScale";

const log = findDomain("log", [1e-6, 1e-2], [1e-5, 1e-3]);
const linear = findDomain("linear", [0.1, 0.7], [0.1, 0.7], { high: 1 });

test("a log strip reaches two decades beyond what is offered, and further where a strength lies further", () => {
  expect([log.low, log.high].map((end) => Math.log10(end))).toEqual([-8, 0]);
  expect(Math.log10(findDomain("log", [1e-6, 1e-2], [1e-12]).low)).toBeCloseTo(-12);
  expect([findDomain("log", [0.25, 8], []).low, findDomain("log", [0.25, 8], []).high]).toEqual([0.01, 100]);
  expect(findDomain("log", [], []).low).toBeLessThan(findDomain("log", [], []).high);
});

test.each([1e-8, 1e-5, 10 ** -3.25, 1])("a strength of %d is picked where it stands", (value) => {
  expect(findValue(findPosition(value, log), log)).toBeCloseTo(value, 12);
});

test("dragging beyond an end stays at the end, and a probability stays below 1", () => {
  expect(findValue(-1, log)).toBe(1e-8);
  expect(findValue(2, log)).toBe(1);
  expect(findValue(1, linear)).toBe(0.95);
  expect(findValue(-3, linear)).toBe(0);
});

test("0 stands in a slot of its own, left of every other strength", () => {
  expect(findPosition(0, log)).toBe(0);
  expect(findPosition(1e-8, log)).toBeGreaterThan(0.05);
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
  expect(findValue(findPosition(10, patience), patience)).toBe(10);
});

const PROBABILITY = { low: 0, high: 1 };
const CAP = { low: 0, high: null, open_low: true };
const PATIENCE = { low: 1, high: null, whole: true };

test.each([
  [0, PROBABILITY, true],
  [0.95, PROBABILITY, true],
  [1, PROBABILITY, false],
  [1.5, PROBABILITY, false],
  [-0.1, PROBABILITY, false],
  [0, CAP, false],
  [1e-9, CAP, true],
  [0, PATIENCE, false],
  [2.5, PATIENCE, false],
  [3, PATIENCE, true],
  [-1, {}, false],
])("whether %d is legal in %o: %s", (value, legal, answer) => {
  expect(isLegal(value, legal)).toBe(answer);
});

test.each([
  ["linear", [0.1, 1.5], PROBABILITY],
  ["linear", [-3, 0.2, 1e300], PROBABILITY],
  ["linear", [-1, 0.5], {}],
  ["log", [-1, 1e-3], {}],
  ["log", [1e-300, 1e300], {}],
  ["log", [5e-324, 1.7e308], {}],
  ["log", [0.1, 2.5], PATIENCE],
] as const)("on a %s strip %o stand within it, with marks that fit", (scale, strengths, legal) => {
  const domain = findDomain(scale, [], strengths, legal);
  for (const strength of strengths) {
    expect(findPosition(strength, domain)).toBeGreaterThanOrEqual(0);
    expect(findPosition(strength, domain)).toBeLessThanOrEqual(1);
  }
  const marks = listMarks(domain);
  expect(marks.length).toBeLessThanOrEqual(10);
  for (const mark of marks) expect(Number.isFinite(findPosition(mark, domain))).toBe(true);
});

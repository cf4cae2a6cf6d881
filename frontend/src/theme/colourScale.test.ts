import { expect, test } from "vitest";
import { NEUTRAL, pickColour, STOPS, spreadStrengths } from "./colourScale";

test("the ends of the scale are its first and last stop, and nothing lies beyond", () => {
  expect(pickColour(0)).toBe(STOPS[0]);
  expect(pickColour(1)).toBe(STOPS.at(-1));
  expect(pickColour(7)).toBe(STOPS.at(-1));
  expect(pickColour(0.5)).not.toBe(NEUTRAL);
});

test("strengths are spread by their logarithm, and 0 has no place", () => {
  expect(
    spreadStrengths([0, 1e-4, 1e-3, 1e-2], "log").map((place) => place && Number(place.toFixed(6))),
  ).toEqual([null, 0, 0.5, 1]);
  expect(spreadStrengths([0.1, 0.2, 0.5], "linear")[1]).toBeCloseTo(0.25);
  expect(spreadStrengths([0.3], "linear")).toEqual([0.5]);
});

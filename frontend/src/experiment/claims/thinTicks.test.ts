import { expect, test } from "vitest";
import { thinTicks } from "./thinTicks";

const label = (values: number[]) => values.map(String);

test("few ticks stay", () => {
  const few = [0.1, 0.2, 0.5];
  expect(thinTicks(few, label(few))).toEqual({ tickvals: few, ticktext: label(few) });
});

test("powers of ten are kept of many", () => {
  const many = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];
  expect(thinTicks(many, label(many)).tickvals).toEqual([0.01, 0.1, 1]);
  const decades = Array.from({ length: 12 }, (_, index) => 10 ** (index - 6));
  expect(thinTicks(decades, label(decades)).tickvals.length).toBeLessThanOrEqual(5);
});

test("where one power of ten is among them, even ones are kept", () => {
  const many = [2, 3, 4, 5, 6, 10, 20];
  expect(thinTicks(many, label(many))).toEqual({ tickvals: [2, 4, 6, 20], ticktext: ["2", "4", "6", "20"] });
});

import { expect, test } from "vitest";
import { writeYaml } from "./specYaml";

test("a spec is laid out as a person would", () => {
  const spec = {
    name: "Demonstration: four ways",
    tags: ["demonstration", "no", "a b"],
    notes: "two\nlines",
    dataset: { name: "digits", train_examples: 600, shuffle: undefined },
    regularizers: [
      { name: "l1", strengths: { from: 1e-5, to: 0.003, count: 6 } },
      { name: "dropout", strengths: [0.1, 0.2] },
    ],
    fixed: [],
    halving: null,
    batch_size: "full",
  };
  expect(writeYaml(spec).split("\n")).toEqual([
    'name: "Demonstration: four ways"',
    'tags: [demonstration, "no", a b]',
    'notes: "two\\nlines"',
    "dataset:",
    "  name: digits",
    "  train_examples: 600",
    "regularizers:",
    "  - name: l1",
    "    strengths: {from: 1e-5, to: 0.003, count: 6}",
    "  - name: dropout",
    "    strengths: [0.1, 0.2]",
    "fixed: []",
    "halving: null",
    "batch_size: full",
  ]);
});

test.each([
  "2026-01-01",
  "1:30",
  "- a",
  "a: b",
  "#x",
  "yes",
  "",
  " ",
  "é",
  "'",
  "null",
  "1e-4",
  "x:",
  "[",
  "it's",
  "a #b",
])("%j stands in quotes, so that it stays a text", (text) => {
  expect(writeYaml({ name: text })).toBe(`name: ${JSON.stringify(text)}`);
});

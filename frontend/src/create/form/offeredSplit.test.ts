import { expect, test } from "vitest";
import { catalogue } from "./exampleForm";
import { offerSplit } from "./offeredSplit";

const more = {
  ...catalogue,
  optimizers: [...catalogue.optimizers, { name: "fista", split: "folds", parameters: [] }],
} as unknown as typeof catalogue;
const FIXED = { name: "fixed", parameters: { shuffled: true } };
const FOLDS = { name: "folds", parameters: { k: "10" } };

test("an optimizer without noise is offered folds, and another one the fixed split again", () => {
  expect(offerSplit(FIXED, "sgd", "fista", more)).toEqual(FOLDS);
  expect(offerSplit(FOLDS, "fista", "sgd", more)).toEqual(FIXED);
});

test("a split that somebody chose stays", () => {
  const ordered = { name: "fixed", parameters: { shuffled: false } };
  const five = { name: "folds", parameters: { k: "5" } };
  expect(offerSplit(ordered, "sgd", "fista", more)).toBe(ordered);
  expect(offerSplit(five, "fista", "sgd", more)).toBe(five);
  expect(offerSplit(FOLDS, "sgd", "sgd", more)).toBe(FOLDS);
});

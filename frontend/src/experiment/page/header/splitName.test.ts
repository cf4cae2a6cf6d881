import { expect, test } from "vitest";
import type { Experiment } from "../../types";
import { nameSplit } from "./splitName";

const name = (split?: object) =>
  nameSplit({ dataset: { name: "wine", split } } as unknown as Experiment["spec"]);

test("a split that is not the usual one is named", () => {
  expect(name()).toBe("");
  expect(name({ name: "fixed", shuffled: true })).toBe("");
  expect(name({ name: "fixed", shuffled: false })).toBe("split in order");
  expect(name({ name: "by_seed" })).toBe("rows by seed");
  expect(name({ name: "folds", k: 5, shuffled: true })).toBe("5 folds, shuffled");
  expect(name({ name: "folds", k: 10, shuffled: false })).toBe("10 folds, in order");
});

import { expect, test } from "vitest";
import { labelRegularizer } from "./regularizers";

test("regularizers are named by label and parameters", () => {
  expect(labelRegularizer("none")).toBe("Baseline");
  expect(labelRegularizer("l1_subgradient")).toBe("L1 (subgradient)");
  expect(labelRegularizer("elastic_net(mixing=0.5)")).toBe("Elastic net (mixing 0.5)");
  expect(labelRegularizer("max_norm")).toBe("Max norm");
});

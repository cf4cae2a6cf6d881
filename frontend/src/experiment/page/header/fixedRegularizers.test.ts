import { expect, test } from "vitest";
import type { Experiment } from "../../types";
import { nameFixed } from "./fixedRegularizers";

test("what acts on every run is named with its parameters", () => {
  const fixed = [
    { name: "l2", strengths: [1e-4] },
    { name: "elastic_net", strengths: { from: 0.01, to: 0.01, count: 1, scale: "log" }, mixing: 0.5 },
  ];
  expect(nameFixed({ fixed } as Experiment["spec"])).toBe(
    "L2, λ = 10⁻⁴ and Elastic net (mixing 0.5), λ = 10⁻²",
  );
  expect(nameFixed({} as Experiment["spec"])).toBe("");
});

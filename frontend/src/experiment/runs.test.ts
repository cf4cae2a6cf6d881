import { expect, test } from "vitest";
import { describeStop, describeStops, nameFixed } from "./runs";
import type { Experiment, RunView } from "./types";

let made = 0;

function makeRun(regularizer: string, strength: number, epoch: number | null, by: string | null): RunView {
  const ends = { stopped_epoch: epoch, stopped_by: by, diverged_epoch: null };
  const rest = { job_id: 1, seed: 0, state: "completed", best: null, last: null, test: null };
  return { id: ++made, regularizer, strength, ...ends, ...rest } as RunView;
}

test("halving is told per regularizer: how many strengths of how many, and when", () => {
  const runs = [
    makeRun("none", 0, null, null),
    ...[1, 2, 3, 4, 5, 6].flatMap((strength) => {
      const epoch = strength < 4 ? 10 : strength === 4 ? 20 : null;
      return [0, 1].map(() => makeRun("l1", strength, epoch, epoch && "halving"));
    }),
    makeRun("l2", 1, 10, "halving"),
    makeRun("l2", 2, null, null),
  ];
  expect(describeStops(runs)).toEqual([
    "Successive halving stopped 3 of 6 strengths of L1 at epoch 10 and 1 at epoch 20, and 1 of 2 strengths of L2 at epoch 10; their curves end there.",
  ]);
});

test("early stopping and convergence have a sentence each; where nothing stopped there is none", () => {
  const runs = [makeRun("early_stopping", 3, 9, "early_stopping"), makeRun("l1", 1, 40, "tolerance")];
  expect(describeStops(runs)).toEqual([
    "Early stopping ended 1 run, the first at epoch 9.",
    "Within the tolerance, 1 run converged, the first at epoch 40.",
  ]);
  expect(describeStops([makeRun("l1", 1, null, null)])).toEqual([]);
  expect(runs.map(describeStop)).toEqual([
    "stopped at epoch 9 (early stopping)",
    "stopped at epoch 40 (converged)",
  ]);
});

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

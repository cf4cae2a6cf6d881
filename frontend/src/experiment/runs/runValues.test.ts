import { expect, test } from "vitest";
import type { RunView } from "../types";
import { describeStop } from "./runValues";

let made = 0;

function makeRun(regularizer: string, strength: number, epoch: number | null, by: string | null): RunView {
  const ends = { stopped_epoch: epoch, stopped_by: by, diverged_epoch: null };
  const rest = { job_id: 1, seed: 0, state: "completed", best: null, last: null, test: null };
  return { id: ++made, regularizer, strength, ...ends, ...rest } as RunView;
}

test("a run that stopped says when and why", () => {
  const runs = [
    makeRun("early_stopping", 3, 9, "early_stopping"),
    makeRun("l1", 1, 40, "tolerance"),
    makeRun("l1", 2, 10, "halving"),
    makeRun("none", 0, null, null),
  ];
  expect(runs.map(describeStop)).toEqual([
    "stopped at epoch 9 (early stopping)",
    "stopped at epoch 40 (converged)",
    "stopped at epoch 10 (halving)",
    null,
  ]);
});

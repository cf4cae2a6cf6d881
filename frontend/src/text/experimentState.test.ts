import { expect, test } from "vitest";
import type { Schemas } from "../api/client";
import { describeOutcome, describeState, listProblems } from "./experimentState";

type Finding = Schemas["Finding"];

function find(kind: Finding["kind"], count: number): Finding {
  return { kind, tone: kind === "without_effect" ? "info" : "bad", title: kind, sentence: "", count, of: 9 };
}

test("what ended, but not well, is not called completed", () => {
  const findings = [find("diverged", 9)];
  expect(describeState({ state: "diverged", outcome: "all_diverged", findings })).toBe("all diverged");
  expect(describeState({ state: "diverged", outcome: "baseline_diverged", findings })).toBe(
    "baseline diverged",
  );
});

test("some diverged runs are counted beside the state", () => {
  const findings = [find("diverged", 2), find("not_converged", 5)];
  expect(describeState({ state: "completed", outcome: "some_diverged", findings })).toBe(
    "completed, 2 diverged",
  );
  expect(describeState({ state: "running", outcome: "all_diverged", findings })).toBe("running, 2 diverged");
  expect(describeState({ state: "completed", outcome: "sound", findings: [find("not_converged", 5)] })).toBe(
    "completed",
  );
});

test("a list tells what the state does not, but not what was idle", () => {
  const findings = [find("diverged", 9), find("not_converged", 5), find("without_effect", 0)];
  expect(listProblems({ state: "diverged", outcome: "all_diverged", findings })).toEqual(["not_converged"]);
  expect(listProblems({ state: "completed", outcome: "some_diverged", findings })).toEqual([
    "diverged",
    "not_converged",
  ]);
  expect(describeOutcome({ state: "completed", outcome: "some_diverged" })).toBe("completed");
});

import type { Schemas } from "../api/client";

type StateFields = Pick<Schemas["ExperimentSummary"], "state" | "outcome" | "findings">;

/** The state, or the outcome of a diverged experiment: `all diverged`. */
export function describeOutcome({ state, outcome }: Pick<StateFields, "state" | "outcome">): string {
  return state === "diverged" ? outcome.replaceAll("_", " ") : state;
}

/** The state with the number of diverged runs: `all diverged`, `completed, 3 diverged`. */
export function describeState({ state, outcome, findings }: StateFields): string {
  const count = findings.find((finding) => finding.kind === "diverged")?.count ?? 0;
  return count > 0 && state !== "diverged"
    ? `${state}, ${count} diverged`
    : describeOutcome({ state, outcome });
}

/** Problems that the state does not show: `2 of 6 runs diverged`. */
export function listProblems({ state, findings }: StateFields): string[] {
  return findings
    .filter(({ kind, tone }) => tone !== "info" && !(state === "diverged" && kind === "diverged"))
    .map(({ title }) => title);
}

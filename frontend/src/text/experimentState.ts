import type { Schemas } from "../api/client";

type StateFields = Pick<Schemas["ExperimentSummary"], "state" | "outcome" | "findings">;

/** The state, and of what ended, but not well, why: `all diverged`. */
export function describeOutcome({ state, outcome }: Pick<StateFields, "state" | "outcome">): string {
  return state === "diverged" ? outcome.replaceAll("_", " ") : state;
}

/** How an experiment stands, with what it is not to be taken for: `all diverged`, `completed, 3 diverged`. */
export function describeState({ state, outcome, findings }: StateFields): string {
  const count = findings.find((finding) => finding.kind === "diverged")?.count ?? 0;
  return count > 0 && state !== "diverged"
    ? `${state}, ${count} diverged`
    : describeOutcome({ state, outcome });
}

/** What went wrong beside what the state itself says: `2 of 6 runs diverged`. */
export function listProblems({ state, findings }: StateFields): string[] {
  return findings
    .filter(({ kind, tone }) => tone !== "info" && !(state === "diverged" && kind === "diverged"))
    .map(({ title }) => title);
}

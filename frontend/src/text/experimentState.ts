import type { Schemas } from "../api/client";

type Told = Pick<Schemas["ExperimentSummary"], "state" | "outcome" | "findings">;

/** The state, and of what ended, but not well, why: `all diverged`. */
export function nameOutcome({ state, outcome }: Pick<Told, "state" | "outcome">): string {
  return state === "diverged" ? outcome.replaceAll("_", " ") : state;
}

/** How an experiment stands, with what it is not to be taken for: `all diverged`, `completed, 3 diverged`. */
export function nameState({ state, outcome, findings }: Told): string {
  const count = findings.find((finding) => finding.kind === "diverged")?.count ?? 0;
  return count > 0 && state !== "diverged" ? `${state}, ${count} diverged` : nameOutcome({ state, outcome });
}

/** What went wrong beside what the state itself says: `2 of 6 runs diverged`. */
export function listTroubles({ state, findings }: Told): string[] {
  return findings
    .filter(({ kind, tone }) => tone !== "info" && !(state === "diverged" && kind === "diverged"))
    .map(({ title }) => title);
}

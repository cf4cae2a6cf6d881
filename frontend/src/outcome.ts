import type { Schemas } from "./api/client";

type Told = Pick<Schemas["ExperimentSummary"], "state" | "outcome" | "findings">;

/** How an experiment stands, with what it is not to be taken for: `all diverged`, `completed, 3 diverged`. */
export function nameState({ state, outcome, findings }: Told): string {
  if (state === "diverged") return outcome.replaceAll("_", " ");
  const count = findings.find((finding) => finding.kind === "diverged")?.count ?? 0;
  return count > 0 ? `${state}, ${count} diverged` : state;
}

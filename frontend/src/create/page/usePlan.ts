import { api, type Schemas, unwrap } from "../../api/client";
import type { Spec } from "../form/formValues";
import { type CheckedText, useCheckedText } from "../form/useCheckedText";

/** The plan of a spec: its runs, jobs and estimated time. */
export type PlanAnswer = CheckedText<Schemas["Plan"]>;

const PAUSE = 300;

async function readPlan(text: string, signal: AbortSignal): Promise<Schemas["Plan"]> {
  return unwrap(api.POST("/api/plan", { body: JSON.parse(text) as Spec, signal }));
}

export function usePlan(text: string): PlanAnswer | null {
  return useCheckedText(text, PAUSE, readPlan);
}

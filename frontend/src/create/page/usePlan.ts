import { useEffect, useState } from "react";
import { ApiError, api, describeError, type ErrorDetail, type Schemas, unwrap } from "../../api/client";
import type { Spec } from "../form/formValues";

export interface PlanAnswer {
  /** What the spec would make; null while it is wrong or the API is away. */
  plan: Schemas["Plan"] | null;
  details: ErrorDetail[];
  /** Why there is no plan, where no field is to blame. */
  problem: string | null;
  /** The spec that this is about, as text. */
  text: string;
}

const PAUSE = 300;

/** Asks the API what a spec would make, a moment after the last change. The last answer stands until the next is there. */
export function usePlan(text: string): PlanAnswer | null {
  const [planned, setPlanned] = useState<PlanAnswer | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    const timer = window.setTimeout(async () => {
      try {
        const body = JSON.parse(text) as Spec;
        const plan = await unwrap(api.POST("/api/plan", { body, signal: controller.signal }));
        setPlanned({ plan, details: [], problem: null, text });
      } catch (error) {
        if (controller.signal.aborted) return;
        const details = error instanceof ApiError ? error.details : [];
        setPlanned({ plan: null, details, problem: details.length ? null : describeError(error), text });
      }
    }, PAUSE);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [text]);
  return planned;
}

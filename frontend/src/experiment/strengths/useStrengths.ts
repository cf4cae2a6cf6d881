import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import { isActive } from "../../api/queries";
import { answerKey } from "../../api/queryKeys";
import type { Experiment } from "../types";

const MILLISECONDS = 3_000;

/** The table per strength, read again while runs train; and with the answer, whose key it shares, when a job changes. */
export function useStrengths({ id, state }: Experiment, metric: "score" | "loss", enabled: boolean) {
  return useQuery({
    queryKey: [...answerKey(id), "strengths", metric],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/experiments/{experiment_id}/strengths", {
          params: { path: { experiment_id: id }, query: { metric } },
          signal,
        }),
      ),
    enabled,
    placeholderData: keepPreviousData,
    refetchInterval: isActive(state) ? MILLISECONDS : false,
  });
}

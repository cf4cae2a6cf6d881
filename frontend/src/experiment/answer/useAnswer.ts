import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, unwrap } from "../../api/client";
import { isActive } from "../../api/queries";
import { answerKey } from "../../api/queryKeys";
import type { Experiment } from "../types";

const MILLISECONDS = 2_000;

/** The answer, read again while runs train and whenever a job changes its state. */
export function useAnswer(experiment: Experiment, metric: "score" | "loss") {
  const queryClient = useQueryClient();
  const { id } = experiment;
  const { data, error, refetch } = useQuery({
    queryKey: [...answerKey(id), metric],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/experiments/{experiment_id}/answer", {
          params: { path: { experiment_id: id }, query: { metric } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: isActive(experiment.state) ? MILLISECONDS : false,
  });
  const mark = JSON.stringify(experiment.jobs.map(({ id: job, state, attempt }) => [job, state, attempt]));
  const known = useRef(mark);
  useEffect(() => {
    if (known.current === mark) return;
    known.current = mark;
    void queryClient.invalidateQueries({ queryKey: answerKey(id) });
  }, [queryClient, id, mark]);
  return { answer: data?.metric === metric ? data : undefined, error, refetch };
}

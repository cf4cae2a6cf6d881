import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Schemas, unwrap } from "../../api/client";
import { applyResponse, readCachedExperiment } from "../live/experimentCache";

export type Extension = Schemas["Extension"];

/** Retry what failed, resume what was cancelled, or extend what has ended. */
export function useExperimentActions(id: number) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (what: "retry" | "resume" | Extension) => {
      const path = { params: { path: { experiment_id: id } } };
      if (what === "retry") return unwrap(api.POST("/api/experiments/{experiment_id}/retry", path));
      if (what === "resume") return unwrap(api.POST("/api/experiments/{experiment_id}/resume", path));
      return unwrap(api.POST("/api/experiments/{experiment_id}/extend", { ...path, body: what }));
    },
    onMutate: () => readCachedExperiment(queryClient, id),
    // Curves and runs follow by the live stream.
    onSuccess: (answer, _what, before) => applyResponse(queryClient, id, answer, before),
  });
}

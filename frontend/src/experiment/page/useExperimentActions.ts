import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Schemas, take } from "../../api/client";
import { readKnown, takeAnswer } from "../live/experimentCache";

export type Extension = Schemas["Extension"];

/** Retry what failed, resume what was cancelled, or extend what has ended. */
export function useAgain(id: number) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (what: "retry" | "resume" | Extension) => {
      const path = { params: { path: { experiment_id: id } } };
      if (what === "retry") return take(api.POST("/api/experiments/{experiment_id}/retry", path));
      if (what === "resume") return take(api.POST("/api/experiments/{experiment_id}/resume", path));
      return take(api.POST("/api/experiments/{experiment_id}/extend", { ...path, body: what }));
    },
    onMutate: () => readKnown(queryClient, id),
    // Curves and runs follow by the live stream.
    onSuccess: (answer, _what, before) => takeAnswer(queryClient, id, answer, before),
  });
}

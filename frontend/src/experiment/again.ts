import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { api, type Schemas, take } from "../api/client";

/** Draws the experiment's page anew, with a stream of its own: what had ended goes on. */
export const Again = createContext<() => void>(() => undefined);

export type Extension = Schemas["Extension"];

/** Retry what failed, resume what was cancelled, or extend what has ended. */
export function useAgain(id: number) {
  const queryClient = useQueryClient();
  const begin = useContext(Again);
  return useMutation({
    mutationFn: (what: "retry" | "resume" | Extension) => {
      const path = { params: { path: { experiment_id: id } } };
      if (what === "retry") return take(api.POST("/api/experiments/{experiment_id}/retry", path));
      if (what === "resume") return take(api.POST("/api/experiments/{experiment_id}/resume", path));
      return take(api.POST("/api/experiments/{experiment_id}/extend", { ...path, body: what }));
    },
    onSuccess: (experiment) => {
      queryClient.setQueryData(["experiments", id], experiment);
      for (const key of ["figures", "runs"]) queryClient.removeQueries({ queryKey: [key, id] });
      begin();
    },
  });
}

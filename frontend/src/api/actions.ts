import { api, type Schemas, unwrap } from "./client";

export type Extension = Schemas["Extension"];
/** A change of an experiment's jobs. An extension lists the strengths, seeds or epochs to train in addition. */
export type Action = "cancel" | "retry" | "resume" | Extension;

export function sendAction(id: number, action: Action): Promise<Schemas["ExperimentView"]> {
  const path = { params: { path: { experiment_id: id } } };
  switch (action) {
    case "cancel":
      return unwrap(api.POST("/api/experiments/{experiment_id}/cancel", path));
    case "retry":
      return unwrap(api.POST("/api/experiments/{experiment_id}/retry", path));
    case "resume":
      return unwrap(api.POST("/api/experiments/{experiment_id}/resume", path));
    default:
      return unwrap(api.POST("/api/experiments/{experiment_id}/extend", { ...path, body: action }));
  }
}

import { api, type Schemas, unwrap } from "./client";

export type Extension = Schemas["Extension"];
/** What can be asked of an experiment's jobs; an extension names what is to be trained in addition. */
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

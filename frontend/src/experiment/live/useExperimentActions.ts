import { type Action, sendAction } from "../../api/actions";
import { useExperimentChange } from "./useExperimentChange";

/** Cancels, retries, resumes or extends an experiment. Curves and runs are updated by the live stream. */
export function useExperimentActions(id: number) {
  return useExperimentChange(id, (action: Action) => sendAction(id, action));
}

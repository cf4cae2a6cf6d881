import { type Action, sendAction } from "../../api/actions";
import { useExperimentChange } from "./useExperimentChange";

/** Cancel, retry, resume or extend an experiment. Curves and runs follow by the live stream. */
export function useExperimentActions(id: number) {
  return useExperimentChange(id, (action: Action) => sendAction(id, action));
}

import type { QueryClient } from "@tanstack/react-query";
import { experimentKey } from "../../api/queryKeys";
import type { Experiment } from "../types";

/** Stores an update of the live stream; a response still under way may be older and is cancelled. */
export function applyStreamUpdate(queryClient: QueryClient, id: number, experiment: Experiment): void {
  const queryKey = experimentKey(id);
  void queryClient.cancelQueries({ queryKey, exact: true });
  queryClient.setQueryData<Experiment>(queryKey, experiment);
}

/** The cached experiment; when a change is sent, it is remembered for applyResponse. */
export function readCachedExperiment(queryClient: QueryClient, id: number): Experiment | undefined {
  return queryClient.getQueryData<Experiment>(experimentKey(id));
}

/**
 * Stores the response to a change that was sent when `before` was cached. If the stream has sent an update since, the
 * response may be older: only its edited fields are taken, by version, and the rest is read again.
 */
export function applyResponse(
  queryClient: QueryClient,
  id: number,
  answer: Experiment,
  before: Experiment | undefined,
): void {
  const queryKey = experimentKey(id);
  const known = readCachedExperiment(queryClient, id);
  if (known === undefined || known === before) {
    queryClient.setQueryData<Experiment>(queryKey, answer);
    return;
  }
  const { name, notes, tags, version } = answer;
  if (known.version < version)
    queryClient.setQueryData<Experiment>(queryKey, { ...known, name, notes, tags, version });
  void queryClient.invalidateQueries({ queryKey, exact: true });
}

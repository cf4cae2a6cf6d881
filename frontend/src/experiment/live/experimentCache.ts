import type { QueryClient } from "@tanstack/react-query";
import { experimentKey } from "../../api/queryKeys";
import type { Experiment } from "../types";

/** What the live stream tells holds: an answer that is still under way may be older. */
export function applyStreamUpdate(queryClient: QueryClient, id: number, experiment: Experiment): void {
  const queryKey = experimentKey(id);
  void queryClient.cancelQueries({ queryKey, exact: true });
  queryClient.setQueryData<Experiment>(queryKey, experiment);
}

/** What is known of an experiment when a change of it is sent; `takeAnswer` wants it back. */
export function readCachedExperiment(queryClient: QueryClient, id: number): Experiment | undefined {
  return queryClient.getQueryData<Experiment>(experimentKey(id));
}

/**
 * The answer to a change that was sent when `before` was known. Where the stream has told something meanwhile, the
 * answer may be the older of the two: its edits are taken by their version, and the rest is asked for.
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

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { runsKey } from "../../api/queryKeys";
import { useTopic } from "../../live/liveClient";
import type { RunView } from "../types";
import { applyStreamUpdate } from "./experimentCache";

/** Keeps the experiment and its runs in the query cache up to date. Returns whether the experiment was deleted. */
export function useLiveExperiment(id: number): boolean {
  const queryClient = useQueryClient();
  const [isGone, setIsGone] = useState(false);
  useTopic(`${id}/state`, "", (update) => {
    if (update.gone) setIsGone(true);
    else if (update.experiment) applyStreamUpdate(queryClient, id, update.experiment);
  });
  useTopic(`${id}/runs`, "", (update) => {
    const { runs, rows } = update;
    // A response still under way may be older.
    void queryClient.cancelQueries({ queryKey: runsKey(id) });
    if (runs) queryClient.setQueryData<RunView[]>(runsKey(id), runs);
    else if (rows)
      queryClient.setQueryData<RunView[]>(runsKey(id), (old) =>
        old === undefined ? old : mergeRows(old, rows),
      );
  });
  return isGone;
}

function mergeRows(runs: readonly RunView[], rows: readonly RunView[]): RunView[] {
  const changed = new Map(rows.map((row) => [row.id, row]));
  const known = new Set(runs.map((run) => run.id));
  return [...runs.map((run) => changed.get(run.id) ?? run), ...rows.filter((row) => !known.has(row.id))];
}

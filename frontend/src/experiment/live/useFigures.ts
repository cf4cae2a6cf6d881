import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { live } from "../../live/liveClient";
import type { LiveUpdate } from "../../live/messages";
import type { FigureName, FigureSet } from "../types";
import { LiveFigureSet } from "./figureSet";
import { type FigureQuery, readFigures } from "./queries";

/** A figure set, decoded and kept up to date; the previous one is shown until a new one is loaded. */
export function useFigures(id: number, figure: FigureName, query: FigureQuery, enabled = true) {
  const options = readFigures(id, figure, query);
  const result = useQuery({ ...options, enabled, placeholderData: keepPreviousData });
  const { data, error, refetch, isPlaceholderData } = result;
  const queryClient = useQueryClient();
  const figureSet = useMemo(() => (data === undefined ? null : new LiveFigureSet(data.set)), [data]);
  const take = useCallback(
    (update: LiveUpdate) => {
      if (figureSet === null) return;
      // The page itself says that the experiment was deleted.
      if (update.gone) return;
      if (update.since != null) figureSet.apply(update);
      // A whole set replaces the previous one.
      else queryClient.setQueryData(options.queryKey, { set: update as unknown as FigureSet, query });
    },
    [figureSet, options.queryKey, query, queryClient],
  );
  const latest = useRef(take);
  latest.current = take;
  const isFollowed = enabled && figureSet !== null && !isPlaceholderData;
  useEffect(() => {
    if (!isFollowed) return;
    // The set's current version: it may have been updated since it was loaded.
    return live.follow(figureSet.info.topic, figureSet.info.version, (update) => latest.current(update));
  }, [figureSet, isFollowed]);
  return { figureSet, axis: data?.query.x ?? "epoch", error, refetch, isPlaceholderData } as const;
}

/** A number that changes with every update of the set, for components. */
export function useRevision(figureSet: LiveFigureSet | null): number {
  return useSyncExternalStore(figureSet?.subscribe ?? forget, () => figureSet?.revision ?? 0);
}

function forget(): () => void {
  return () => undefined;
}

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { live } from "../../live/liveClient";
import type { LiveUpdate } from "../../live/messages";
import type { FigureName, FigureSet } from "../types";
import { LiveFigureSet } from "./figureSet";
import { type FigureQuery, readFigures } from "./queries";

/** A set of figures, decoded and kept up to date; the one before stays until a new one is there. */
export function useFigures(id: number, figure: FigureName, query: FigureQuery, enabled = true) {
  const options = readFigures(id, figure, query);
  const result = useQuery({ ...options, enabled, placeholderData: keepPreviousData });
  const { data, error, refetch, isPlaceholderData } = result;
  const queryClient = useQueryClient();
  const figureSet = useMemo(() => (data === undefined ? null : new LiveFigureSet(data.set)), [data]);
  const take = useCallback(
    (update: LiveUpdate) => {
      if (figureSet === null) return;
      // That it is gone is said by the page as a whole.
      if (update.gone) return;
      if (update.since != null) figureSet.apply(update);
      // Told anew, whole: what it was before does not matter.
      else queryClient.setQueryData(options.queryKey, { set: update as unknown as FigureSet, query });
    },
    [figureSet, options.queryKey, query, queryClient],
  );
  const latest = useRef(take);
  latest.current = take;
  const isFollowed = enabled && figureSet !== null && !isPlaceholderData;
  useEffect(() => {
    if (!isFollowed) return;
    // What the set has by now: it may have been followed before.
    return live.follow(figureSet.info.topic, figureSet.info.version, (update) => latest.current(update));
  }, [figureSet, isFollowed]);
  return { figureSet, axis: data?.query.x ?? "epoch", error, refetch, isPlaceholderData } as const;
}

/** Changes with every change of the set: for what is drawn by React. */
export function useRevision(figureSet: LiveFigureSet | null): number {
  return useSyncExternalStore(figureSet?.subscribe ?? forget, () => figureSet?.revision ?? 0);
}

function forget(): () => void {
  return () => undefined;
}

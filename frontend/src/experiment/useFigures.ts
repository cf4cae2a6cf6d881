import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { Feed } from "./feed";
import { FigureGroup } from "./group";
import { type FigureQuery, POINTS, readFigures } from "./queries";
import type { FigureName } from "./types";

/** A set of figures, decoded and kept up to date; the one before stays until a new one is there. */
export function useFigures(id: number, figure: FigureName, query: FigureQuery, feed: Feed, enabled = true) {
  const result = useQuery({ ...readFigures(id, figure, query), enabled, placeholderData: keepPreviousData });
  const { data, error, refetch, isPlaceholderData } = result;
  const group = useMemo(
    () => (data === undefined ? null : new FigureGroup(data.set, data.query.x ?? "epoch", POINTS)),
    [data],
  );
  useEffect(() => {
    if (group === null) return;
    if (!group.set.ended) feed.open(group.set.cursor);
    const detach = feed.attach(group);
    let isAsked = false;
    const heal = () => {
      if (!group.hasGap || isAsked) return;
      isAsked = true;
      void refetch();
    };
    heal();
    const forget = group.subscribe(heal);
    return () => {
      detach();
      forget();
    };
  }, [group, feed, refetch]);
  return { group, axis: data?.query.x ?? "epoch", error, refetch, isPlaceholderData } as const;
}

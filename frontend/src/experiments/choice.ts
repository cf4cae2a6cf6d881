import { getRouteApi } from "@tanstack/react-router";
import { createContext, useCallback, useMemo } from "react";
import type { ListSearch } from "../api/queries";
import { parseIds, writeIds } from "../compare/search";

const route = getRouteApi("/");

/** The experiments chosen to be compared, in the order in which they were chosen. */
export interface Choice {
  ids: readonly number[];
  toggle: (id: number) => void;
  clear: () => void;
}

export const ChoiceContext = createContext<Choice>({
  ids: [],
  toggle: () => undefined,
  clear: () => undefined,
});

/** The choice, kept in the search parameters: it survives other pages of the list, and coming back. */
export function useChoice(): Choice {
  const { chosen } = route.useSearch();
  const navigate = route.useNavigate();
  const { ids } = useMemo(() => parseIds(chosen), [chosen]);
  const set = useCallback(
    (change: (ids: number[]) => number[]) =>
      void navigate({
        search: (old: ListSearch) => ({ ...old, chosen: writeIds(change(parseIds(old.chosen).ids)) }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  return useMemo(
    () => ({
      ids,
      toggle: (id) => set((old) => (old.includes(id) ? old.filter((own) => own !== id) : [...old, id])),
      clear: () => set(() => []),
    }),
    [ids, set],
  );
}

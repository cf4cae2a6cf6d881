import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { ApiError, api, type Schemas, unwrap } from "./client";
import { experimentKey, LIST_KEY } from "./queryKeys";
import { deleteUnsavedEdits } from "./unsavedEdits";

export type State = Schemas["State"];
/** `chosen`: the ids of experiments to compare, as in `3,7`. */
export type ListSearch = { text?: string; state?: State; tag?: string; page?: number; chosen?: string };
export const PAGE_SIZE = 25;
// Milliseconds between two polls of the list; unchanged, it is answered with 304 and no body.
const POLL = 1000;

const ACTIVE: readonly State[] = ["queued", "running"];

export function isActive(state: State): boolean {
  return ACTIVE.includes(state);
}

interface Tagged {
  page: Schemas["Page"];
  tag: string | null;
}

/**
 * One page of the experiments table, polled with its ETag. A hidden tab pauses, and polls at once when it is shown.
 */
export function listExperiments({ text = "", state, tag, page = 1 }: ListSearch) {
  const query = { text, state, tag, offset: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE };
  return queryOptions({
    queryKey: [...LIST_KEY, { text, state, tag, page }],
    queryFn: async ({ signal, client, queryKey }): Promise<Tagged> => {
      const known = client.getQueryData<Tagged>(queryKey);
      const header = known?.tag ? { "if-none-match": known.tag } : {};
      const answer = await api.GET("/api/experiments", { params: { query, header }, signal });
      if (known && answer.response.status === 304) return known;
      return { page: await unwrap(Promise.resolve(answer)), tag: answer.response.headers.get("ETag") };
    },
    select: ({ page }) => page,
    refetchInterval: POLL,
    refetchOnWindowFocus: "always",
  });
}

export function readExperiment(id: number) {
  return queryOptions({
    queryKey: experimentKey(id),
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/experiments/{experiment_id}", { params: { path: { experiment_id: id } }, signal }),
      ),
    retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
  });
}

/** Removes everything cached or stored of a deleted experiment. */
export function forgetExperiment(queryClient: QueryClient, id: number): Promise<void> {
  deleteUnsavedEdits(id);
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[1] === id });
  return queryClient.invalidateQueries({ queryKey: LIST_KEY });
}

export function readCatalogue() {
  return queryOptions({
    queryKey: ["catalogue"],
    // openapi-fetch widens the previews' pairs to lists of any length.
    queryFn: ({ signal }) => unwrap(api.GET("/api/catalogue", { signal })) as Promise<Schemas["Catalogue"]>,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function readDemonstration() {
  return queryOptions({
    queryKey: ["demonstration"],
    queryFn: ({ signal }) => unwrap(api.GET("/api/demonstration", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function readSystem() {
  return queryOptions({
    queryKey: ["system"],
    queryFn: ({ signal }) => unwrap(api.GET("/api/system", { signal })),
    refetchInterval: 3000,
  });
}
